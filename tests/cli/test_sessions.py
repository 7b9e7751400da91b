"""`coder chat --continue` and `coder sessions`, with scripted answers."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, prompt_text, spawn

from coder_tui.config import paths
from coder_tui.history import schema


@pytest.fixture
def talked(work: Path, coder: Run, script: Script) -> Path:
    script("It takes money.")
    (work / "till.py").write_text("class Till: ...\n")
    assert coder("chat", "what is a Till?", "-f", "till.py").code == 0
    return work


def listed(coder: Run) -> list[dict[str, object]]:
    found = json.loads(coder("sessions", "list", "--json").out)["sessions"]
    assert isinstance(found, list)
    return found


@pytest.mark.usefixtures("talked")
def test_a_chat_goes_on(coder: Run, script: Script) -> None:
    engine = script("Into a box.")
    told = json.loads(coder("chat", "--continue", "where to?", "--json").out)
    sent = prompt_text(engine)
    assert sent.index("class Till: ...") < sent.index("It takes money.") < sent.index("where to?")
    (session,) = listed(coder)
    assert (session["id"], session["messages"], session["title"]) == (told["session"], 4, "what is a Till?")
    engine = script("Yes.")
    coder("chat", "--session", str(session["id"])[-8:], "really?")
    assert "Into a box." in prompt_text(engine)


@pytest.mark.usefixtures("talked")
def test_show_export_search_fork_delete(coder: Run) -> None:
    name = str(listed(coder)[0]["id"])
    shown = coder("sessions", "show", name[-8:]).text
    assert shown == (
        "# what is a Till?\n\n## You\n\n*till.py attached*\n\nwhat is a Till?\n\n## Answer\n\nIt takes money.\n"
    )
    assert "```py\nclass Till: ...\n```" in coder("sessions", "export", name).text
    told = json.loads(coder("sessions", "export", name, "--json").out)
    assert [one["role"] for one in told["messages"]] == ["user", "assistant"]
    found = json.loads(coder("sessions", "search", "takes money", "--json").out)["found"]
    assert [(one["id"], one["message"]) for one in found] == [(name, 1)]
    assert "takes money" in coder("sessions", "search", "takes money").text
    other = coder("sessions", "fork", name, "--messages", "1").text.strip()
    assert [one["messages"] for one in listed(coder)] == [1, 2]
    assert coder("sessions", "delete", name, other).err == "forgot 2 chats\n"
    assert listed(coder) == []
    assert coder("sessions", "list").err == "no chat has been kept here\n"


def test_private_chats_leave_nothing(work: Path, coder: Run, script: Script) -> None:
    script("classifiedanswer")
    assert coder("chat", "--private", "classifiedquestion").text == "classifiedanswer\n"
    homes = [paths.data_dir(), paths.state_dir(), paths.cache_dir(), paths.config_dir(), work]
    for path in (one for home in homes for one in home.rglob("*") if one.is_file()):
        assert b"classified" not in path.read_bytes(), path
    assert listed(coder) == []
    assert "keeps nothing" in failed(coder("chat", "--private", "--continue", "x"), 2)


@pytest.mark.usefixtures("work")
def test_it_can_be_turned_off(coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODER_HISTORY_ENABLED", "off")
    script("yes")
    told = json.loads(coder("chat", "well?", "--json").out)
    assert (told["text"], told["session"]) == ("yes", None)
    assert not paths.sessions_file().exists()
    assert "chats are not kept" in failed(coder("chat", "--continue", "x"))


@pytest.mark.usefixtures("work")
def test_what_is_not_there_is_told(coder: Run, script: Script) -> None:
    script("x")
    assert "no chat has been kept here" in failed(coder("chat", "--continue", "x"))
    assert "there is no session zzz" in failed(coder("chat", "--session", "zzz", "x"))
    assert "there is no session zzz" in failed(coder("sessions", "show", "zzz"))
    assert "say which chats" in failed(coder("sessions", "delete"), 2)
    assert "needs --yes" in failed(coder("sessions", "delete", "--all"), 2)


@pytest.mark.usefixtures("work")
def test_a_damaged_history_ends_no_chat(coder: Run, script: Script) -> None:
    paths.sessions_file().parent.mkdir(parents=True)
    paths.sessions_file().write_bytes(b"no database, but as long as the head of one would be. " * 40)
    script("yes")
    result = coder("chat", "well?")
    assert (result.code, result.text) == (0, "yes\n")
    assert "have been set aside" in result.err
    assert len(listed(coder)) == 1
    result = coder("sessions", "delete", str(listed(coder)[0]["id"]))
    (aside,) = paths.data_dir().glob("*.damaged-*")
    assert (
        result.err == f"note: {aside}, which was damaged and set aside, may still hold what was said\nforgot 1 chat\n"
    )
    assert coder("sessions", "delete", "--all", "--yes").err == "forgot 0 chats\n"
    assert list(paths.data_dir().glob("*.damaged-*")) == []


@pytest.mark.usefixtures("talked")
def test_damage_that_is_found_on_the_way_is_said(coder: Run) -> None:
    name = str(listed(coder)[0]["id"])
    path = paths.sessions_file()
    with sqlite3.connect(path) as db:
        page = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'attachments'").fetchone()[0]
    db.close()
    data = bytearray(path.read_bytes())
    data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    path.write_bytes(data)
    result = coder("sessions", "show", name)
    assert (result.code, result.text.count("It takes money.")) == (0, 1)
    assert f"are damaged and have been set aside as {path.name}.damaged-" in result.err
    assert "; 1 of them could be read and is kept\n" in result.err


@pytest.mark.usefixtures("work")
def test_false_is_off(work: Path, coder: Run, script: Script) -> None:
    script("yes", "yes")
    (work / ".coder.toml").write_text("[history]\nenabled = false\n")
    assert json.loads(coder("chat", "well?", "--json").out)["session"] is None
    (work / ".coder.toml").unlink()
    assert coder("config", "set", "history.enabled", "false").code == 0
    assert json.loads(coder("chat", "well?", "--json").out)["session"] is None
    assert not paths.sessions_file().exists()


@pytest.mark.usefixtures("talked")
def test_from_another_directory_and_as_objects(coder: Run, tmp_path: Path) -> None:
    name = str(listed(coder)[0]["id"])
    assert coder("sessions", "show", name, "-C", tmp_path).text.startswith("# what is a Till?")
    assert coder("sessions", "export", name, "-C", tmp_path).text.startswith("# what is a Till?")
    assert "cannot work in" in failed(coder("sessions", "show", name, "-C", tmp_path / "gone"), 2)
    told = json.loads(coder("sessions", "fork", name, "--messages", "1", "--json", "-C", tmp_path).out)
    assert (told["of"], told["messages"]) == (name, 1)
    result = coder("sessions", "delete", name, told["id"], name, "--json", "-C", tmp_path)
    assert json.loads(result.out) == {"deleted": [name, told["id"]]}
    assert result.err == "forgot 2 chats\n"
    assert listed(coder) == []


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_disk_that_is_full_ends_with_a_failure_after_the_answer(
    coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    answer, real = "word " * 4_000, schema._once

    def once(path: Path) -> sqlite3.Connection:
        db = real(path)
        pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {pages + 3}")
        return db

    before = json.loads(coder("sessions", "export", str(listed(coder)[0]["id"]), "--json").out)
    script(answer, context_tokens=60_000)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "_once", once)
        result = coder("chat", "--continue", "write much", "--max-tokens", "50000", *more)
    assert result.code == 1
    assert (json.loads(result.out)["text"] if more else result.text).strip() == answer.strip()
    assert "error: the session could not be kept: " in result.err
    assert "this chat is not kept any more\nhint: make room on the disk\n" in result.err
    after = json.loads(coder("sessions", "export", before["id"], "--json").out)
    assert after["messages"][:2] == before["messages"]
    assert [one["text"] for one in after["messages"][2:3]] == ["write much"]


def states() -> list[str]:
    return sorted(path.name for path in paths.states_dir().glob("*")) if paths.states_dir().exists() else []


@pytest.mark.usefixtures("work")
def test_what_a_model_has_read_is_kept_and_forgotten_with_the_chats(
    tiny_qwen: Path, coder: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ("chat", "what is it?", "--model", tiny_qwen, "--max-tokens", "4", "--no-context")
    for private in (("--private",), ()):
        if not private:
            monkeypatch.setenv("CODER_HISTORY_ENABLED", "off")
        assert spawn(*ask, *private).returncode == 0
        assert states() == []
    monkeypatch.delenv("CODER_HISTORY_ENABLED")
    assert spawn(*ask).returncode == 0
    assert len(states()) == 1
    first = listed(coder)[0]
    assert first["state_bytes"] == next(paths.states_dir().iterdir()).stat().st_size
    assert "MiB  what is it?" in coder("sessions", "list").text
    again = json.loads(spawn(*ask, "--continue", "--json").stdout)["usage"]
    assert again["cached_tokens"] > 0.3 * again["prompt_tokens"]
    assert spawn(*ask).returncode == 0
    assert len(states()) == 2, "a chat each"
    coder("sessions", "delete", str(first["id"]))
    assert [one["state_bytes"] > 0 for one in listed(coder)] == [True]
    assert len(states()) == 1
