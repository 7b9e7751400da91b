"""The file tree: what git would show, or the directory where there is no git."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from coder_tui.config.keymap import Where
from coder_tui.core.plain import plain
from coder_tui.ui.bindings import bindings

_LETTERS = {"changed": " M", "added": " A", "untracked": " ?", "conflict": " !"}
_NO_STATES: Mapping[str, str] = {}
Folder = Mapping[str, "Folder | None"]
"""Names to folders, or to None for files."""


def nested(paths: Sequence[str]) -> dict[str, Folder | None]:
    """Paths with forward slashes as folders in folders."""
    root: dict[str, Folder | None] = {}
    for path in paths:
        *folders, name = path.split("/")
        here = root
        for folder in folders:
            there = here.setdefault(folder, {})
            if not isinstance(there, dict):
                break
            here = there
        else:
            here.setdefault(name, None)
    return root


class FileTree(Tree[str]):
    """Nodes carry paths relative to the root; folders end with a slash. Folders are filled when they are opened."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tree--changed", "tree--added", "tree--untracked", "tree--conflict", "tree--within",
    }  # fmt: skip
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Where.TREE)]
    ICON_NODE = "▸ "
    ICON_NODE_EXPANDED = "▾ "

    @dataclass
    class Opened(Message):
        """A file was chosen."""

        path: str

    @dataclass
    class Dragged(Message):
        """Its right edge was drawn to a column of the screen."""

        x: int

    @dataclass
    class Wish(Message):
        """Something is to be done with a file or folder."""

        action: str
        """`new`, `rename` or `delete`."""
        path: str

    def __init__(self, name: str) -> None:
        super().__init__(Text(plain(name)), data="", id="tree")
        self.guide_depth = 2
        self.root.expand()
        self._folder: Folder = {}
        self.paths: tuple[str, ...] = ()
        self._states: dict[str, str] = {}
        """How git sees files; of folders, whether there is something within that it would say something of."""
        self._shown = ""
        """The file in view, which stands out."""

    def fill(self, paths: Sequence[str], states: Mapping[str, str] = _NO_STATES) -> None:
        """Show these files, and how git sees them; folders that were open stay open."""
        self._show_states(states)
        if tuple(paths) == self.paths:
            return
        opened = {node.data for node in self._all_nodes() if node.is_expanded}
        place = self.cursor_node.data if self.cursor_node is not None else None
        self.paths = tuple(paths)
        self._folder = nested(paths)
        self.root.remove_children()
        self._fill(self.root, self._folder, opened)
        if place:
            self.reveal(place)

    def _show_states(self, states: Mapping[str, str]) -> None:
        found = dict(states)
        for path in states:
            for folder in list(PurePosixPath(path).parents)[:-1]:
                found.setdefault(f"{folder}/", "within")
        if found != self._states:
            before, self._states = self._states, found
            for node in self._all_nodes():
                if before.get(node.data or "") != found.get(node.data or ""):
                    node.refresh()

    def reveal(self, path: str) -> None:
        """Open the folders down to a file and put the cursor on it; nothing when it is not there."""
        node = self.root
        parts = path.rstrip("/").split("/")
        for index in range(len(parts)):
            folder = "/".join(parts[: index + 1])
            found = next((one for one in node.children if (one.data or "").rstrip("/") == folder), None)
            if found is None:
                return
            if index < len(parts) - 1:
                self._fill_once(found)
                if not found.is_expanded:
                    found.expand()
            node = found
        self._shown = path
        self.move_cursor(node)

    def render_label(self, node: TreeNode[str], base_style: Style, style: Style) -> Text:
        """A name as text, never as markup."""
        label = super().render_label(node, base_style, style)
        state = self._states.get(node.data or "", "")
        if state:  # a letter says it too, where there are no colours
            of_state = self.get_component_rich_style(f"tree--{state}", partial=True)
            if node is not self.cursor_node or not self.has_focus:
                label.stylize(of_state)
            label.append(_LETTERS.get(state, ""), of_state)
        if node.data and node.data == self._shown:
            label.stylize("bold")
        return label

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """On the border at the right it is taken hold of."""
        if event.x >= self.outer_size.width - 1:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self.post_message(self.Dragged(event.screen_x))

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[str]) -> None:
        event.stop()
        self._fill_once(event.node)

    def on_tree_node_selected(self, event: Tree.NodeSelected[str]) -> None:
        event.stop()
        if event.node.data and not event.node.allow_expand:
            self.post_message(self.Opened(event.node.data))

    def action_tree_open(self) -> None:
        self.action_select_cursor()

    def action_tree_new(self) -> None:
        node = self.cursor_node or self.root
        path = node.data or ""
        self.post_message(self.Wish("new", path if node.allow_expand else path.rpartition("/")[0] + "/"))

    def action_tree_rename(self) -> None:
        self._wish("rename")

    def action_tree_delete(self) -> None:
        self._wish("delete")

    def _wish(self, action: str) -> None:
        if self.cursor_node is not None and self.cursor_node.data:
            self.post_message(self.Wish(action, self.cursor_node.data))

    def _fill_once(self, node: TreeNode[str]) -> None:
        if node.allow_expand and not node.children:
            folder = self._at(node.data or "")
            if folder is not None:
                self._fill(node, folder, set())

    def _at(self, path: str) -> Folder | None:
        here: Folder | None = self._folder
        for part in [part for part in path.split("/") if part]:
            here = here.get(part) if here is not None else None
        return here

    def _fill(self, node: TreeNode[str], folder: Folder, opened: set[str | None]) -> None:
        """Folders first, then files, both by name."""
        start = node.data or ""
        for name in sorted(folder, key=lambda name: (folder[name] is None, name.lower())):
            inner = folder[name]
            path = f"{start}{name}" if inner is None else f"{start}{name}/"
            label = Text(plain(name).replace("\n", " "))
            child = node.add(label, path, allow_expand=inner is not None)
            if inner is not None and path in opened:
                self._fill(child, inner, opened)
                child.expand()

    def _all_nodes(self) -> list[TreeNode[str]]:
        found, left = [], [self.root]
        while left:
            node = left.pop()
            found.append(node)
            left += node.children
        return found


def walked(directory: Path, limit: int = 20_000) -> tuple[str, ...]:
    """Files below a directory without git, hidden ones and what cannot be read left out."""
    found: list[str] = []
    for folder, folders, names in os.walk(directory):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _HEAVY)
        here = Path(folder)
        found += [(here / name).relative_to(directory).as_posix() for name in sorted(names) if name[:1] != "."]
        if len(found) >= limit:
            break
    return tuple(found[:limit])


_HEAVY = frozenset({"node_modules", "__pycache__", "venv"})
