"""Sessions in SQLite: what is kept, found, forked and forgotten, and what happens when the disk or the file fails."""

from __future__ import annotations

import os
import signal
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.core.errors import HistoryError
from coder_tui.history.schema import VERSION
from coder_tui.history.sessions import Attached, Said, Sessions, title_of

FILE = Attached("till.py", "class Till: ...\n", 3, "py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def sessions(path: Path) -> Iterator[Sessions]:
    made = Sessions(path)
    yield made
    made.close()


def chat(sessions: Sessions, *texts: str, root: str = "/repo") -> str:
    name = sessions.new(root=root, model="tiny", settings={"temperature": 0.2})
    for at, text in enumerate(texts):
        sessions.add(name, Said("assistant" if at % 2 else "user", text, () if at else (FILE,)))
    return name


def test_what_was_said_comes_back(sessions: Sessions) -> None:
    name = chat(sessions, "what is a Till?", "It takes money.")
    first, second = sessions.messages(name)
    assert (first.role, first.text, first.attachments, first.is_whole) == ("user", "what is a Till?", (FILE,), True)
    assert (second.role, second.text, second.attachments) == ("assistant", "It takes money.", ())
    (session,) = sessions.all("/repo")
    assert (session.title, session.messages, session.model) == ("what is a Till?", 2, "tiny")
    assert session.settings == {"temperature": 0.2}
    assert sessions.all("/other") == []


def test_an_answer_is_written_while_it_arrives(sessions: Sessions, path: Path) -> None:
    name = chat(sessions, "why?")
    number = sessions.add(name, Said("assistant", "", is_whole=False))
    sessions.update(number, "Because", is_whole=False)
    other = Sessions(path)
    assert [(one.text, one.is_whole) for one in other.messages(name)] == [("why?", True), ("Because", False)]
    sessions.update(number, "Because it is.", is_whole=True, usage={"prompt_tokens": 7})
    last = other.messages(name)[-1]
    assert (last.text, last.is_whole, last.usage) == ("Because it is.", True, {"prompt_tokens": 7})
    other.close()


def test_the_latest_comes_first(sessions: Sessions) -> None:
    first, second = chat(sessions, "one"), chat(sessions, "two")
    assert [one.id for one in sessions.all()] == [second, first]
    sessions.add(first, Said("user", "again"))
    assert [one.id for one in sessions.all()] == [first, second]


def test_search(sessions: Sessions) -> None:
    name = chat(sessions, "how does quick_sort work?", "It picks a pivot and sorts both sides.")
    chat(sessions, "pivot tables", root="/other")
    found = sessions.search("pivot sorts", "/repo")
    assert [(one.session.id, one.place) for one in found] == [(name, 1)]
    assert "\x02pivot\x03" in found[0].excerpt
    assert [one.place for one in sessions.search("quick_so", "/repo")] == [0]
    assert len(sessions.search("PIVOT")) == 2
    sessions.delete(name)
    assert sessions.search("quick_sort") == []


@settings(max_examples=40)
@given(words=st.text())
def test_whatever_is_searched_for_is_taken_as_words(tmp_path_factory: pytest.TempPathFactory, words: str) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.db"
    sessions = Sessions(path)
    try:
        for query in (words, f'"{words}', f"{words} OR NEAR(a b) -x ^y col:z *"):
            sessions.search(query)
    finally:
        sessions.close()


def test_a_fork_goes_its_own_way(sessions: Sessions) -> None:
    name = chat(sessions, "one", "two", "three", "four")
    other = sessions.fork(name, 2)
    sessions.add(other, Said("user", "else"))
    assert [one.text for one in sessions.messages(other)] == ["one", "two", "else"]
    assert [one.text for one in sessions.messages(name)] == ["one", "two", "three", "four"]
    assert sessions.messages(other)[0].attachments == (FILE,)
    sessions.delete(name)
    assert sessions.messages(other)[0].attachments == (FILE,)


def test_what_is_deleted_is_gone_from_the_disk(sessions: Sessions, path: Path) -> None:
    name = chat(sessions, "secretword", "answerword")
    sessions.delete(name)
    assert sessions.all() == []
    data = b"".join(one.read_bytes() for one in path.parent.iterdir())
    assert b"secretword" not in data
    assert b"class Till" not in data


def test_sessions_are_found_by_what_tells_them_apart(sessions: Sessions) -> None:
    name = chat(sessions, "one")
    assert sessions.find(name[-8:]).id == sessions.find(name[:12]).id == name
    for wrong in ("zzz", ""):
        with pytest.raises(HistoryError, match=r"there is no session|means"):
            sessions.find(wrong)
    chat(sessions, "two")
    with pytest.raises(HistoryError, match="means 2 sessions"):
        sessions.find(name[:4])


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("why is this slow?", "why is this slow?"),
        ("\n\n```py\nx = 1\n```\nwhat is x?", "x = 1"),
        ("# Heading\nmore", "Heading"),
        ("", "untitled"),
        ("word " * 40, "word word word word word word word word word word word…"),
        ("x" * 80, "x" * 59 + "…"),
    ],
)
def test_titles(question: str, title: str) -> None:
    found = title_of(question)
    assert found == title or (question.startswith("\n\n```") and found in ("py", "x = 1"))


def test_text_that_is_no_text_can_be_kept(sessions: Sessions) -> None:
    name = chat(sessions, "\udcff caf\u00e9 \0 \U0001f600")
    assert sessions.messages(name)[0].text == "? caf\u00e9 \0 \U0001f600"


def test_many_write_at_once(path: Path) -> None:
    def work(number: int) -> None:
        sessions = Sessions(path)
        for turn in range(10):
            chat(sessions, f"question {number} {turn}", "answer")
        sessions.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    sessions = Sessions(path)
    assert len(sessions.all()) == 40
    assert {one.messages for one in sessions.all()} == {2}
    sessions.close()


def test_a_kill_loses_no_more_than_what_was_not_written(path: Path) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        sessions = Sessions(path)
        name = chat(sessions, "why?")
        number = sessions.add(name, Said("assistant", "", is_whole=False))
        sessions.update(number, "as far as it came", is_whole=False)
        os.write(write, b"x")
        time.sleep(60)
        os._exit(0)
    os.read(read, 1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    sessions = Sessions(path)
    (session,) = sessions.all()
    assert [one.text for one in sessions.messages(session.id)] == ["why?", "as far as it came"]
    sessions.close()


@pytest.mark.parametrize("damage", [b"no database, but as long as the head of one would be. " * 40, None])
def test_a_damaged_database_is_set_aside_and_said(path: Path, damage: bytes | None) -> None:
    sessions = Sessions(path)
    chat(sessions, "one")
    sessions.close()
    data = path.read_bytes()
    path.write_bytes(damage if damage is not None else b"SQLite format 3\0" + b"\xff" * len(data))
    again = Sessions(path)
    assert "damaged and have been set aside as sessions.db.damaged-" in again.notice
    chat(again, "two")
    assert [one.title for one in again.all()] == ["two"]
    again.close()
    assert len(list(path.parent.glob("*.damaged-*"))) == 1


def test_what_was_not_written_back_yet_is_set_aside_too(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database, but as long as the head of one would be. " * 40)
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"what a process that was killed had written")
    Sessions(path).close()
    (kept,) = path.parent.glob("*.damaged-*-wal")
    assert kept.read_bytes() == b"what a process that was killed had written"


def test_a_newer_database_is_left_alone(path: Path) -> None:
    Sessions(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    with pytest.raises(HistoryError, match="is from a newer version of coder"):
        Sessions(path)
    assert path.exists()


def test_a_full_disk_is_told_and_loses_nothing(sessions: Sessions) -> None:
    name = chat(sessions, "one", "two")
    pages = sessions._base.connection.execute("PRAGMA page_count").fetchone()[0]
    sessions._base.connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(HistoryError, match=r"could not be kept: .*full") as caught:
        sessions.add(name, Said("user", "x" * 200_000))
    assert caught.value.hint == "make room on the disk"
    assert [one.text for one in sessions.messages(name)] == ["one", "two"]
    sessions._base.connection.execute(f"PRAGMA max_page_count = {pages + 1000}")
    sessions.add(name, Said("user", "three"))
    assert len(sessions.messages(name)) == 3


def test_nobody_else_may_read_it(sessions: Sessions, path: Path) -> None:
    chat(sessions, "one")
    assert all(one.stat().st_mode & 0o077 == 0 for one in (path.parent, *path.parent.iterdir()))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryError, match="cannot be opened"):
        Sessions(tmp_path / "file" / "sessions.db")
