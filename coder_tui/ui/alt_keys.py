"""Alt with a sign, as plain terminals send it: Escape and the sign. Textual 8.2.8 knows it of letters and digits only.
Of signs it makes the sign itself, or what a Mac types with it: Alt+] would put a bracket into the text. With Alt and a
letter it sends the letter along, which an Input would type."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.keys import _character_to_key as name_of

PRIVATE = ("_sequence_to_key_events",)
"""Names of XTermParser that are used here."""
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
    # Without the letter, which fields would take for one that is typed.
    return [events.Key(key.key, None) if "alt+" in key.key else key for key in _as_before(parser, sequence, alt)]
