"""Choosing a model, and fetching one: also the first thing that somebody without a model sees."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import events, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, ProgressBar, Static

from coder_tui.assistant.devices import gpus
from coder_tui.config.keymap import Where
from coder_tui.core.errors import CoderError, DownloadError
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings, said, table_of
from coder_tui.ui.fields import Field
from coder_tui.ui.lists import Rows
from coder_tui.ui.screens.dialog import Dialog
from coder_tui.ui.telling import in_thread
from coder_tui.weights import catalog, hardware, store
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.progress import Progress, Step
from coder_tui.weights.pull import pull
from coder_tui.weights.sizes import size_text

_CONTEXT = 8192
_FIRST = (
    "Suggestions and chat need a model. It is fetched once and runs on this machine; nothing you write leaves it. "
    "The editor works without."
)
Pull = Callable[[CatalogEntry, Path, Callable[[Progress], None]], Path]


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of the list."""

    name: str
    text: str
    here: bool
    recommended: bool
    entry: CatalogEntry | None


def offers(models_dir: Path, gpus: Sequence[str] = ()) -> tuple[str, list[Offer]]:
    """(what this machine is, what can be used on it): models that are here first, then those that fit."""
    machine = hardware.detect()
    best = hardware.recommend(catalog.load(), machine, context_tokens=_CONTEXT, gpu=bool(gpus))
    here = {one.name: one for one in store.installed(models_dir) if one.complete}
    found: list[Offer] = []
    for entry in catalog.load():
        needed = hardware.needed_bytes(entry.size_bytes, entry.kv_bytes_per_token, _CONTEXT)
        fits = hardware.fits(needed, machine)
        installed = here.pop(entry.name, None) is not None
        if installed or fits is not hardware.Fit.NO:
            where = "here" if installed else "tight" if fits is hardware.Fit.TIGHT else "to fetch"
            text = f"{entry.name:<23} {size_text(entry.size_bytes):>8}  {where:<9}{entry.title}"
            found.append(Offer(entry.name, text, installed, best is not None and entry.name == best.name, entry))
    for one in here.values():
        text = f"{plain(one.name):<23} {size_text(one.size_bytes):>8}  here     {plain(one.path.name)}"
        found.append(Offer(str(one.path), text, True, False, None))
    found.sort(key=lambda offer: (not offer.here, not offer.recommended, offer.name != "starter"))
    about = f"This machine: {size_text(machine.available_bytes)} of memory free, {machine.cores} cores"
    return "; ".join([about, *(plain(one) for one in gpus)]), found


def described(offer: Offer, *, recommended: str) -> str:
    """What a model is, and where it comes from."""
    entry = offer.entry
    if entry is None:
        return offer.name
    home = "" if offer.here else f"\nfrom the model hub: {entry.repo}, {entry.file}"
    index = "\nor, where that is not reached, from pip's package index" if entry.parts and not offer.here else ""
    return f"{recommended}{entry.title}, {entry.kind}, {entry.licence}{home}{index}"


class Models(Dialog[str | None]):
    """Returns the name or path of the model to use; None when nothing was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.LIST)]

    @dataclass
    class Pulled(Message):
        """How a download goes."""

        progress: Progress

    def __init__(
        self,
        models_dir: Path,
        current: str,
        *,
        first: bool,
        pull_model: Pull = pull,
        find_gpus: Callable[[], Sequence[str]] | None = None,
    ) -> None:
        super().__init__()
        self._find_gpus = find_gpus or gpus
        self._models_dir, self._current, self._first, self._pull = models_dir, current, first, pull_model
        self._offers: list[Offer] = []
        self._stop: threading.Event | None = None
        self._told: tuple[Step | None, int] = (None, -1)

    def compose(self) -> ComposeResult:
        with Vertical(id="models", classes="dialog") as box:
            box.border_title = "Welcome to coder" if self._first else "Models"
            keys = said(table_of(self), {"list_choose": "uses or fetches it", "list_close": "closes"})
            box.border_subtitle = f"* recommended here · {keys}"
            if self._first:
                yield Static(Content(_FIRST), id="models-first")
            yield Static(id="models-machine", classes="dialog-detail")
            yield Rows(name="models-list")
            yield Field("", "or the path of a GGUF file", Where.LIST, self, name="models-path", compact=True)
            yield Static(id="models-line", classes="dialog-detail")
            yield ProgressBar(id="models-bar", show_eta=True)

    def on_mount(self) -> None:
        self.query_one("#models-bar").display = False
        self._fill()

    def on_resize(self, event: events.Resize) -> None:
        self.query_one(Rows).be_at_most(event.size.height // 4)

    @work(exit_on_error=False)
    async def _fill(self) -> None:
        await self._offer(())
        found = await in_thread(self._find_gpus)
        if found and self._stop is None:
            await self._offer(found)

    async def _offer(self, found: Sequence[str]) -> None:
        try:
            machine, self._offers = await in_thread(partial(offers, self._models_dir, found))
        except CoderError as error:
            self._say(str(error), error.hint)
            return
        self.query_one("#models-machine", Static).update(Content(machine))
        lines = []
        for offer in self._offers:
            mark = " ✓" if offer.name == self._current else " *" if offer.recommended else "  "
            lines.append(Content(f"{mark} {offer.text}"))
        options = self.query_one(Rows)
        options.show(lines)
        options.focus()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        if self._stop is None and event.option_index < len(self._offers):
            offer = self._offers[event.option_index]
            self._say(described(offer, recommended="recommended here: " if offer.recommended else ""))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        offer = self._offers[event.option_index]
        if self._stop is not None:
            return
        if offer.here or offer.entry is None:
            self.dismiss(offer.name)
        else:
            self._fetch(offer.entry)

    def action_list_choose(self) -> None:
        """What is written in the field."""
        text = "".join(field.value for field in self.query(Field)).strip()  # there is none before the first picture
        if self._stop is None and text:
            self._use(Path(text).expanduser().absolute())

    @work(exit_on_error=False, exclusive=True, group="path")
    async def _use(self, path: Path) -> None:
        """A file of the user's own, if it is a model."""
        from coder_tui.weights import gguf_file

        if not path.is_file():
            self._say(f"there is no file {path}")
            return
        self._say("looking at it …")
        try:
            await in_thread(partial(gguf_file.inspect, path))
        except CoderError as error:
            self._say(str(error))
            self._show_line()
        else:
            self.dismiss(str(path))

    def action_list_down(self) -> None:
        """Between the list and the field."""
        self.query_one(Rows).focus()

    action_list_up = action_list_down

    def action_list_close(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._say("stopping …")
        else:
            self.dismiss(None)

    @work(exit_on_error=False, exclusive=True)
    async def _fetch(self, entry: CatalogEntry) -> None:
        stop = self._stop = threading.Event()

        def report(progress: Progress) -> None:
            if stop.is_set():
                raise DownloadError("stopped; what has come is kept", hint="choose it again to go on")
            self._tell(progress)

        self._say(f"fetching {entry.name}: {size_text(entry.size_bytes)}, {entry.licence} · {self._stops}")
        self._show_line()
        try:
            await in_thread(partial(self._pull, entry, self._models_dir, report))
        except CoderError as error:
            again = said(table_of(self), {"list_choose": "tries again"})
            self._say(str(error), "\n".join(part for part in (error.hint, again) if part))
            self.query_one("#models-bar").display = False
            self._show_line()
        else:
            self.dismiss(entry.name)
        finally:
            self._stop = None

    def _tell(self, progress: Progress) -> None:
        """From the download's thread: at most one message for each hundredth."""
        share = progress.done * 100 // progress.total if progress.total else -1
        if (progress.step, share) != self._told or progress.note:
            self._told = (progress.step, share)
            self.post_message(self.Pulled(progress))

    def on_models_pulled(self, event: Pulled) -> None:
        progress = event.progress
        bar = self.query_one("#models-bar", ProgressBar)
        bar.display = bool(progress.total and progress.done)
        bar.update(total=progress.total or None, progress=progress.done)
        if progress.note:
            self._say(progress.note)
        elif progress.step is Step.CONNECTING or not progress.done:
            asked = {"hub": "the model hub", "index": "the package index"}.get(progress.source, "")
            self._say(f"{progress.step.value if not asked else f'asking {asked} …'} · {self._stops}")
        elif progress.total:
            size = f"{size_text(progress.done)} of {size_text(progress.total)}"
            self._say(f"{progress.step.value} {size} · {self._stops}")

    @property
    def _stops(self) -> str:
        return said(table_of(self), {"list_close": "stops"})

    def _show_line(self) -> None:
        """On a small screen it is below what is seen."""
        self.call_after_refresh(self.query_one("#models-line").scroll_visible, animate=False)

    def _say(self, text: str, hint: str | None = None) -> None:
        self.query_one("#models-line", Static).update(Content(plain(text + (f"\nhint: {hint}" if hint else ""))))
