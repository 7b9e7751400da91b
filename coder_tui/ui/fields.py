"""Fields of dialogs and bars: the keys of their place are carried out in their turn among what is typed, so that a text
and the key that accepts it may come as fast as they like."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.dom import DOMNode
from textual.widgets import Input, TextArea

from coder_tui.config.keymap import Where
from coder_tui.ui.bindings import KeyActions, keys_of, table_of
from coder_tui.ui.textual_compat import run_in_turn


class Field(Input):
    """A line of text."""

    def __init__(
        self,
        value: str,
        placeholder: str,
        place: Where,
        *owners: DOMNode,
        name: str | None = None,
        changed: Callable[[str], object] | None = None,
        also: KeyActions | None = None,
        compact: bool = False,
        select: bool = False,
    ) -> None:
        """`owners` carry out the keys of `place`, the first that can. `also`: what keys mean besides. `changed` is told
        of a new text at once, before the next key. `select`: all of it is chosen when the focus comes."""
        self._place, self._owners, self._changed, self._also = place, owners, changed, also or {}
        self._keys: KeyActions | None = None
        super().__init__(value, placeholder=placeholder, id=name, select_on_focus=select, compact=compact)

    def watch_value(self, value: str) -> None:
        if self._changed is not None and self.is_mounted:
            self._changed(value)

    async def _on_key(self, event: events.Key) -> None:
        if self._keys is None:
            keys = keys_of(table_of(self), self._place)
            self._keys = {key: [*keys.get(key, ()), *self._also.get(key, ())] for key in {**keys, **self._also}}
        await run_in_turn(self, self._keys.get(event.key, ()), event, self._owners)


class TextField(TextArea):
    """Several lines of text."""

    def __init__(self, text: str, place: Where, owner: DOMNode, *, name: str) -> None:
        super().__init__(text, soft_wrap=True, compact=True, id=name, highlight_cursor_line=False)
        self._place, self._owner = place, owner

    async def _on_key(self, event: events.Key) -> None:
        await run_in_turn(self, keys_of(table_of(self), self._place).get(event.key, ()), event, (self._owner,))
