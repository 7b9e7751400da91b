"""Copying: a local program where there is one, else the terminal itself (OSC 52), through tmux too."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Mapping

_TIMEOUT_S = 3


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
    if command is None:
        return False
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


def through_terminal(text: str, environment: Mapping[str, str]) -> str:
    """The control sequence with which a terminal copies; tmux is told to pass it on."""
    sequence = f"\x1b]52;c;{base64.b64encode(text.encode('utf-8', 'replace')).decode()}\x07"
    if environment.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
