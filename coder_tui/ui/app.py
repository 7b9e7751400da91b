"""The app: what is on the screen, and which part does what an action asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import work
from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.worker import Worker, WorkerState

from coder_tui.assistant.host import Broken, Loading, Missing, ModelHost, State
from coder_tui.assistant.live import Report
from coder_tui.assistant.opening import Ready
from coder_tui.config import paths
from coder_tui.config.keymap import Where, actions, conflicts
from coder_tui.core.plain import plain
from coder_tui.edits.recovery import Copy, Recovery
from coder_tui.ui.bindings import bindings, key_name, keymap
from coder_tui.ui.editor.area import CodeArea
from coder_tui.ui.editor.find import FindBar
from coder_tui.ui.editor.tabs import WELCOME, Editors
from coder_tui.ui.faults import logged
from coder_tui.ui.files import Files, go_to, language_name
from coder_tui.ui.keeping import Keeping, described
from coder_tui.ui.launch import Launch
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.screens.ask import Answer, Ask
from coder_tui.ui.screens.help import Help
from coder_tui.ui.screens.pick import Pick, Picked
from coder_tui.ui.status import StatusBar
from coder_tui.ui.suggesting import Suggesting
from coder_tui.ui.telling import in_thread, tell
from coder_tui.ui.tree import FileTree

_LOOK_S = 2.0
"""How often open files are compared with what is on disk."""


class CoderApp(App[None], inherit_bindings=False):
    CSS_PATH = "app.tcss"
    TITLE = "coder"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.APP)]

    @dataclass
    class ModelTold(Message):
        """The model's state has changed."""

        state: State

    @dataclass
    class Suggested(Message):
        """Something came for the suggestion that was asked for."""

        report: Report

    def __init__(self, launch: Launch) -> None:
        super().__init__()
        self.launch = launch
        self.table = actions(launch.settings.keys)
        settings = launch.settings
        self.editors = Editors(self._welcome())
        self.tree_view = FileTree(launch.directory.name or str(launch.directory))
        self.status = StatusBar()
        self.files = Files(self, self.editors, launch, wrap=settings.app.wrap == "on")
        self.files.saved = self._saved
        self.keeping = Keeping(self, self.editors, Recovery(paths.state_dir() / "recovery"))
        self.suggesting = Suggesting(
            self, settings.app.suggest, settings.app.suggest_not_in, lambda text: self.status.say(suggestion=text)
        )
        self.ready: Ready | None = None
        self.faults: list[BaseException] = []
        """What nobody foresaw."""
        self.host = ModelHost(
            settings,
            lambda state: self._post(self.ModelTold(state)),
            find=launch.find_model,
            log_file=launch.log_file,
            open_model=launch.open_model,
        )

    def compose(self) -> ComposeResult:
        with Horizontal(id="main"):
            yield self.tree_view
            with Horizontal(id="work"):
                yield self.editors
        yield self.status

    def on_mount(self) -> None:
        self.set_keymap(keymap(self.table))
        for conflict in conflicts(self.table):
            self.notify(str(conflict), severity="warning", timeout=10, markup=False)
        for warning in self.launch.warnings:
            self.notify(warning, severity="warning", timeout=10, markup=False)
        self.status.say(model="loading …")
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """What need not be there for the first picture."""
        self.host.start()
        self.set_interval(_LOOK_S, self._look)
        self.start()
        self.list_files()

    def _post(self, message: Message) -> None:
        """From any thread; nothing when the app has ended."""
        if self.is_running:
            self.post_message(message)

    async def on_unmount(self) -> None:
        self.suggesting.close()
        await in_thread(self.host.close)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.faults.append(error)
            self.notify(plain(logged(error)), severity="error", timeout=15, markup=False)

    # The beginning.

    @work(group="start", exit_on_error=False)
    async def start(self) -> None:
        """Open what was named, and offer what a crash has left."""
        if self.launch.file is not None:
            await self.files.open(self.launch.file, self.launch.line)
        copies = await in_thread(self.keeping.recovery.found)
        if copies:
            await self._offer(copies)

    async def _offer(self, copies: list[Copy]) -> None:
        question = "There is text that was not saved when coder ended. Open it?"
        answer = await self.push_screen_wait(Ask(question, _RECOVER, described(copies)))
        for copy in copies:
            if answer == "open":
                await self._recover(copy)
            if answer in {"open", "discard"}:
                await in_thread(partial(self.keeping.recovery.discard, copy))

    async def _recover(self, copy: Copy) -> None:
        file = await self.files.open(Path(copy.path)) if copy.path else await self.files.new()
        if file is None:  # what is on disk cannot be opened: the text must not be lost with it
            file = await self.files.new()
        file.area.replace_all(copy.text)
        go_to(file.area, copy.line, copy.column)
        if copy.digest and file.document.digest != copy.digest:
            text = f"{file.name} has changed on disk since; compare before you save"
            self.notify(text, severity="warning", markup=False)
        await self.keeping.keep(file)

    @work(group="files", exclusive=True, exit_on_error=False)
    async def list_files(self) -> None:
        """Fill the tree."""
        from coder_tui.ui.listing import listed

        listing = await in_thread(partial(listed, self.launch.directory, self.launch.root))
        self.tree_view.fill(listing.paths)
        self.status.say(branch=listing.branch)
        if listing.problem:
            self.notify(listing.problem, severity="warning", markup=False)
        if self.editors.active is not None:
            self.tree_view.reveal(self.editors.active.path_name)

    # The model.

    def on_coder_app_model_told(self, event: ModelTold) -> None:
        state = event.state
        self.ready = state if isinstance(state, Ready) else None
        if isinstance(state, Loading):
            self.status.say(model=f"loading {state.name} …", device="")
        elif isinstance(state, Missing):
            self.status.say(model=f"no model ({key_name(self._key('models'))})", device="")
        elif isinstance(state, Broken):
            self.status.say(model="no model", device="")
            tell(self, state.error)
        else:
            self.status.say(model=state.info.name, device="GPU" if state.on_gpu else f"CPU {state.threads} threads")
        self.suggesting.use(self.ready, lambda report: self._post(self.Suggested(report)))

    def on_coder_app_suggested(self, event: Suggested) -> None:
        self.suggesting.take(event.report)

    # The editor tells.

    def on_code_area_edited(self, event: CodeArea.Edited) -> None:
        file = self.editors.file_of(event.area)
        if file is not None:
            self.suggesting.edited(file, typed=event.typed, along=event.along)
            self.keeping.changed(file)
            self.editors.update_tabs()
            self._show_place()

    def on_code_area_taken(self, event: CodeArea.Taken) -> None:
        file = self.editors.file_of(event.area)
        if file is not None:
            self.suggesting.accepted(file)

    def on_code_area_ghost_gone(self, event: CodeArea.GhostGone) -> None:
        del event
        if self.suggesting.is_shown_out():
            self.suggesting.cancel()

    def on_text_area_selection_changed(self, event: CodeArea.SelectionChanged) -> None:
        area = event.text_area
        file = self.editors.file_of(area) if isinstance(area, CodeArea) else None
        if file is not None:
            self.suggesting.moved(file)
            self._show_place()

    def on_editors_switched(self, event: Editors.Switched) -> None:
        self.suggesting.cancel()
        if event.file is not None:
            self.tree_view.reveal(event.file.path_name)
        self._show_place()

    def on_file_tree_opened(self, event: FileTree.Opened) -> None:
        self._do(lambda: self.files.open(self.launch.directory / event.path))

    def _show_place(self) -> None:
        file = self.editors.active
        if file is None:
            self.status.say(file="", modified=False, place="", language="", encoding="", note="")
            return
        line, column = file.area.cursor_location
        plain_text = file.area.highlighter.is_plain and file.area.document.line_count > 1000
        self.status.say(
            file=file.path_name or file.name,
            modified=file.modified,
            place=f"{line + 1}:{column + 1}",
            language=language_name(file),
            encoding=file.document.encoding,
            note="read-only" if file.area.read_only else "too large for colours" if plain_text else "",
        )

    # Actions.

    def _do(self, what: Callable[[], object]) -> None:
        """Run a coroutine that may ask the user something."""
        self.run_worker(what(), exit_on_error=False)  # type: ignore[arg-type] # a coroutine

    def action_help(self) -> None:
        self.push_screen(Help(self.table, conflicts(self.table)))

    def action_commands(self) -> None:
        self.push_screen(Pick(self.tree_view.paths, self.table, ">"), self._picked)

    def action_quick_open(self) -> None:
        self.push_screen(Pick(self.tree_view.paths, self.table), self._picked)

    def action_go_to_line(self) -> None:
        self.push_screen(Pick(self.tree_view.paths, self.table, ":"), self._picked)

    async def _picked(self, picked: Picked | None) -> None:
        if picked is None:
            return
        if picked.kind == "file":
            self._do(lambda: self.files.open(self.launch.directory / picked.value))
        elif picked.kind == "line" and self.editors.active is not None:
            go_to(self.editors.active.area, int(picked.value) - 1)
            self.editors.focus_area()
        elif picked.kind == "action":
            await self._run_named(picked.value)

    async def _run_named(self, name: str) -> None:
        """Run an action of the table where it belongs."""
        action = next(one for one in self.table if one.name == name)
        namespace = self
        if action.where is Where.EDITOR and not hasattr(self, f"action_{name}"):
            if self.editors.active is None:
                return
            await self.run_action(name, self.editors.active.area)
            return
        await self.run_action(name, namespace)

    def action_new_file(self) -> None:
        self._do(self.files.new)

    def action_save(self) -> None:
        self._with_file(self.files.save)

    def action_save_as(self) -> None:
        self._with_file(self.files.save_as)

    def action_close_tab(self) -> None:
        async def close(file: OpenFile) -> None:
            if await self.files.close(file):
                self.keeping.forget(file)

        self._with_file(close)

    def _with_file(self, what: Callable[[OpenFile], object]) -> None:
        file = self.editors.active
        if file is not None:
            self._do(lambda: what(file))

    def action_next_tab(self) -> None:
        self.editors.step(1)

    def action_previous_tab(self) -> None:
        self.editors.step(-1)

    def action_find(self) -> None:
        self.query_one(FindBar).open(replace=False)

    def action_replace(self) -> None:
        self.query_one(FindBar).open(replace=True)

    def action_find_next(self) -> None:
        self.query_one(FindBar).step(forward=True)

    def action_find_previous(self) -> None:
        self.query_one(FindBar).step(forward=False)

    def action_suggest(self) -> None:
        if self.editors.active is not None:
            if self.ready is None:
                self.notify("no model is loaded yet", markup=False)
            self.suggesting.ask(self.editors.active)

    def action_toggle_suggestions(self) -> None:
        on = self.suggesting.mode == "off"
        self.suggesting.mode = "auto" if on else "off"
        self.suggesting.cancel()
        self.notify("suggestions come while you type" if on else "suggestions are off", markup=False)

    def action_toggle_wrap(self) -> None:
        self.files.wrap = not self.files.wrap
        for file in self.editors.files:
            file.area.soft_wrap = self.files.wrap

    def action_toggle_dark(self) -> None:
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    def action_toggle_tree(self) -> None:
        if self.tree_view.has_focus:
            self.tree_view.display = False
            self.editors.focus_area()
        else:
            self.tree_view.display = True
            self.tree_view.focus()

    def action_quit(self) -> None:  # type: ignore[override] # Textual's own waits for nothing either
        self._quit()

    @work(group="quit", exclusive=True, exit_on_error=False)
    async def _quit(self) -> None:
        """End at once when nothing is modified, else ask."""
        modified = [file for file in self.editors.files if file.modified]
        if modified:
            names = "\n".join(file.path_name or file.name for file in modified)
            answer = await self.push_screen_wait(Ask("Save what you changed?", _QUIT, names))
            if answer not in {"save", "discard"}:
                return
            for file in modified:
                if answer == "save" and not await self.files.save(file):
                    return
        for file in self.editors.files:
            self.keeping.forget(file)
        self.exit()

    def _saved(self, file: OpenFile) -> None:
        self.keeping.forget(file)
        self._show_place()
        if file.path_name not in self.tree_view.paths:
            self.list_files()

    def _look(self) -> None:
        self.run_worker(self.files.look(), group="look", exclusive=True, exit_on_error=False)

    def _key(self, name: str) -> str:
        return next((action.keys[0] for action in self.table if action.name == name and action.keys), "")

    def _welcome(self) -> str:
        names = {"open": "quick_open", "new": "new_file", "chat": "toggle_chat", "commands": "commands", "help": "help"}
        return WELCOME.format(**{word: f"{key_name(self._key(name)):>8}" for word, name in names.items()})


_QUIT = [
    Answer("save", "Save all", "s"),
    Answer("discard", "Don't save", "d", danger=True),
    Answer("stay", "Stay", "c"),
]
_RECOVER = [Answer("open", "Open", "o"), Answer("discard", "Discard", "d", danger=True), Answer("later", "Later", "l")]
