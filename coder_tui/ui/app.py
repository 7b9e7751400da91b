"""The app: what is on the screen, and which part does what an action asks for."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.notifications import SeverityLevel
from textual.worker import Worker, WorkerState

from coder_tui.assistant.host import ModelHost
from coder_tui.assistant.opening import Ready
from coder_tui.config import paths
from coder_tui.config.keymap import Where, actions, conflicts
from coder_tui.context import repository
from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.core.standins import released
from coder_tui.edits.recovery import Recovery
from coder_tui.ui.alt_keys import teach
from coder_tui.ui.bindings import bindings, key_name, keymap
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.chatting import Chatting
from coder_tui.ui.clipboard import copy
from coder_tui.ui.desktop import notification
from coder_tui.ui.editor.tabs import WELCOME, Editors
from coder_tui.ui.ending import LastingDriver
from coder_tui.ui.faults import logged
from coder_tui.ui.files import Files
from coder_tui.ui.gutter import Gutter
from coder_tui.ui.hearing import Hearing
from coder_tui.ui.keeping import Keeping
from coder_tui.ui.launch import Launch
from coder_tui.ui.layout import Panels
from coder_tui.ui.messages import Answered, ModelTold
from coder_tui.ui.open_file import OpenFile
from coder_tui.ui.status import StatusBar
from coder_tui.ui.suggesting import Suggesting
from coder_tui.ui.telling import in_thread, tell
from coder_tui.ui.textual_compat import end_with, remember_clipboard, write_to_terminal
from coder_tui.ui.tree import FileTree
from coder_tui.ui.tree_editing import TreeEditing
from coder_tui.ui.watching import Watching

_LOOK_S = 2.0
"""How often open files are compared with what is on disk, besides whenever something is told to have changed."""


class CoderApp(Hearing, inherit_bindings=False):
    CSS_PATH = "app.tcss"
    TITLE = "coder"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.APP)]

    def __init__(self, launch: Launch) -> None:
        teach()
        super().__init__()
        self.launch = launch
        self.table = actions(launch.settings.keys)
        settings = launch.settings
        self.editors = Editors(self._welcome())
        self.tree_view = FileTree(launch.directory.name or str(launch.directory))
        self.status = StatusBar()
        self.files = Files(self, self.editors, launch, wrap=settings.app.wrap == "on")
        self.files.saved = self._saved
        self.files.listed = lambda: self.tree_view.paths
        self.chat = ChatPanel(lambda: self.tree_view.paths, self.table)
        self.chatting = Chatting(
            self, self.chat, self.editors, self.files, launch, lambda event: self._post(Answered(event))
        )
        self.chatting.early.model = self.model
        self.chatting.run = lambda name: self.call_later(self.run_action, name)
        self.chatting.tell_away = self._tell_away
        self.tree_editing = TreeEditing(self, self.editors, self.files, launch.directory, self.list_files)
        self.panels = Panels(self, self.editors, self.tree_view, self.chat, settings.app.chat)
        self.panels.arranged, self.status.is_chat_seen = self.status.refresh, lambda: self.panels.is_chat_seen
        self.keeping = Keeping(self, self.editors, Recovery(paths.state_dir() / "recovery"), launch.directory)
        self.suggesting = Suggesting(
            self, settings.app.suggest, settings.app.suggest_not_in, lambda text: self.status.say(suggestion=text)
        )
        workspace = launch.workspace
        if workspace is not None:
            self.suggesting.surroundings = self.chatting.talk.surroundings = lambda: workspace.surroundings
            self.chatting.talk.recorder = workspace.recorder
            self.chat.prompt.symbols = workspace.names.matching
        self.gutter = Gutter(self, launch.root)
        self.watching = Watching(self, self._look)
        self.ready: Ready | None = None
        self._git_stamp: tuple[int, ...] = ()
        """Of git's files, when they were last looked at."""
        self._problem = ""
        """Why git could not be asked last; it is told once."""
        self.faults: list[BaseException] = []
        """What nobody foresaw."""
        self.host = ModelHost(
            settings,
            lambda state: self._post(ModelTold(state)),
            find=launch.find_model,
            log_file=launch.log_file,
            open_model=launch.open_model,
        )

    def _fatal_error(self) -> None:
        """Nothing can go on after this: a line for the user, as everywhere. Unsaved text has its copies."""
        error = sys.exc_info()[1]
        if error is not None:
            end_with(self, f"error: {logged(error)}")

    def get_driver_class(self) -> type[Driver]:
        found = super().get_driver_class()
        return LastingDriver if found is LinuxDriver else found

    def compose(self) -> ComposeResult:
        with Horizontal(id="main"):
            yield self.tree_view
            with Horizontal(id="work"):
                yield self.editors
                yield self.chat
        yield self.status

    def on_mount(self) -> None:
        self._use_themes(self.launch.settings.app.theme)
        self.set_keymap(keymap(self.table))
        for conflict in conflicts(self.table):
            self.notify(str(conflict), severity="warning", timeout=10, markup=False)
        for warning in self.launch.warnings:
            self.notify(warning, severity="warning", timeout=10, markup=False)
        self.status.say(model="loading …")
        self.call_after_refresh(self._begin)

    def notify(
        self, message: str, *, title: str = "", severity: SeverityLevel = "information",
        timeout: float | None = None, markup: bool = False,
    ) -> None:  # fmt: skip
        """Whatever is told is text."""
        super().notify(plain(message), title=title, severity=severity, timeout=timeout, markup=markup)

    def _use_themes(self, wanted: str) -> None:
        """The theme of the settings; in 16 colours, without one, the terminal's own colours."""
        from coder_tui.ui import themes

        own = themes.found(paths.themes_dir())
        for theme in own.themes:
            self.register_theme(theme)
        for problem in own.problems:
            self.notify(problem, severity="warning", timeout=10, markup=False)
        if wanted == "auto" and self.console.color_system == "standard":
            wanted = "ansi-dark"
        if wanted in self.available_themes:
            self.theme = wanted
        elif wanted != "auto":
            self.notify(f"there is no theme {plain(wanted)}", severity="warning", markup=False)

    def _begin(self) -> None:
        """What need not be there for the first picture."""
        self.set_interval(_LOOK_S, self._look)
        self.start()
        if self.launch.workspace is not None:
            self.run_worker(in_thread(self.launch.workspace.open), group="workspace", exit_on_error=False)
            self.run_worker(self.chatting.carrying_out.recall(), group="recall", exit_on_error=False)

    async def on_unmount(self) -> None:
        self.watching.close()
        await self.keeping.keep_at_the_end()
        await self.files.leave(self.editors.files)
        await in_thread(self.suggesting.close)
        await in_thread(self.chatting.close)
        await in_thread(self.host.close)
        if self.launch.workspace is not None:
            await in_thread(self.launch.workspace.close)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            self.faults.append(error)
            self.notify(plain(logged(error)), severity="error", timeout=15, markup=False)

    # The beginning.

    def _load(self) -> None:
        """What takes the processor's time: not before the file is on the screen."""
        self.host.start()
        self.list_files()

    @work(group="start", exit_on_error=False)
    async def start(self) -> None:
        """Open what was named, and offer what a crash has left."""
        if self.launch.file is not None:
            await self.files.open(self.launch.file, self.launch.line)
        if self.launch.at_chat:
            self.panels.show(self.chat)
            await self._begin_chat()
        self.call_after_refresh(self._load)
        await self.keeping.offer(self.files)

    async def _begin_chat(self) -> None:
        for attachment in self.launch.attachments:
            self.chatting.talk.attach(attachment)
        if self.launch.session:
            try:
                await self.chatting.resume(self.launch.session)
            except CoderError as error:
                tell(self, error)
        self.chatting.attaching.show()

    @work(group="files", exclusive=True, exit_on_error=False)
    async def list_files(self) -> None:
        """Fill the tree."""
        from coder_tui.ui.listing import listed

        listing = await in_thread(partial(listed, self.launch.directory, self.launch.root))
        self.tree_view.fill(listing.paths, listing.states)
        self.status.say(branch=listing.branch)
        if listing.problem and listing.problem != self._problem:
            self.notify(listing.problem, severity="warning", markup=False)
        self._problem = listing.problem
        if self.editors.active is not None:
            self.tree_view.reveal(self.editors.active.path_name)

    def _saved(self, file: OpenFile) -> None:
        self.keeping.forget(file)
        self.gutter.later(file)
        self.touched(file, "edited")
        self._show_place()
        self.list_files()

    def copy_to_clipboard(self, text: str) -> None:
        """By a local program if there is one, else by the terminal."""
        text = released(text)  # editors hold stand-ins
        active = self.editors.active
        if active is not None and active.area.has_focus and active.area.selected_text:  # not out of the chat
            self.touched(active, "copied")
        remember_clipboard(self, text)
        self.run_worker(self._copy(text), group="copy", exit_on_error=False)

    async def _copy(self, text: str) -> None:
        copied = await in_thread(partial(copy, text, in_browser=self.is_web))
        if copied.sequence:
            write_to_terminal(self, copied.sequence)
        if copied.problem:
            self.notify(copied.problem, severity="warning", markup=False)

    def _tell_away(self, question: str) -> None:
        """An answer has come that somebody may wait for in another window."""
        if not self.app_focus:
            write_to_terminal(self, notification(f"answered: {question}", os.environ))

    def on_app_focus(self) -> None:
        """Somebody comes back, perhaps from git: look again."""
        self.gutter.forget()
        self.list_files()
        if self.editors.active is not None:
            self.gutter.later(self.editors.active)

    @work(group="look", exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        await self._see()

    async def _see(self) -> None:
        """What others have done: to open files, and with git."""
        await self.files.look()
        root = self.launch.root
        now = await in_thread(partial(repository.stamp, root)) if root is not None else ()
        before, self._git_stamp = self._git_stamp, now
        if before not in ((), now):
            self.on_app_focus()

    def _welcome(self) -> str:
        names = {"open": "quick_open", "new": "new_file", "chat": "toggle_chat", "commands": "commands", "help": "help"}
        return WELCOME.format(**{word: f"{key_name(self._key(name)):>8}" for word, name in names.items()})
