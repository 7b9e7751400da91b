"""The actions of the app's table that belong to no single widget."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import work

from coder_tui.assistant.host import ModelHost
from coder_tui.config import paths
from coder_tui.config.keymap import Where, conflicts
from coder_tui.core.errors import CoderError, NoModelError
from coder_tui.ui.bindings import IN_APP
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.chatting import Chatting
from coder_tui.ui.editor.find import FindBar
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.files import Files, go_to
from coder_tui.ui.in_turn import InTurn
from coder_tui.ui.keeping import Keeping
from coder_tui.ui.launch import Launch
from coder_tui.ui.layout import Panels
from coder_tui.ui.open_file import OpenFile, language_name
from coder_tui.ui.screens.ask import Answer, Ask
from coder_tui.ui.status import StatusBar
from coder_tui.ui.suggesting import Suggesting
from coder_tui.ui.telling import tell
from coder_tui.ui.tree import FileTree

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready
    from coder_tui.ui.screens.pick import Picked, Symbols


class Actions(InTurn, inherit_bindings=False):
    """What the app is made of, and what can be done with it."""

    launch: Launch
    editors: Editors
    tree_view: FileTree
    chat: ChatPanel
    status: StatusBar
    files: Files
    keeping: Keeping
    suggesting: Suggesting
    chatting: Chatting
    panels: Panels
    host: ModelHost
    ready: Ready | None
    is_model_coming = True
    """Whether one is being looked for or loaded."""

    def model(self) -> Ready | None:
        """The model; None while it is being loaded. Raises NoModelError where none is."""
        if self.ready is None and not self.is_model_coming:
            raise NoModelError("there is no model to ask", hint="choose one: /model")
        return self.ready

    def action_help(self) -> None:
        from coder_tui.ui.screens.help import Help

        self.push_screen(Help(self.table, conflicts(self.table)))

    async def action_commands(self) -> None:
        await self._pick(">")

    async def action_quick_open(self) -> None:
        await self._pick("")

    async def action_go_to_symbol(self) -> None:
        await self._pick("@")

    async def action_find_symbol(self) -> None:
        await self._pick("#")

    async def action_go_to_line(self) -> None:
        await self._pick(":")

    async def _pick(self, start: str) -> None:
        """Until it is there: what is typed next is meant for it."""
        from coder_tui.ui.screens.pick import Pick

        await self.push_screen(Pick(self.tree_view.paths, self.table, self._symbols(), start), self._picked)

    def _symbols(self) -> Symbols:
        from coder_tui.assistant.symbols import in_text
        from coder_tui.ui.screens.pick import Symbols

        file, workspace = self.editors.active, self.launch.workspace
        here = partial(in_text, file.area.content, file.path_name or file.name) if file is not None else None
        return Symbols(here, workspace.names.matching if workspace is not None else None)

    async def _picked(self, picked: Picked | None) -> None:
        if picked is None:
            return
        if picked.kind == "file":
            await self._ask(lambda: self.files.open(self.launch.directory / picked.value))
        elif picked.kind == "symbol":
            await self._ask(lambda: self.files.open(self.launch.directory / picked.value, picked.line))
        elif picked.kind == "line" and self.editors.active is not None:
            go_to(self.editors.active.area, picked.line - 1)
            self.editors.focus_area()
        elif picked.kind == "action":
            await self._run_named(picked.value)

    async def _run_named(self, name: str) -> None:
        """Run an action of the table where it belongs."""
        action = next(one for one in self.table if one.name == name)
        if action.where is Where.EDITOR and name not in IN_APP:
            if self.editors.active is not None:
                await self.run_action(name, self.editors.active.area)
        else:
            await self.run_action(name, self)

    async def action_new_file(self) -> None:
        await self._ask(self.files.new)

    def action_save(self) -> None:
        self._with_file(self.files.save)

    async def action_save_as(self) -> None:
        if (file := self.editors.active) is not None:
            await self._ask(lambda: self.files.save_as(file))

    async def action_close_tab(self) -> None:
        async def close(file: OpenFile) -> None:
            if await self.files.close(file):
                self.keeping.forget(file)

        if (file := self.editors.active) is not None:
            await self._ask(lambda: close(file))

    def _with_file(self, what: Callable[[OpenFile], Coroutine[Any, Any, object]]) -> None:
        file = self.editors.active
        if file is not None:
            self._do(lambda: what(file))

    def action_next_tab(self) -> None:
        self.editors.step(1)

    def action_previous_tab(self) -> None:
        self.editors.step(-1)

    async def action_find(self) -> None:
        await self.query_one(FindBar).open(replace=False)

    async def action_replace(self) -> None:
        await self.query_one(FindBar).open(replace=True)

    async def action_find_next(self) -> None:
        await self.query_one(FindBar).step(forward=True)

    async def action_find_previous(self) -> None:
        await self.query_one(FindBar).step(forward=False)

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

    def action_toggle_language(self) -> None:
        """For this file's language, now and at the next start."""
        from coder_tui.config import edit

        file = self.editors.active
        if file is None:
            return
        comes, name = self.suggesting.toggle_language(file), language_name(file)
        self.notify(f"suggestions come in {name} files" if comes else f"no suggestions in {name} files", markup=False)
        try:
            edit.set_value(paths.user_file(), "app.suggest_not_in", ",".join(self.suggesting.not_in), project=False)
        except CoderError as error:
            tell(self, error)

    def action_toggle_wrap(self) -> None:
        self.files.wrap = not self.files.wrap
        for file in self.editors.files:
            file.area.soft_wrap = self.files.wrap

    def action_toggle_dark(self) -> None:
        self.theme = "textual-light" if self.current_theme.dark else "textual-dark"

    async def action_themes(self) -> None:
        from coder_tui.ui.themes import choose

        await self._ask(lambda: choose(self))

    def action_toggle_tree(self) -> None:
        self.panels.toggle(self.tree_view)

    def action_toggle_chat(self) -> None:
        self.panels.toggle(self.chat)

    def action_larger(self) -> None:
        self.panels.resize(2)

    def action_smaller(self) -> None:
        self.panels.resize(-2)

    def action_next_panel(self) -> None:
        self.panels.step()

    def action_attach(self) -> None:
        file = self.editors.active
        if file is None:
            self.notify("no file is open", severity="warning", markup=False)
            return
        self.chatting.attaching.attach(file)
        self.panels.show(self.chat)

    async def action_edit_selection(self) -> None:
        from coder_tui.ui.selection_editing import edit_selection

        code, around, listed = self.chatting.code, self.suggesting.surroundings, self.files.listed
        if (file := self.editors.active) is not None:
            await self._ask(lambda: edit_selection(self, file, self.model, code, around, listed))

    def action_external_editor(self) -> None:
        from coder_tui.ui.external import edited_outside, prompt_outside

        if self.focused is self.chat.prompt:
            prompt_outside(self, self.chat.prompt)
            return
        self._with_file(lambda file: edited_outside(self, self.files, file))

    async def action_context(self) -> None:
        from coder_tui.ui.looking import show_context

        await self._ask(lambda: show_context(self))

    def action_models(self, first: bool = False) -> None:
        self._choose_model(first=first)

    @work(group="models", exclusive=True, exit_on_error=False)
    async def _choose_model(self, *, first: bool) -> None:
        """Show the models; use the one that is chosen from now on."""
        from dataclasses import replace

        from coder_tui.config import edit
        from coder_tui.ui.screens.models import Models

        settings = self.launch.settings
        directory = paths.models_dir(settings.paths.models)
        name = await self.push_screen_wait(Models(directory, settings.model.name, first=first))
        if name is None:
            return
        settings = replace(settings, model=replace(settings.model, name=name))
        self.launch = replace(self.launch, settings=settings)
        self.host.release()
        self.host.start(settings)
        self.is_model_coming = True
        if first and not Path(name).is_absolute():  # one that is fetched is found again
            return
        try:
            edit.set_value(paths.user_file(), "model.name", name, project=False)
        except CoderError as error:
            tell(self, error)

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


_QUIT = [
    Answer("save", "Save all"),
    Answer("discard", "Don't save", danger=True),
    Answer("cancel", "Stay"),
]
