"""`coder context`, and what goes along with infill, complete, fill and chat."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, git, prompt_text

TILL = 'class Till:\n    """Takes money."""\n\n    def deposit(self, amount: int) -> int:\n        return amount\n'
MAIN = "from till import Till\n\n\ndef run():\n    t = \n    return t\n"


@pytest.fixture
def shop(work: Path) -> Path:
    (work / "till.py").write_text(TILL)
    (work / "main.py").write_text(MAIN)
    (work / ".env").write_text("KEY=1\n")
    (work / "holes.py").write_text("from till import Till\nx = <FILL_ME>\n")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "x")
    return work


@pytest.mark.usefixtures("shop")
def test_what_is_imported_goes_along(coder: Run, script: Script) -> None:
    engine = script("Till()\n")
    assert coder("infill", "main.py:5:9").code == 0
    assert '#till.py\nclass Till:\n    """Takes money."""' in prompt_text(engine)
    engine = script("Till()\n")
    assert coder("infill", "main.py:5:9", "--no-context").code == 0
    assert "Takes money" not in prompt_text(engine)


@pytest.mark.usefixtures("shop")
def test_complete_and_fill_have_it_too(coder: Run, script: Script) -> None:
    engine = script("x\n")
    coder("complete", "main.py")
    assert prompt_text(engine).startswith("#till.py\nclass Till:")
    engine = script("Till()")
    coder("fill", "holes.py")
    assert "#till.py\nclass Till:" in prompt_text(engine)
    coder("fill", "holes.py", "--no-context")
    assert "#till.py" not in prompt_text(engine)


def test_a_chat_knows_what_the_question_names(shop: Path, coder: Run, script: Script) -> None:
    (shop / ".coder.md").write_text("We count in cents.\n")
    engine = script("It takes money.")
    coder("chat", "what does `Till` do, and @main.py?")
    sent = prompt_text(engine)
    assert "We count in cents." in sent
    assert "def deposit(self, amount: int) -> int:\n        return amount" in sent
    assert "def run():" in sent
    coder("chat", "what does `Till` do?", "--no-context")
    assert "deposit" not in prompt_text(engine)
    assert "cents" not in prompt_text(engine)


@pytest.mark.usefixtures("shop")
def test_a_chat_finds_what_a_question_in_plain_words_is_about(coder: Run, script: Script) -> None:
    engine = script("It takes money.", "A till.", "The sea")
    told = json.loads(coder("chat", "Where is the amount of a deposit kept?", "--json").out)
    assert told["attachments"] == ["till.py:4-5"]
    assert "def deposit(self, amount: int) -> int:\n        return amount" in prompt_text(engine)
    assert json.loads(coder("chat", "explain till.py", "--json").out)["attachments"] == ["till.py"]
    assert json.loads(coder("chat", "write a haiku", "--json").out)["attachments"] == []


@pytest.mark.usefixtures("shop")
def test_a_member_does_not_go_along_twice_where_there_is_room_for_its_class(coder: Run, script: Script) -> None:
    script("It takes money.")
    assert json.loads(coder("chat", "What is Till.deposit for?", "--json").out)["attachments"] == ["till.py"]


@pytest.mark.usefixtures("shop")
def test_a_file_that_may_not_be_sent_is_no_mention(coder: Run, script: Script) -> None:
    engine = script("no")
    assert coder("chat", "what is in @.env").code == 0
    assert "KEY=1" not in prompt_text(engine)


@pytest.mark.usefixtures("shop")
def test_the_pieces_are_shown_with_reasons_and_tokens(coder: Run, script: Script) -> None:
    script("")
    result = coder("context", "main.py:5:9")
    assert result.code == 0, result
    assert "till.py:1-5" in result.text
    assert "imported and not used yet" in " ".join(result.text.split())
    assert "before the cursor" in result.text


def test_what_is_left_out_is_told_with_its_reason(shop: Path, coder: Run, script: Script) -> None:
    (shop / "keys_pb2.py").write_text("class Keys: ...\n")
    (shop / "private.py").write_text("class Private: ...\n")
    (shop / ".coderignore").write_text("private.py\n")
    (shop / "main.py").write_text(
        "from keys_pb2 import Keys\nfrom private import Private\nfrom till import Till\nx = \n"
    )
    engine = script("")
    told = json.loads(coder("context", "main.py:4", "--json").out)
    reasons = {left["path"]: left["reason"] for left in told["left_out"]}
    assert reasons["keys_pb2.py"] == "generated or minified: never sent"
    assert reasons["private.py"] == "named in .coderignore: never sent"
    assert "  private.py: named in .coderignore: never sent" in coder("context", "main.py:4").text
    coder("infill", "main.py:4")
    assert "class Private" not in prompt_text(engine)


@pytest.mark.usefixtures("shop")
def test_json_adds_up(coder: Run, script: Script) -> None:
    engine = script("")
    told = json.loads(coder("context", "main.py:5:9", "--json").out)
    assert told.keys() == {"parts", "left_out", "prompt", "prompt_tokens", "likely", "aside"}
    assert told["likely"] == ["Till"]
    first = told["parts"][0]
    assert (first["path"], first["first_line"], first["last_line"], first["source"]) == ("till.py", 1, 5, "definitions")
    assert [part["source"] for part in told["parts"]] == ["definitions", "file", "file"]
    assert all(part["tokens"] >= 0 for part in told["parts"])
    assert told["prompt_tokens"] >= max(part["tokens"] for part in told["parts"])
    ids = coder("context", "main.py:5:9", "--tokens").text.split()
    assert len(ids) == told["prompt_tokens"]
    assert coder("context", "main.py:5:9", "--prompt").text == told["prompt"]
    engine = script("x")
    coder("infill", "main.py:5:9")
    assert prompt_text(engine) == told["prompt"]
    assert [one.name for one in engine.requests[-1][0].likely] == ["Till"]


def test_without_a_repository_it_is_the_folder(tmp_path: Path, coder: Run, script: Script) -> None:
    script("")
    (tmp_path / "till.py").write_text(TILL)
    (tmp_path / "main.py").write_text(MAIN)
    result = coder("context", tmp_path / "main.py:5:9", "--json")
    assert result.err == "note: not in a git repository: only the files beside this one are looked at\n"
    assert json.loads(result.out)["parts"][0]["path"] == "till.py"


@pytest.mark.usefixtures("shop")
def test_sources_can_be_chosen(coder: Run, script: Script) -> None:
    script("")
    told = json.loads(coder("context", "main.py:5:9", "--json", "--sources", "uses").out)
    assert {part["source"] for part in told["parts"]} <= {"uses", "file"}
    assert "magic is no source" in failed(coder("context", "main.py:5:9", "--sources", "magic"), 2)


@pytest.mark.usefixtures("shop")
def test_wrong_places_are_told(coder: Run, script: Script) -> None:
    script("")
    assert "has 7 lines" in failed(coder("context", "main.py:99"))
    assert "gone.py" in failed(coder("context", "gone.py:1"))
    assert "exclude each other" in failed(coder("context", "main.py:1", "--json", "--prompt"), 2)


@pytest.mark.parametrize("damage", ["not a database" * 99, ""])
def test_a_damaged_index_is_no_matter(shop: Path, coder: Run, script: Script, damage: str) -> None:
    from coder_tui.context import index

    script("")
    path = index.path_of(shop)
    path.parent.mkdir(parents=True)
    path.write_text(damage)
    assert "till.py" in coder("context", "main.py:5:9").text


def test_no_place_for_an_index_is_no_matter(
    shop: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    (shop / "file").write_text("x")
    monkeypatch.setenv("CODER_CACHE_DIR", str(shop / "file"))
    script("")
    assert "till.py" in coder("context", "main.py:5:9").text


def test_git_that_refuses_is_no_matter(shop: Path, coder: Run, script: Script) -> None:
    script("")
    (shop / ".git/config").write_text("[core\n")
    (shop / ".gitignore").write_text("/till.py\n")
    result = coder("context", "main.py:5:9")
    assert "till.py" not in result.text
    assert result.err.startswith("note: git failed in ")
    (shop / ".gitignore").unlink()
    assert "till.py" in coder("context", "main.py:5:9").text


def test_chat_tells_which_files_it_does_not_send(coder: Run, script: Script, shop: Path) -> None:
    script("an answer")
    for folder in ("a", "b"):
        (shop / folder).mkdir()
        (shop / folder / "desk.py").write_text("DESK = 1\n")
    err = coder("chat", "why? @till.py @.env @desk.py @gone.py @property").err
    assert "note: @.env is not sent: may hold secrets\n" in err
    assert "note: @desk.py could be 2 files: a/desk.py, b/desk.py\n" in err
    assert "gone" not in err
    assert "property" not in err
    err = coder("chat", "why? @.env", "-f", ".env").err
    assert "not sent" not in err, "somebody has attached it by hand"
