"""Text with everything that must not reach a terminal replaced, one character for one, and back again.

An editor holds text in this form: control characters, those that reorder a line and lone surrogates (undecodable bytes)
each have a stand-in at the end of Unicode's last private plane. Lines of such text end at LF only, by anyone's rules,
and saving gives the same bytes again.
"""

from __future__ import annotations

from coder_tui.core.document import to_lf

_BASE = 0x10F000
_CONTROLS = [
    *range(0x09),
    *range(0x0B, 0x20),
    *range(0x7F, 0xA0),
    0x2028,
    0x2029,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
]
"""All of C0 and C1 but tab and LF, line and paragraph separators, and the bidirectional controls."""
_HIDDEN = [*_CONTROLS, *range(0xDC80, 0xDD00)]
_TO = {code: _BASE + index for index, code in enumerate(_HIDDEN)}
_FROM = {stand_in: code for code, stand_in in _TO.items()}
_SEEN = {
    **{_TO[code]: 0x2400 + code for code in range(0x20) if code in _TO},
    _TO[0x7F]: 0x2421,
    **{_TO[code]: 0x00B7 for code in _HIDDEN if code > 0x7F},
}
"""What is drawn: control pictures, and a dot for what has none."""


def held(text: str) -> str:
    """LF text in the form in which an editor holds it. Other line endings become LF."""
    text = to_lf(text)
    return text if text.isascii() and text.replace("\n", "").replace("\t", "").isprintable() else text.translate(_TO)


def released(text: str) -> str:
    """The way back from `held`."""
    return text if text.isascii() else text.translate(_FROM)


def seen(text: str) -> str:
    """Held text as it is drawn: as many characters, each of which a terminal may get."""
    return text if text.isascii() else text.translate(_SEEN)


def is_holdable(text: str) -> bool:
    """Whether a text has none of the stand-ins itself, so that it can be given back."""
    return text.isascii() or not any(_BASE <= ord(character) < _BASE + len(_HIDDEN) for character in set(text))
