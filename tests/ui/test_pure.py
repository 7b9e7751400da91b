"""What the app is made of besides widgets."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.events import Key
from textual.strip import Strip
from textual.widgets import TextArea

from coder_tui.config.keymap import KeySettings, actions
from coder_tui.core.errors import CoderError
from coder_tui.ui import alt_keys
from coder_tui.ui.alt_keys import teach
from coder_tui.ui.bindings import key_name, keymap
from coder_tui.ui.clipboard import copy, copy_locally, local_command, through_terminal
from coder_tui.ui.external import editor_command
from coder_tui.ui.hunks import Change
from coder_tui.ui.rows import cell_of, strip_of, with_ghost, wrapped
from coder_tui.ui.textual_compat import PRIVATE, PRIVATE_OF_APP
from coder_tui.ui.tree import nested

LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map("\n".join)


def row(strip: Strip) -> str:
    return "".join(segment.text for segment in strip)


def test_textual_still_has_what_is_used_of_it() -> None:
    area = TextArea("x")
    assert [name for name in PRIVATE if not hasattr(area, name)] == []
    assert [name for name in PRIVATE_OF_APP if not hasattr(App(), name)] == []


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("\x1b]", "alt+right_square_bracket"),
        ("\x1b[", "alt+left_square_bracket"),
        ("\x1b.", "alt+full_stop"),
        ("\x1b-", "alt+minus"),
        ("\x1b=", "alt+equals_sign"),
        ("\x1bn", "alt+n"),
        ("\x1b", "escape"),
        ("\x1b[A", "up"),
        ("]", "right_square_bracket"),
    ],
)
def test_keys_of_a_plain_terminal(sent: str, key: str) -> None:
    assert [name for name in alt_keys.PRIVATE if not hasattr(XTermParser, name)] == []
    teach()
    parser = XTermParser()
    found = [one for part in sent for one in parser.feed(part)]
    end = time.monotonic() + 20
    while not found and time.monotonic() < end:
        found += parser.tick()
    assert [one.key for one in found if isinstance(one, Key)] == [key]
    assert not any(one.is_printable for one in found if isinstance(one, Key) and sent[0] == "\x1b")


def test_tabs_and_wide_characters_have_their_cells() -> None:
    assert row(strip_of("a\tb日\tc", (), Style(), 4)) == "a   b日 c"
    assert [cell_of("a\tb日\tc", column, 4) for column in range(7)] == [0, 1, 4, 5, 7, 8, 9]


def test_a_ghost_pushes_the_rest_of_its_line() -> None:
    line = strip_of("foo()", (), Style(), 4)
    ghost = [strip_of(text, (), Style(), 4) for text in ("a,", "    b")]
    assert [row(one) for one in with_ghost(line, 4, [], ghost, 0)] == ["foo(a,", "    b)"]
    assert [row(one) for one in with_ghost(line, 5, [], ghost[:1], 0)] == ["foo()a,"]


def test_a_ghost_in_a_wrapped_line() -> None:
    line = strip_of("one two three", (), Style(), 4)
    assert [row(one) for one in wrapped(line, [4, 8])] == ["one ", "two ", "three"]
    ghost = [strip_of("XYZ", (), Style(), 4)]
    assert [row(one) for one in with_ghost(line, 6, [4, 8], ghost, 6)] == ["one ", "twXYZo", " three"]
    assert [row(one) for one in with_ghost(line, 4, [4, 8], ghost, 6)] == ["one ", "XYZtwo", " three"]


TYPED = st.text("ab 日\t", max_size=20)
GHOSTS = st.text("xy日\n", min_size=1, max_size=12)


@given(TYPED, GHOSTS, st.integers(0, 20), st.integers(0, 12))
def test_a_ghost_loses_nothing(text: str, ghost: str, column: int, width: int) -> None:
    column = min(column, len(text))
    line = strip_of(text, (), Style(), 4)
    parts = ghost.split("\n")
    strips = [strip_of(part, (), Style(), 4) for part in parts]
    rows = with_ghost(line, cell_of(text, column, 4), [], strips, 0)
    left = strip_of(text[:column], (), Style(), 4)
    parts[0] = row(left) + parts[0]
    parts[-1] += row(line.crop(left.cell_length))
    assert list(map(row, rows)) == parts
    if width >= 2:
        narrow = with_ghost(line, cell_of(text, column, 4), [], strips, width)
        assert all(one.cell_length <= width for one in narrow)
        assert sum(one.cell_length for one in narrow) == sum(one.cell_length for one in rows)


@given(LINES, LINES, st.data())
def test_hunks_can_be_taken_one_by_one(before: str, after: str, data: st.DataObject) -> None:
    change = Change(before, after)
    everything = range(len(change.hunks))
    assert change.result(everything) == after
    assert change.result(()) == before
    taken = data.draw(st.sets(st.sampled_from(everything)) if change.hunks else st.just(set()))
    left = Change(change.result(taken), after)
    assert left.result(range(len(left.hunks))) == after
    signs = [one.sign for one in change.rows()]
    assert ("+" in signs or "-" in signs) == (before != after)
    beside = [one for pair in change.pairs() for one in pair if one is not None and one.hunk is not None]
    assert len(beside) == sum(sign in "+-" for sign in signs)


def test_keys_as_people_write_them() -> None:
    assert [key_name(key) for key in ("ctrl+s", "f1", "ctrl+@", "alt+full_stop", "escape", "A", "shift+tab")] == [
        "Ctrl+S", "F1", "Ctrl+Space", "Alt+.", "Esc", "A", "Shift+Tab",
    ]  # fmt: skip
    table = actions(KeySettings(save=""))
    assert keymap(table)["save"] == "f35"
    assert keymap(table)["quick_open"] == "ctrl+p"


def test_folders_of_a_tree() -> None:
    assert nested(["a/b/c", "a/d", "e"]) == {"a": {"b": {"c": None}, "d": None}, "e": None}
    assert nested(["a", "a/b"]) == {"a": None}


def test_copying_by_a_program_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "xclip"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/copied\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert copy_locally("text é", {"DISPLAY": ":0"})
    assert (tmp_path / "copied").read_text() == "text é"
    program.write_text("#!/bin/sh\nexit 1\n")
    assert not copy_locally("text", {"DISPLAY": ":0"})
    assert local_command({"DISPLAY": ":0", "SSH_CONNECTION": "x"}) is None
    assert local_command({}) is None


def test_copying_by_the_terminal() -> None:
    data = base64.b64encode(b"a b").decode()
    assert through_terminal("a b", {}) == f"\x1b]52;c;{data}\x07"
    assert through_terminal("a b", {"TMUX": "x"}) == f"\x1bPtmux;\x1b\x1b]52;c;{data}\x07\x1b\\"


@pytest.mark.parametrize(
    ("options", "passes", "problem"),
    [
        ({"set-clipboard": "external", "allow-passthrough": "off"}, False, False),
        ({"set-clipboard": "external", "allow-passthrough": "on"}, True, False),
        ({"set-clipboard": "off", "allow-passthrough": ""}, True, False),  # tmux before 3.3
        ({"set-clipboard": "off", "allow-passthrough": "off"}, False, True),
    ],
)
def test_copying_in_tmux(
    options: dict[str, str], passes: bool, problem: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = "".join(f"*{name}) echo {value};;\n" for name, value in options.items())
    program = tmp_path / "tmux"
    program.write_text(f'#!/bin/sh\ncase "$*" in\n{answers}load-buffer*) cat > {tmp_path}/copied;;\nesac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    found = copy("a b", {"TMUX": "x", "TERM": "screen", "SSH_TTY": "x"})
    assert (bool(found.sequence), bool(found.problem)) == (passes, problem)
    assert (tmp_path / "copied").read_text() == "a b"


def test_copying_where_nothing_takes_it() -> None:
    far = {"SSH_TTY": "x"}
    for environment in ({"TERM": "linux"}, {}, {"TERM": "xterm-256color", "VTE_VERSION": "7006"}):
        assert "takes no copies" in copy("a", {**far, **environment}).problem
    assert copy("a", {**far, "TERM": "xterm-256color", "VTE_VERSION": "8000"}).problem == ""
    assert "browser" in copy("a", far, in_browser=True).problem
    in_screen = copy("a" * 900, {**far, "TERM": "screen", "STY": "x"}).sequence
    assert in_screen.startswith("\x1bP\x1b]52;c;")
    assert in_screen.count("\x1b\\") == 2


def test_the_users_editor() -> None:
    assert editor_command({"EDITOR": "vi", "VISUAL": "code --wait"}) == ["code", "--wait"]
    with pytest.raises(CoderError, match="not set"):
        editor_command({})
    with pytest.raises(CoderError, match="quote"):
        editor_command({"EDITOR": "'vi"})
