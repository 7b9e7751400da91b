"""What the app does when its parts, and the threads beside it, tell it something."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message

from coder_tui.assistant.host import Broken, Loading, Missing, Restarted
from coder_tui.core.errors import CoderError
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Purpose
from coder_tui.ui.actions import Actions
from coder_tui.ui.bindings import key_name
from coder_tui.ui.chat.panel import ChatPanel
from coder_tui.ui.chat.prompt import Prompt
from coder_tui.ui.chat.question import QuestionView
from coder_tui.ui.editor.area import CodeArea
from coder_tui.ui.editor.tabs import Editors
from coder_tui.ui.gutter import Gutter
from coder_tui.ui.messages import Answered, ModelTold, Suggested
from coder_tui.ui.open_file import OpenFile, language_name
from coder_tui.ui.telling import tell
from coder_tui.ui.tree import FileTree
from coder_tui.ui.tree_editing import TreeEditing
from coder_tui.ui.watching import Watching

if TYPE_CHECKING:
    from coder_tui.ui.chat.answer import CodeBlock


class Hearing(Actions, inherit_bindings=False):
    """Handlers of messages."""

    gutter: Gutter
    watching: Watching
    tree_editing: TreeEditing
    left: OpenFile | None = None
    """The file that was in view last."""

    # What was worked on.

    def touched(self, file: OpenFile, what: str) -> None:
        """Somebody had to do with a place in a file: suggestions elsewhere may gain from it."""
        if self.launch.workspace is not None:
            lines = file.area.text.split("\n")
            self.launch.workspace.touched(file.path_name, file.area.cursor_location[0], lines, what)

    # The model.

    def on_model_told(self, event: ModelTold) -> None:
        from coder_tui.assistant.opening import Ready

        state = event.state
        if isinstance(state, Restarted):
            text = f"{plain(str(state.error))}: it is started again"
            self.notify(text, severity="warning", markup=False)
            return
        self.ready = state if isinstance(state, Ready) else None
        self.is_model_coming = isinstance(state, Loading)
        if isinstance(state, Loading):
            self.status.say(model=f"loading {state.name} …", device="")
        elif isinstance(state, Missing):
            self.status.say(model=f"no model ({key_name(self._key('models'))})", device="")
            if len(self.screen_stack) == 1:
                self.action_models(first=True)
        elif isinstance(state, Broken):
            self.status.say(model="no model", device="")
            tell(self, state.error)
        else:
            cores = "1 thread" if state.threads == 1 else f"{state.threads} threads"
            self.status.say(context="", model=state.info.name, device=state.layers or f"CPU {cores}")
        self.chatting.model_is(self.ready)
        self.suggesting.use(self.ready, lambda report: self._post(Suggested(report)))
        if self.ready is not None and self.editors.active is not None:
            self.suggesting.shown(self.editors.active)

    def on_suggested(self, event: Suggested) -> None:
        from coder_tui.assistant.live import Ended

        self.suggesting.take(event.report)
        report = event.report
        if isinstance(report, Ended) and report.usage.prompt_tokens and self.ready is not None:
            window = self.ready.engine.window(Purpose.SUGGEST)
            self.status.say(context=f"suggestion context {report.usage.prompt_tokens:,}/{window:,}")

    # The editor tells.

    def on_code_area_edited(self, event: CodeArea.Edited) -> None:
        file = self.editors.file_of(event.area)
        if file is not None:
            self.suggesting.edited(file, typed=event.typed, along=event.along)
            self.keeping.changed(file)
            self.gutter.later(file)
            self.editors.update_tabs()
            self._show_place()

    def on_code_area_ghost_gone(self, event: CodeArea.GhostGone) -> None:
        del event
        if self.suggesting.is_shown_out():
            self.suggesting.cancel()

    def on_code_area_another_wish(self, event: CodeArea.AnotherWish) -> None:
        self.suggesting.step(event.step)

    def on_text_area_selection_changed(self, event: CodeArea.SelectionChanged) -> None:
        area = event.text_area
        file = self.editors.file_of(area) if isinstance(area, CodeArea) else None
        if file is not None:
            self.suggesting.moved(file)
            self._show_place()

    # The chat tells.

    def on_prompt_sent(self, event: Prompt.Sent) -> None:
        self._do(lambda: self.chatting.sent(event.text, self.ready))

    def on_prompt_edited(self, event: Prompt.Edited) -> None:
        del event
        self.chatting.at_cursor.later()

    async def on_prompt_stop_wish(self, event: Prompt.StopWish) -> None:
        del event
        await self.chatting.stop()

    def on_prompt_history_wish(self, event: Prompt.HistoryWish) -> None:
        del event
        self._do(self.chatting.carrying_out.search_history)

    def on_prompt_again_wish(self, event: Prompt.AgainWish) -> None:
        del event
        self._told(lambda: self.chatting.again(len(self.chatting.talk.turns) - 1, self.ready))

    def on_question_view_wish(self, event: QuestionView.Wish) -> None:
        async def carry_out() -> None:
            if event.action == "edit":
                self.chatting.edit(event.number)
                self.chat.prompt.focus()
            else:
                await self.chatting.again(event.number, self.ready)

        self._told(carry_out)

    async def on_answered(self, event: Answered) -> None:
        from coder_tui.assistant.talk_events import Over, Reading, Said, Wrong

        await self.chatting.take(event.event, self.ready)
        told = event.event
        if isinstance(told, Reading):
            self.status.say(chat=f"chat reads {told.done}/{told.total}")
        elif isinstance(told, Said):
            self.status.say(chat="chat answers")
        elif isinstance(told, Over):
            used = told.usage.prompt_tokens + told.usage.completion_tokens
            speed = f" {told.usage.tokens_per_second:.0f} tok/s" if told.usage.tokens_per_second else ""
            self.status.say(chat=f"chat context {used:,}/{told.window:,}{speed}" if used else "")
        elif isinstance(told, Wrong):
            self.status.say(chat="")

    def on_code_block_wish(self, event: CodeBlock.Wish) -> None:
        self._told(lambda: self.chatting.code.use(event, self.copy_to_clipboard))

    def _told(self, what: Callable[[], Coroutine[Any, Any, object]]) -> None:
        """Run a coroutine that may ask the user something; what fails is told."""

        async def run() -> None:
            try:
                await what()
            except CoderError as error:
                tell(self, error)

        self._do(run)

    # Panels tell.

    def on_chat_panel_dragged(self, event: ChatPanel.Dragged) -> None:
        region = self.chat.region
        below = self.chat.styles.border_top[0] not in {"", "none"}
        self.panels.resize_to(self.chat, region.bottom - event.y if below else region.right - event.x)

    def on_resize(self, event: events.Resize) -> None:
        self.panels.fit(event.size.width, event.size.height)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        self.panels.focused()
        file = self.editors.file_of(event.widget) if isinstance(event.widget, CodeArea) else None
        if file is not None:
            self.suggesting.shown(file)
        elif event.widget is self.chat.prompt:
            self.chatting.at_cursor.later()

    def on_editors_switched(self, event: Editors.Switched) -> None:
        self.suggesting.cancel()
        folders = {file.path.parent for file in self.editors.files if file.path is not None}
        if self.launch.root is not None:
            folders.add(self.launch.root / ".git")
        self.watching.follow(frozenset(folder for folder in folders if folder.is_dir()))
        if self.left is not None and self.left in self.editors.files and self.left is not event.file:
            self.touched(self.left, "edited" if self.left.modified else "opened")
        self.left = event.file
        if event.file is not None:
            self.tree_view.reveal(event.file.path_name)
            self.gutter.later(event.file)
            self.touched(event.file, "opened")
            self.suggesting.shown(event.file)
        self._show_place()

    def on_file_tree_opened(self, event: FileTree.Opened) -> None:
        self._do(lambda: self.files.open(self.launch.directory / event.path))

    def on_file_tree_dragged(self, event: FileTree.Dragged) -> None:
        self.panels.resize_to(self.tree_view, event.x + 1 - self.tree_view.region.x)

    def on_file_tree_wish(self, event: FileTree.Wish) -> None:
        self._do(lambda: self.tree_editing.carry_out(event))

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

    def _post(self, message: Message) -> None:
        """From any thread; nothing when the app has ended."""
        if self.is_running:
            self.post_message(message)

    def _key(self, name: str) -> str:
        """The first key of an action."""
        return next((action.keys[0] for action in self.table if action.name == name and action.keys), "")
