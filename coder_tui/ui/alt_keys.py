"""Alt with a sign, as plain terminals send it: Escape and the sign. Textual 8.2.8 knows it of letters and digits only.
Of signs it makes the sign itself, or what a Mac types with it: Alt+] would put a bracket into the text. With Alt and a
letter it sends the letter along, which an Input would type.

Terminals with Kitty's keyboard protocol send names of keys instead, and tell some apart that others cannot; those that
nobody means to be different are made the same here."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import _character_to_key as name_of

PRIVATE = ("_sequence_to_key_events",)
"""Names of XTermParser that are used here."""
_SAME = {"ctrl+space": "ctrl+@", "shift+space": "space", "shift+backspace": "backspace"}
"""Keys of Kitty's protocol, and what they are elsewhere."""
_as_before = XTermParser._sequence_to_key_events  # noqa: SLF001


def teach() -> None:
    """From now on Alt and a sign is a key of its own."""
    XTermParser._sequence_to_key_events = _keys  # type: ignore[method-assign,assignment] # noqa: SLF001


def _keys(parser: XTermParser, sequence: str, alt: bool = False) -> Iterable[events.Key]:
    """`alt`: this came behind an Escape, and nothing more came in time."""
    sign = sequence if alt else sequence.removeprefix("\x1b") if sequence in ANSI_SEQUENCES_KEYS else ""
    behind_escape = alt or (len(sequence) == 2 and sequence[0] == "\x1b")
    if behind_escape and len(sign) == 1 and "!" <= sign <= "~" and not sign.isalnum():
        return [events.Key(f"alt+{name_of(sign)}", None)]
    return [_same(key) for key in _as_before(parser, sequence, alt)]


def _same(key: events.Key) -> events.Key:
    if key.key in _SAME:
        return events.Key(_SAME[key.key], key.character)
    # Without the letter, which fields would take for one that is typed.
    return events.Key(key.key, None) if "alt+" in key.key else key
