"""Copying: a local program where there is one, else the terminal itself (OSC 52), through tmux and GNU screen too."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_TIMEOUT_S = 3
_WITHOUT = ("linux", "dumb", "vt100", "vt220", "cons25")
"""Terminals that take no copies, by TERM."""
_FIRST_VTE = 7900
"""VTE_VERSION of the first GNOME Terminal and its like that takes copies (VTE issue 2495)."""
_KEPT = "pasting in coder gives it all the same"


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy, besides what pasting in the app gives."""

    sequence: str = ""
    """Control sequences that the terminal must still get."""
    problem: str = ""
    """Why other programs do not get it, for the user."""


def copy(text: str, environment: Mapping[str, str] = os.environ, *, in_browser: bool = False) -> Copied:
    """Copy by the best way there is. May take a while."""
    if copy_locally(text, environment):
        return Copied()
    if in_browser:
        return Copied(problem=f"the browser gets no copies: install wl-copy, xclip or xsel; {_KEPT}")
    if environment.get("TMUX"):
        return _by_tmux(text, environment)
    term, vte = environment.get("TERM", ""), environment.get("VTE_VERSION", "")
    if term.startswith(_WITHOUT) or not term or (vte.isdigit() and int(vte) < _FIRST_VTE):
        return Copied(problem=f"this terminal takes no copies, and there is no wl-copy, xclip or xsel; {_KEPT}")
    return Copied(through_terminal(text, environment))


def local_command(environment: Mapping[str, str]) -> list[str] | None:
    """The program that puts its input on this machine's clipboard. None over SSH, where that would be the wrong one."""
    if environment.get("SSH_CONNECTION") or environment.get("SSH_TTY"):
        return None
    candidates = (
        ("WAYLAND_DISPLAY", ["wl-copy"]),
        ("DISPLAY", ["xclip", "-selection", "clipboard"]),
        ("DISPLAY", ["xsel", "--clipboard", "--input"]),
        ("", ["pbcopy"]),
        ("WSL_DISTRO_NAME", ["clip.exe"]),
    )
    for variable, command in candidates:
        if (not variable or environment.get(variable)) and shutil.which(command[0]):
            return command
    return None


def copy_locally(text: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Copy with a local program; False when there is none or it fails. May take a while."""
    command = local_command(environment)
    return command is not None and _fed(command, text)


def through_terminal(text: str, environment: Mapping[str, str]) -> str:
    """The control sequence with which a terminal copies; tmux and GNU screen are told to pass it on."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    if environment.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environment.get("STY"):  # screen passes 768 bytes at a time
        parts = (sequence[start : start + 700] for start in range(0, len(sequence), 700))
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return sequence


def _by_tmux(text: str, environment: Mapping[str, str]) -> Copied:
    """tmux tells the terminal itself unless `set-clipboard` is off (since 3.2), and lets the sequence through where
    `allow-passthrough` is on (up to 3.2 always)."""
    is_told = _fed(["tmux", "load-buffer", "-w", "-"], text) and _option("set-clipboard") in {"on", "external"}
    passes = _option("allow-passthrough") not in {"off"}
    if is_told or passes:
        return Copied(through_terminal(text, environment) if passes else "")
    _fed(["tmux", "load-buffer", "-"], text)
    return Copied(problem=f"tmux keeps this copy to itself: tmux set -s set-clipboard external; {_KEPT}")


def _option(name: str) -> str:
    """A global option of tmux; empty where it does not know it."""
    command = ["tmux", "show-options", "-gqv", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()


def _fed(command: Sequence[str], text: str) -> bool:
    """Whether a program took the text as its input."""
    try:
        done = subprocess.run(
            command,
            input=text.encode("utf-8", "replace"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
