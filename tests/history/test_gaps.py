"""Sessions in numbers, forks that fail in the middle, and several processes that find the database damaged."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from coder_tui.core.errors import HistoryError
from coder_tui.history import schema
from coder_tui.history.sessions import Attached, Said, Sessions

NO_DATABASE = b"no database, but as long as the head of one would be. " * 40


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def sessions(path: Path) -> Iterator[Sessions]:
    made = Sessions(path)
    yield made
    made.close()


def chat(sessions: Sessions, *texts: str) -> str:
    name = sessions.new(root="/repo", model="tiny", settings={"temperature": 0.2})
    for at, text in enumerate(texts):
        attached = () if at else (Attached("till.py", "class Till: ...\n", 3, "py"),)
        sessions.add(name, Said("assistant" if at % 2 else "user", text, attached, usage={"tokens": at}))
    return name


def test_a_fork_is_there_whole_or_not_at_all(sessions: Sessions) -> None:
    name = chat(sessions, "one", "x" * 100_000, "three", "y" * 100_000)
    before = sessions.all()
    pages = sessions._base.connection.execute("PRAGMA page_count").fetchone()[0]
    for room in range(0, 400, 12):  # full at one place after the other
        sessions._base.connection.execute(f"PRAGMA max_page_count = {pages + room}")
        try:
            sessions.fork(name)
        except HistoryError:
            assert sessions.all() == before
        else:
            break
    else:
        pytest.fail("there was never room enough")
    assert room > 0
    fork = next(one for one in sessions.all() if one.id != name)
    assert (fork.title, fork.root, fork.model, fork.settings) == ("one", "/repo", "tiny", {"temperature": 0.2})
    assert sessions.messages(fork.id) == sessions.messages(name)
    assert len(sessions.search("three")) == 2


def test_others_never_see_half_a_fork(sessions: Sessions, path: Path) -> None:
    name = chat(sessions, *(f"message {number}" for number in range(40)))
    other, over, seen = Sessions(path), threading.Event(), set[int]()

    def look() -> None:
        while not over.is_set():
            seen.update(one.messages for one in other.all())

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        for _ in range(10):
            sessions.fork(name)
        over.set()
        looking.result()
    other.close()
    assert seen == {40}


def test_more_than_a_thousand(sessions: Sessions) -> None:
    oldest = chat(sessions, "the oldest")
    rows = [(f"{number:08x}ffffffff", "/repo", "", float(number), 2e10 + number, "", "{}") for number in range(1500)]
    sessions._base.connection.executemany("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    assert len(sessions.all()) == len(sessions.all("/repo")) == 1501
    assert len(sessions.all(limit=7)) == 7
    assert sessions.all()[-1].id == oldest
    assert sessions.find(oldest).title == "the oldest"
    assert sessions.find(oldest[-8:], "/repo").id == oldest
    with pytest.raises(HistoryError, match="means 1500 sessions"):
        sessions.find("ffffffff")
    for wild in ("%", "_", "*", "'"):
        with pytest.raises(HistoryError, match="there is no session"):
            sessions.find(wild)
    sessions.delete(*(one.id for one in sessions.all()))
    assert sessions.all() == []
    assert sessions._base.connection.execute("SELECT count(*) FROM texts").fetchone() == (0,)


def test_several_that_find_it_damaged_set_it_aside_once(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(NO_DATABASE)
    gate = threading.Barrier(6)

    def work(number: int) -> str:
        gate.wait()
        sessions = Sessions(path)
        chat(sessions, f"question {number}", "answer")
        sessions.close()
        return sessions.notice

    with ThreadPoolExecutor(6) as pool:
        notices = list(pool.map(work, range(6)))
    assert sum(bool(notice) for notice in notices) == 1
    (aside,) = path.parent.glob("*.damaged-*")
    assert aside.read_bytes() == NO_DATABASE
    sessions = Sessions(path)
    assert len(sessions.all()) == 6
    sessions.close()


def test_twice_within_a_second_has_two_names(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema.time, "strftime", lambda _: "20260101-000000")
    path.parent.mkdir(parents=True)
    for number in range(3):
        path.write_bytes(NO_DATABASE + b"%d" % number)
        Sessions(path).close()
    names = sorted(one.name for one in path.parent.glob("*.damaged-*"))
    assert names == [f"sessions.db.damaged-20260101-000000{end}" for end in ("", "-2", "-3")]


class Late(sqlite3.Connection):
    """Ctrl-C comes when what was written is there for good, and before anybody knows."""

    def execute(self, *words: Any) -> sqlite3.Cursor:
        done = super().execute(*words)
        if words[0] == "COMMIT":
            raise KeyboardInterrupt
        return done


def test_ctrl_c_right_behind_a_migration_is_told_as_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **given: connect(path, **given, factory=Late))
    with pytest.raises(KeyboardInterrupt):
        schema.opened(tmp_path / "sessions.db")
    monkeypatch.setattr(sqlite3, "connect", connect)
    schema.opened(tmp_path / "sessions.db").db.close()
