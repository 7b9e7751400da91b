"""Damage that is found while the sessions are in use: they are set aside, and what can be read of them is kept."""

from __future__ import annotations

import shutil
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from coder_tui.core.errors import HistoryError
from coder_tui.history import schema
from coder_tui.history.sessions import Attached, Said, Sessions

PAGE = 4096
CHATS = 30
FILE = Attached("till.py", "class Till: ...\n" * 30, 3, "py")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "sessions.db"


@pytest.fixture
def filled(path: Path) -> Path:
    sessions = Sessions(path)
    for number in range(CHATS):
        name = sessions.new(root="/repo", model="tiny", settings={"temperature": 0.2})
        sessions.add(name, Said("user", f"question {number}", (FILE,)))
        sessions.add(name, Said("assistant", f"answer <{number}> " + "word " * 250, usage={"tokens": 1}))
    sessions.close()
    return path


def aside(path: Path) -> list[Path]:
    return [one for one in path.parent.glob("*.damaged-*") if not one.name.endswith("-wal")]


def spoil(path: Path, words: bytes) -> bytes:
    """Overwrite the pages in which words stand, as a failing disk does; the file as it is then."""
    data = bytearray(path.read_bytes())
    pages = [at for at in range(PAGE, len(data), PAGE) if words in data[at : at + PAGE]]
    assert pages
    for at in pages:
        data[at : at + PAGE] = b"\xff" * PAGE
    path.write_bytes(data)
    return bytes(data)


def texts(sessions: Sessions) -> set[str]:
    return {one.text for session in sessions.all() for one in sessions.messages(session.id)}


def test_a_damaged_page_costs_what_was_on_it(filled: Path) -> None:
    before = Sessions(filled)
    whole = texts(before)
    before.close()
    damaged = spoil(filled, b"answer <7>")
    sessions = Sessions(filled)
    assert sessions.notice == ""
    left = texts(sessions)
    assert f"; {CHATS} of them could be read and are kept" in sessions.notice
    assert left < whole
    assert len(whole - left) <= 2 * PAGE // 1250 + 2
    assert not any("answer <7>" in text for text in left)
    assert [one.read_bytes() for one in aside(filled)] == [damaged]
    (session,) = [one for one in sessions.all() if one.title == "question 20"]
    first, second = sessions.messages(session.id)
    assert (first.attachments, second.usage, session.settings) == ((FILE,), {"tokens": 1}, {"temperature": 0.2})
    assert [one.session.id for one in sessions.search("question 20")] == [session.id]
    sessions.add(session.id, Said("user", "and on"))
    assert sessions.messages(session.id)[-1].text == "and on"
    sessions.close()
    again = Sessions(filled)
    assert (again.notice, len(again.all())) == ("", CHATS)
    again.close()


def test_a_write_that_finds_it_is_made_in_what_is_kept(filled: Path) -> None:
    sessions = Sessions(filled)
    names = [one.id for one in sessions.all()]
    spoil(filled, b"answer <29>")
    sessions._base.connection.execute("PRAGMA cache_size = 0")
    sessions.delete(*names[3:])
    assert "have been set aside" in sessions.notice
    assert {one.id for one in sessions.all()} == set(names[:3])
    sessions.close()


def test_a_damaged_list_of_sessions(filled: Path) -> None:
    """What was said is worth more than the row that names its chat."""
    spoil(filled, b'"temperature"')
    sessions = Sessions(filled)
    sessions.all()
    found = texts(sessions)
    assert "have been set aside" in sessions.notice
    assert len(found) == 2 * CHATS
    sessions.close()


def test_what_stands_in_the_log_only_is_kept_too(filled: Path, tmp_path: Path) -> None:
    writer = Sessions(filled)
    name = writer.new(root="/repo", model="tiny")
    writer.add(name, Said("user", "said last"))
    killed = tmp_path / "killed"
    killed.mkdir()
    for end in ("", "-wal"):  # as they are on disk when the process is killed
        shutil.copyfile(f"{filled}{end}", killed / f"sessions.db{end}")
    writer.close()
    spoil(killed / "sessions.db", b"answer <7>")
    sessions = Sessions(killed / "sessions.db")
    assert "said last" in texts(sessions)
    assert "have been set aside" in sessions.notice
    sessions.close()
    assert len(aside(killed / "sessions.db")) == 1


def test_another_process_is_told_and_writes_into_what_there_is_now(filled: Path) -> None:
    late, other = Sessions(filled), Sessions(filled)
    name = late.all()[0].id
    number = late.add(name, Said("assistant", "half of it", is_whole=False))
    other._base._open_anew()
    taken = other.add(name, Said("user", "of the other"))
    with pytest.raises(HistoryError, match="another process has set the sessions aside"):
        late.update(number, "all of it", is_whole=True)
    assert "half of it" in texts(late)
    assert late.add(name, Said("user", "goes on")) > taken
    assert {"of the other", "goes on"} < texts(other)
    for one in (late, other):
        one.close()
    assert len(aside(filled)) == 1


def test_it_is_set_aside_once(filled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process has seen the damage and is late; another has set it aside and kept something meanwhile."""
    spoil(filled, b"answer <7>")
    late, real = Sessions(filled), schema._alone

    def alone(path: Path) -> AbstractContextManager[None]:
        monkeypatch.setattr(schema, "_alone", real)
        other = Sessions(path)
        assert texts(other)
        other.new(root="/kept", model="tiny")
        other.close()
        return real(path)

    monkeypatch.setattr(schema, "_alone", alone)
    assert len(texts(late)) > CHATS
    assert [one.root for one in late.all("/kept")] == ["/kept"]
    assert late.notice == ""
    late.close()
    assert len(aside(filled)) == 1


def test_values_that_make_no_sense_are_no_fault_of_the_program(filled: Path) -> None:
    sessions = Sessions(filled)
    db = sessions._base.connection
    db.execute("UPDATE sessions SET settings = 'x{', title = CAST(x'ff41' AS TEXT)")
    db.execute("UPDATE messages SET usage = '[1]', text = CAST(x'ff41' AS TEXT)")
    assert {(one.title, len(one.settings)) for one in sessions.all()} == {("\ufffdA", 0)}
    assert {(one.text, one.usage) for one in sessions.messages(sessions.all()[0].id)} == {("\ufffdA", None)}
    sessions.close()
