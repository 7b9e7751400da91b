"""Telling somebody who looks at another window that an answer is there: by the terminal itself."""

from __future__ import annotations

from collections.abc import Mapping

from coder_tui.core.plain import plain

LONG_S = 10.0
"""An answer that took less was waited for."""
_WITH_777 = ("foot", "rxvt", "vte")
"""Terminals that know OSC 777 and not OSC 9, by TERM."""
_WITH_9 = {"iTerm.app", "WezTerm", "ghostty", "WarpTerminal", "rio"}
"""By TERM_PROGRAM."""


def notification(text: str, environment: Mapping[str, str]) -> str:
    """The control sequences for a terminal: a desktop notification where it is known to have them, and the bell, which
    all have. tmux is told to pass them on."""
    line = " ".join(plain(text).replace("\n", " ").replace(";", ",").split())[:200]
    term, program = environment.get("TERM", ""), environment.get("TERM_PROGRAM", "")
    sequence = ""
    if term.startswith(_WITH_777) or environment.get("VTE_VERSION"):
        sequence = f"\x1b]777;notify;coder;{line}\x1b\\"
    elif program in _WITH_9 or "kitty" in term or "ghostty" in term or environment.get("WT_SESSION"):
        sequence = f"\x1b]9;{line}\x1b\\"
    if sequence and environment.get("TMUX"):
        sequence = "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return f"{sequence}\x07"
