"""`coder` on a terminal: a pseudo terminal of the standard library, scripted answers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.running import Run, environment

PROGRAM = Path(__file__).with_name("scripted_coder.py")
_SEQUENCES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\r")
TIMEOUT_S = 30


class Terminal:
    """A program on a terminal of its own, of which it is the foreground process."""

    def __init__(self, command: list[str], columns: int, lines: int, **more: str) -> None:
        main, other = pty.openpty()
        fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

        def own() -> None:
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        surrounding = {name: value for name, value in environment().items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, start_new_session=True, preexec_fn=own,  # noqa: PLW1509
            env={**surrounding, "TERM": "xterm-256color", **more},
        )  # fmt: skip
        os.close(other)
        self._main = main
        self.raw = ""
        self._read = 0

    @property
    def text(self) -> str:
        """What came so far, without escape sequences."""
        return _SEQUENCES.sub("", self.raw)

    def wait_for(self, words: str) -> str:
        """Read until `words` have come, after those waited for before; all that came until then."""
        end = time.monotonic() + TIMEOUT_S
        while (at := self.text.find(words, self._read)) < 0:
            if time.monotonic() > end or not self._more(end):
                pytest.fail(f"{words!r} did not come; what came: {self.raw!r}")
        start, self._read = self._read, at + len(words)
        return self.text[start : self._read]

    def type(self, keys: str | bytes) -> None:
        os.write(self._main, keys.encode() if isinstance(keys, str) else keys)

    def ends(self) -> int:
        """Read to the end; the exit status."""
        end = time.monotonic() + TIMEOUT_S
        while self._more(end):
            pass
        return self.process.wait(TIMEOUT_S)

    def interrupted(self) -> int:
        """Press Ctrl-C until it ends; the exit status. Python's input() misses a Ctrl-C that comes in the instant
        between showing its prompt and waiting for keys, until the next key."""
        end = time.monotonic() + TIMEOUT_S
        while time.monotonic() < end:
            self.type("\x03")
            pause = time.monotonic() + 1
            while self._more(pause):
                pass
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self.process.wait(1)
        pytest.fail(f"Ctrl-C did not end it; what came: {self.raw!r}")

    def _more(self, end: float) -> bool:
        ready, _, _ = select.select([self._main], [], [], max(0, end - time.monotonic()))
        data = b""
        with contextlib.suppress(OSError):  # EIO: the program has closed its end
            data = os.read(self._main, 65536) if ready else b""
        self.raw += data.decode(errors="replace")
        return bool(data)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._main)


Start = Callable[..., Terminal]


@pytest.fixture
def terminal(work: Path, tmp_path: Path, tiny_qwen: Path) -> Iterator[Start]:
    """Start `coder` with some answers."""
    started: list[Terminal] = []

    def start(*arguments: str, answers: list[object], columns: int = 80, lines: int = 24, **more: str) -> Terminal:
        (tmp_path / "answers").write_text(json.dumps(answers))
        files = [str(tmp_path / "answers"), str(tmp_path / "requests"), str(tiny_qwen)]
        started.append(Terminal([sys.executable, str(PROGRAM), *files, *arguments], columns, lines, **more))
        return started[-1]

    assert Path.cwd() == work
    yield start
    for one in started:
        one.close()


def requests(tmp_path: Path) -> list[str]:
    return [json.loads(line) for line in (tmp_path / "requests").read_text().splitlines()]


def test_what_is_printed_takes_the_place_of_the_status_line(terminal: Start) -> None:
    Path("a.py").write_text("x = 1\n")
    infill = terminal("infill", "a.py:1", "--no-context", answers=["", "", ""])
    assert infill.ends() == 0
    assert infill.raw.endswith("tokens ...\r\x1b[Kthe model has nothing to put there\r\n")


def test_notes_of_a_table_stay_in_their_column(terminal: Start, coder: Run) -> None:
    """On a terminal; in a pipe every model has one line."""
    listed = terminal("models", "list", answers=[], columns=84)
    assert listed.ends() == 0
    head, *lines = listed.text.splitlines()
    at = head.index("note")
    assert max(map(len, lines)) <= 84
    assert all(len(line) < at or line[at - 1] == " " for line in lines[:-1])
    assert any(not line[:at].strip() for line in lines)
    assert lines[-1] == "* recommended for this machine"
    piped = coder("models", "list").text.splitlines()
    assert not any(not line[:at].strip() for line in piped)
    words = [" ".join(text).split() for text in (lines[:-1], piped[1:])]
    assert sorted(words[0]) == sorted(words[1])


def test_a_chat_line_by_line(terminal: Start, tmp_path: Path) -> None:
    chat = terminal("chat", "--lines", answers=["First *answer*.", "Second answer."])
    chat.wait_for("Ctrl-D ends the chat.")
    chat.wait_for("> ")
    chat.type("what is one?\n")
    chat.wait_for("First answer.")
    chat.wait_for("> ")
    chat.type("   \n")
    chat.wait_for("> ")
    chat.type("and two?\n")
    chat.wait_for("Second answer.")
    chat.wait_for("> ")
    chat.type("\x04")
    assert chat.ends() == 0
    first, second = requests(tmp_path)
    assert "and two?" not in first
    places = [second.index(text) for text in ("what is one?", "First *answer*.", "and two?")]
    assert places == sorted(places)


def test_ctrl_c_stops_an_answer_and_the_chat_goes_on(terminal: Start, tmp_path: Path) -> None:
    Path("a.py").write_text("x = 12345\n")
    chat = terminal("chat", "--lines", "-f", "a.py", answers=[["one ", "HANG"], "Second answer."])
    chat.wait_for("> ")
    chat.type("first?\n")
    chat.wait_for("hanging")
    chat.type("\x03")
    chat.wait_for("stopped")
    chat.wait_for("> ")
    chat.type("second?\n")
    chat.wait_for("Second answer.")
    chat.wait_for("> ")
    assert chat.interrupted() == 130
    assert "Traceback" not in chat.raw
    assert "x = 12345" in requests(tmp_path)[1]


def test_keys_that_are_no_text_are_a_question_all_the_same(terminal: Start, tmp_path: Path) -> None:
    chat = terminal("chat", "--lines", answers=["yes"])
    chat.wait_for("> ")
    chat.type(b"caf\xe9?\n")
    chat.wait_for("yes")
    chat.wait_for("> ")
    chat.type("\x04")
    assert chat.ends() == 0
    assert "caf" in requests(tmp_path)[0]


def test_a_failure_does_not_end_the_chat(terminal: Start) -> None:
    chat = terminal("chat", "--lines", answers=["only one"])
    chat.wait_for("> ")
    chat.type("first?\n")
    chat.wait_for("only one")
    chat.wait_for("> ")
    chat.type("second?\n")
    chat.wait_for("error: the script has no more answers")
    chat.wait_for("> ")
    chat.type("\x04")
    assert chat.ends() == 0


def test_what_goes_along_is_said_on_a_terminal(terminal: Start, tmp_path: Path) -> None:
    Path("till.py").write_text("import os\n\n\nclass Till:\n    total = 0\n")
    chat = terminal("chat", "What does the class Till do?", answers=["It counts."])
    assert chat.ends() == 0
    assert "\r\x1b[Kwith till.py:4-5\r\n" in chat.raw
    assert chat.raw.index("with till.py:4-5") < chat.raw.index("It counts.")
    assert "total = 0" in requests(tmp_path)[0]
    alone = terminal("chat", "What does the class Till do?", "--no-context", answers=["It counts."])
    assert alone.ends() == 0
    assert "till.py" not in alone.text


def test_ctrl_c_in_one_answer_ends_the_command(terminal: Start) -> None:
    chat = terminal("chat", "q", answers=[["one ", "HANG"]])
    chat.wait_for("hanging")
    chat.type("\x03")
    assert chat.ends() == 130
    assert "Traceback" not in chat.raw


NASTY = "a\x1b]52;c;ZXZpbA==\x07b\x9b2Jc\x1b[2Jd\u202ee"


@pytest.mark.parametrize("more", [{}, {"NO_COLOR": "1"}])
@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 12), (20, 5)])
def test_markdown_is_rendered_without_what_would_hurt(
    terminal: Start, columns: int, lines: int, more: dict[str, str]
) -> None:
    answer = f"# Title\n\nSome **bold** text {NASTY}.\n\n```python\nx = 1\n" + "y = 2\n" * 40 + "```\n\n- end\n"
    chat = terminal("chat", "q", answers=[answer], columns=columns, lines=lines, **more)
    assert chat.ends() == 0
    assert "**" not in chat.text
    assert "```" not in chat.text
    assert chat.text.rstrip().endswith("• end")
    assert chat.text.count("Title") >= 1
    assert "]52;c;ZXZpbA==b2Jc[2Jde." in chat.text.replace("\n", "") or columns < 80
    for wrong in ("\x1b]52", "\x07", "\x9b", "\x1b[2J", "\u202e"):
        assert wrong not in chat.raw
    if more:
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]m", chat.raw)


def test_an_infill_streams_onto_the_terminal(terminal: Start) -> None:
    Path("a.py").write_text("def f():\n    \n\nx = 1\n")
    infill = terminal("infill", "a.py:2", answers=["    pass\n"], columns=40, lines=12)
    assert infill.ends() == 0
    assert infill.text.strip().endswith("pass")
    diff = terminal("infill", "a.py:2", "--diff", answers=["    pass\n"])
    assert diff.ends() == 0
    assert "+    pass" in diff.text
    assert "\x1b[32m" in diff.raw
    plain = terminal("infill", "a.py:2", "--diff", answers=["    pass\n"], NO_COLOR="1")
    assert plain.ends() == 0
    assert "\x1b[32m" not in plain.raw


def test_a_terminal_that_hangs_up(terminal: Start) -> None:
    chat = terminal("chat", "q", answers=[["one ", "HANG"]])
    chat.wait_for("hanging")
    chat.process.send_signal(signal.SIGHUP)
    assert chat.ends() == 129
    assert "Traceback" not in chat.raw


def test_nothing_to_complete_on_a_terminal(terminal: Start) -> None:
    complete = terminal("complete", answers=[])
    assert complete.ends() == 2
    assert "error: there is nothing to continue" in complete.text
