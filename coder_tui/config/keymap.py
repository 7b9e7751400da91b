"""The action table of the terminal app: what can be done, with which keys, and where these keys count.

It is the `[keys]` section of the settings at the same time: a field's name is the action's, its default the keys.
Key bindings, help and command palette are made from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum

from coder_tui.config.kinds import Keys


class Where(StrEnum):
    """The part of the app in which an action's keys count."""

    APP = "everywhere"
    EDITOR = "editor"
    GHOST = "suggestion"
    """In the editor while a suggestion shows; without one these keys keep their other meaning."""
    PROMPT = "chat prompt"
    ANSWER = "answer"
    QUESTION = "question"
    TREE = "file tree"
    FIND = "find bar"
    REVIEW = "review"
    CONTEXT = "context panel"
    LIST = "list"
    """Of files, commands, symbols, chats, models ... from which one is chosen."""
    DIALOG = "dialog"
    """A question of the app, with buttons or a line of text, and what says that something is being done."""
    TEXT = "text dialog"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Action:
    """One line of the table."""

    name: str
    title: str
    where: Where
    keys: tuple[str, ...]
    """As the settings have them."""
    listed: bool
    """Whether the command palette offers it: not what only makes sense as a key."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A key that two actions claim at the same place."""

    key: str
    first: Action
    second: Action

    def __str__(self) -> str:
        return f'{self.key} means both "{self.first.title}" and "{self.second.title}": change one of them in [keys]'


def _key(keys: str, title: str, where: Where = Where.APP, *, listed: bool = True) -> str:
    text = f"Keys ({where}): {title}."
    return field(
        default=keys,
        metadata={"kind": Keys(), "text": text, "project": None, "title": title, "where": where, "listed": listed},
    )


@dataclass(frozen=True, slots=True)
class KeySettings:
    help: str = _key("f1", "Help: all keys")
    commands: str = _key("f2,ctrl+shift+p", "Commands")
    quick_open: str = _key("ctrl+p", "Open a file")
    go_to_symbol: str = _key("ctrl+o", "Go to a symbol of the file")
    find_symbol: str = _key("alt+o", "Go to a symbol of the repository")
    new_file: str = _key("ctrl+n", "New file")
    save: str = _key("ctrl+s", "Save")
    save_as: str = _key("alt+s", "Save under another name")
    close_tab: str = _key("ctrl+w", "Close the tab")
    next_tab: str = _key("ctrl+pagedown,alt+full_stop", "Next tab")
    previous_tab: str = _key("ctrl+pageup,alt+comma", "Previous tab")
    next_panel: str = _key("f6", "Next panel")
    toggle_tree: str = _key("ctrl+b", "File tree")
    toggle_chat: str = _key("ctrl+l", "Chat")
    larger: str = _key("alt+equals_sign,alt+plus", "Make the panel with the focus larger")
    smaller: str = _key("alt+minus", "Make the panel with the focus smaller")
    attach: str = _key("ctrl+t", "Attach the selection, or the file, to the chat")
    models: str = _key("f4", "Choose a model")
    context: str = _key("f5", "What goes along with a suggestion and a question")
    toggle_suggestions: str = _key("f8", "Suggestions on or off")
    toggle_language: str = _key("alt+l,shift+f8", "Suggestions on or off in this file's language")
    toggle_wrap: str = _key("alt+z", "Wrap long lines")
    toggle_dark: str = _key("f9", "Light or dark")
    themes: str = _key("alt+t", "Choose a theme")
    external_editor: str = _key("ctrl+g", "Open the file, or the prompt, in $EDITOR")
    quit: str = _key("ctrl+q", "Quit")

    undo: str = _key("ctrl+z,super+z", "Undo", Where.EDITOR)
    redo: str = _key("ctrl+y,super+y", "Redo", Where.EDITOR)
    cut: str = _key("ctrl+x,super+x", "Cut", Where.EDITOR)
    copy: str = _key("ctrl+c,super+c", "Copy", Where.EDITOR)
    paste: str = _key("ctrl+v", "Paste", Where.EDITOR)
    select_all: str = _key("ctrl+a,f7", "Select all", Where.EDITOR)
    find: str = _key("ctrl+f", "Find", Where.EDITOR)
    find_next: str = _key("f3", "Find next", Where.EDITOR)
    find_previous: str = _key("shift+f3", "Find previous", Where.EDITOR)
    replace: str = _key("ctrl+r", "Find and replace", Where.EDITOR)
    go_to_line: str = _key("alt+g", "Go to line", Where.EDITOR)
    indent: str = _key("alt+right_square_bracket", "Indent", Where.EDITOR)
    outdent: str = _key("shift+tab", "Outdent", Where.EDITOR)
    comment: str = _key("ctrl+underscore,ctrl+slash", "Comment or uncomment", Where.EDITOR)
    delete_line: str = _key("ctrl+shift+k,alt+k", "Delete the line", Where.EDITOR)
    line_up: str = _key("alt+up", "Move lines up", Where.EDITOR)
    line_down: str = _key("alt+down", "Move lines down", Where.EDITOR)
    edit_selection: str = _key("ctrl+k", "Change or write code by an instruction", Where.EDITOR)
    suggest: str = _key("ctrl+@,alt+enter", "Suggest now", Where.EDITOR)
    file_start: str = _key("ctrl+home", "To the beginning of the file", Where.EDITOR)
    file_end: str = _key("ctrl+end", "To the end of the file", Where.EDITOR)

    accept: str = _key("tab", "Accept the suggestion", Where.GHOST, listed=False)
    accept_word: str = _key("ctrl+right", "Accept a word", Where.GHOST, listed=False)
    accept_line: str = _key("ctrl+down,end", "Accept a line", Where.GHOST, listed=False)
    next_alternative: str = _key("alt+right_square_bracket,alt+n", "Another suggestion", Where.GHOST, listed=False)
    previous_alternative: str = _key(
        "alt+left_square_bracket,alt+p", "The suggestion before", Where.GHOST, listed=False
    )
    dismiss: str = _key("escape", "Dismiss the suggestion", Where.GHOST, listed=False)

    send: str = _key("enter", "Send", Where.PROMPT, listed=False)
    newline: str = _key("ctrl+j,shift+enter", "New line", Where.PROMPT, listed=False)
    stop: str = _key("escape", "Stop the answer", Where.PROMPT, listed=False)
    history_back: str = _key("up", "Earlier prompt, from the first line", Where.PROMPT, listed=False)
    history_forward: str = _key("down", "Later prompt, from the last line", Where.PROMPT, listed=False)
    take_choice: str = _key("tab", "Take what is chosen in the list", Where.PROMPT, listed=False)
    to_code: str = _key("shift+tab", "Go to code in an answer", Where.PROMPT, listed=False)
    history_search: str = _key("ctrl+r", "Search earlier prompts", Where.PROMPT, listed=False)
    again_last: str = _key("alt+r", "Answer the last question again", Where.PROMPT, listed=False)
    scroll_back: str = _key("pageup", "Scroll the conversation back", Where.PROMPT, listed=False)
    scroll_on: str = _key("pagedown", "Scroll the conversation on", Where.PROMPT, listed=False)

    question_edit: str = _key("e,enter", "Change the question and send it again", Where.QUESTION, listed=False)
    question_again: str = _key("r", "Answer the question again", Where.QUESTION, listed=False)
    question_leave: str = _key("escape", "Back to the prompt", Where.QUESTION, listed=False)

    block_copy: str = _key("c,y", "Copy the code", Where.ANSWER, listed=False)
    block_insert: str = _key("i", "Insert the code at the cursor", Where.ANSWER, listed=False)
    block_apply: str = _key("a,enter", "Apply the code to the file, as a review", Where.ANSWER, listed=False)
    block_save: str = _key("s", "Save the code as a new file", Where.ANSWER, listed=False)
    block_leave: str = _key("escape", "Back to the prompt", Where.ANSWER, listed=False)

    tree_open: str = _key("enter", "Open the file, open or close the folder", Where.TREE, listed=False)
    tree_new: str = _key("n", "New file here", Where.TREE, listed=False)
    tree_rename: str = _key("r", "Rename", Where.TREE, listed=False)
    tree_delete: str = _key("delete,d", "Delete", Where.TREE, listed=False)

    find_forward: str = _key("enter,down", "Next match", Where.FIND, listed=False)
    find_back: str = _key("shift+enter,up", "Previous match", Where.FIND, listed=False)
    find_regex: str = _key("alt+r", "Regular expression, or plain text", Where.FIND, listed=False)
    find_case: str = _key("alt+c", "Upper and lower case differ, or are alike", Where.FIND, listed=False)
    find_words: str = _key("alt+w", "Whole words, or parts of them", Where.FIND, listed=False)
    replace_one: str = _key("alt+enter,ctrl+r", "Replace the match and go on", Where.FIND, listed=False)
    replace_all: str = _key("alt+a", "Replace all matches", Where.FIND, listed=False)
    find_close: str = _key("escape", "Close the bar", Where.FIND, listed=False)

    accept_hunk: str = _key("a,y", "Take this change", Where.REVIEW, listed=False)
    reject_hunk: str = _key("r,x", "Leave this change out", Where.REVIEW, listed=False)
    toggle_hunk: str = _key("space", "Take or leave this change", Where.REVIEW, listed=False)
    edit_hunk: str = _key("e", "Edit this change", Where.REVIEW, listed=False)
    accept_all: str = _key("A", "Take all changes", Where.REVIEW, listed=False)
    reject_all: str = _key("R", "Leave all changes", Where.REVIEW, listed=False)
    next_hunk: str = _key("n,down,j", "Next change", Where.REVIEW, listed=False)
    previous_hunk: str = _key("p,up,k", "Previous change", Where.REVIEW, listed=False)
    side_by_side: str = _key("v", "Side by side or in one column", Where.REVIEW, listed=False)
    apply: str = _key("enter,ctrl+s", "Apply what is taken", Where.REVIEW, listed=False)
    again: str = _key("g", "Ask the model again", Where.REVIEW, listed=False)
    instruct: str = _key("i", "Change the instruction", Where.REVIEW, listed=False)
    close_review: str = _key("escape,q", "Close without applying", Where.REVIEW, listed=False)

    pin_file: str = _key("p", "Always send the file along, or no longer", Where.CONTEXT, listed=False)
    exclude_file: str = _key("x", "Leave the file out, or no longer", Where.CONTEXT, listed=False)
    open_piece: str = _key("enter", "Open the piece", Where.CONTEXT, listed=False)
    close_context: str = _key("escape,q", "Close", Where.CONTEXT, listed=False)

    list_choose: str = _key("enter", "Choose", Where.LIST, listed=False)
    list_down: str = _key("down,ctrl+n", "Down", Where.LIST, listed=False)
    list_up: str = _key("up,ctrl+p", "Up", Where.LIST, listed=False)
    list_page_down: str = _key("pagedown", "A page down", Where.LIST, listed=False)
    list_page_up: str = _key("pageup", "A page up", Where.LIST, listed=False)
    list_close: str = _key("escape", "Close; stop what is being fetched", Where.LIST, listed=False)

    next_button: str = _key("right,down", "Next button", Where.DIALOG, listed=False)
    previous_button: str = _key("left,up", "Previous button", Where.DIALOG, listed=False)
    accept_answer: str = _key("enter", "Accept what is written", Where.DIALOG, listed=False)
    answer_save: str = _key("s", "Save", Where.DIALOG, listed=False)
    answer_discard: str = _key("d", "Do not save, or discard", Where.DIALOG, listed=False)
    answer_overwrite: str = _key("w", "Overwrite what is on disk", Where.DIALOG, listed=False)
    answer_reload: str = _key("r", "Reload what is on disk", Where.DIALOG, listed=False)
    answer_merge: str = _key("m", "Merge both", Where.DIALOG, listed=False)
    answer_open: str = _key("o", "Open what was recovered", Where.DIALOG, listed=False)
    answer_later: str = _key("l", "Decide later", Where.DIALOG, listed=False)
    answer_delete: str = _key("x", "Delete", Where.DIALOG, listed=False)
    answer_undo: str = _key("t", "Take it back", Where.DIALOG, listed=False)
    answer_keep: str = _key("k", "Keep it, leave all as it is", Where.DIALOG, listed=False)
    answer_cancel: str = _key("c", "Cancel, or stay", Where.DIALOG, listed=False)
    close_dialog: str = _key("escape", "Cancel, or stop what is being done", Where.DIALOG, listed=False)

    accept_text: str = _key("ctrl+s", "Accept the text", Where.TEXT, listed=False)
    cancel_text: str = _key("escape", "Leave all as it is", Where.TEXT, listed=False)

    help_down: str = _key("down,j", "Down", Where.HELP, listed=False)
    help_up: str = _key("up,k", "Up", Where.HELP, listed=False)
    close_help: str = _key("escape,q,f1,enter", "Close", Where.HELP, listed=False)


_OVER = {Where.GHOST: Where.EDITOR}
"""Keys of the first count only now and then, and are meant to win over those of the second."""
_APART = {Where.REVIEW, Where.CONTEXT, Where.LIST, Where.DIALOG, Where.TEXT, Where.HELP}
"""Screens of their own, on which nothing else is reached. The context panel's keys win over those of its list."""


_NAMES = {"ctrl+space": "ctrl+@"}
"""What plain terminals send for a key."""


def actions(keys: KeySettings) -> tuple[Action, ...]:
    """The table, with the keys that the settings give."""
    return tuple(_actions(keys))


def _actions(keys: KeySettings) -> Iterator[Action]:
    for item in fields(keys):
        meta: Mapping[str, object] = item.metadata
        title, where = meta["title"], meta["where"]
        if not isinstance(title, str) or not isinstance(where, Where):
            raise TypeError(item.name)
        yield Action(item.name, title, where, split(getattr(keys, item.name)), bool(meta["listed"]))


def split(text: str) -> tuple[str, ...]:
    """The single keys of a setting, under the names that the app gives them."""
    return tuple(_NAMES.get(part, part) for part in (one.strip() for one in text.split(",")) if part)


def conflicts(table: tuple[Action, ...]) -> tuple[Conflict, ...]:
    """Every key that means two things at one place."""
    found: list[Conflict] = []
    meanings: dict[str, list[Action]] = {}
    for second in table:
        for key in second.keys:
            so_far = meanings.setdefault(key, [])
            found += [Conflict(key, first, second) for first in so_far if _meet(first.where, second.where)]
            so_far.append(second)
    return tuple(found)


def _meet(first: Where, second: Where) -> bool:
    """Whether keys of both can be pressed at the same place."""
    if first == second:
        return True
    if first in _APART or second in _APART or _OVER.get(first) == second or _OVER.get(second) == first:
        return False
    return Where.APP in (first, second)
