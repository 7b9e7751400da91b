"""`coder edit`, with scripted answers."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, prompt_text

OLD = b"import os\r\n\r\n\r\ndef mean(values):\r\n    return sum(values)\r\n"
NEW = OLD.replace(b"sum(values)", b"sum(values) / len(values)")
ANSWER = "```py\ndef mean(values):\n    return sum(values) / len(values)\n```"


@pytest.fixture
def stats(work: Path) -> Path:
    path = work / "stats.py"
    path.write_bytes(OLD)
    return path


def test_a_diff_is_shown_and_nothing_is_written(stats: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    result = coder("edit", "stats.py:4-5", "divide")
    assert (result.code, result.err) == (0, "")
    assert b"-    return sum(values)\r\n+    return sum(values) / len(values)\r\n" in result.out
    assert stats.read_bytes() == OLD


def test_it_is_written_and_taken_back(stats: Path, coder: Run, script: Script) -> None:
    script(ANSWER)
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert (result.code, result.out) == (0, b"")
    assert result.err == "wrote stats.py (2 lines; coder undo takes it back)\n"
    assert stats.read_bytes() == NEW
    assert coder("undo").err == "took back: edit stats.py:4-5 (stats.py)\n"
    assert stats.read_bytes() == OLD


@pytest.mark.usefixtures("stats")
def test_json(coder: Run, script: Script) -> None:
    script(ANSWER)
    told = json.loads(coder("edit", "stats.py:4-5", "divide", "--json").out)
    assert told.keys() == {
        *("diff", "changed", "parses", "tries", "removes", "repeats", "attachments", "cuts", "usage", "model")
    }
    assert (told["changed"], told["parses"], told["tries"]) == (True, True, 1)


def test_what_the_instruction_names_goes_along(stats: Path, coder: Run, script: Script) -> None:
    stats.with_name("net.py").write_text("def retry(call):\n    return call()\n")
    stats.with_name("notes.md").write_text("one\ntwo\nthree\n")
    asked = ("edit", "stats.py:4-5", "use retry()", "-f", "notes.md:2-3", "--json")
    engine = script(ANSWER)
    told = json.loads(coder(*asked).out)
    assert (told["attachments"], told["cuts"]) == (["notes.md:2-3", "net.py"], [])
    sent = prompt_text(engine)
    assert "notes.md (lines 2-3):\n```md\ntwo\nthree\n```\n\nnet.py:\n```py\ndef retry(call):" in sent
    engine = script(ANSWER)
    told = json.loads(coder(*asked, "--no-context").out)
    assert told["attachments"] == ["notes.md:2-3"]
    assert "def retry" not in prompt_text(engine)
    stats.with_name(".env").write_text("KEY=1\n")
    script(ANSWER)
    assert coder("edit", "stats.py:4-5", "as @.env says").err == "note: @.env is not sent: may hold secrets\n"
    assert "there is no line 9" in failed(coder("edit", "stats.py:4-5", "x", "-f", "notes.md:9"))


@pytest.mark.usefixtures("stats")
def test_what_cannot_be_done_is_told(coder: Run, script: Script) -> None:
    script("no code", "none either")
    assert "the model gave no code" in failed(coder("edit", "stats.py", "divide"))
    assert "there is no line 9" in failed(coder("edit", "stats.py:4-9", "divide"))
    assert "the instruction is empty" in failed(coder("edit", "stats.py", " "), 2)
    assert "did you mean stats.py?" in failed(coder("edit", "stat.py", "divide"))
    assert "gone.py" in failed(coder("edit", "gone.py:3", "divide"))
    Path("link.md").symlink_to("nowhere.md")
    assert "link.md" in failed(coder("edit", "link.md", "divide"))


def test_new_code_is_written_at_a_blank_line_and_behind_the_last_one(stats: Path, coder: Run, script: Script) -> None:
    engine = script("def total(values):\n    return sum(values)")
    assert coder("edit", "stats.py:3", "add them up", "--write").code == 0
    new = b"def total(values):\r\n    return sum(values)\r\n"
    assert stats.read_bytes() == OLD.replace(b"\r\n\r\n\r\n", b"\r\n\r\n\r\n" + new + b"\r\n\r\n")
    assert "# add them up" in "".join(segment.text for segment in engine.requests[0][0].segments)
    stats.write_bytes(OLD)
    script("def mean(values):\n    return 0", "no")
    assert coder("edit", "stats.py:6", "zero").err.endswith("note: the file defines already: mean\n")
    script("print(mean([1]))")
    assert coder("edit", "stats.py:6", "try it", "--write").code == 0
    assert stats.read_bytes() == OLD + b"print(mean([1]))\r\n"


def test_nothing_to_change_is_told(stats: Path, coder: Run, script: Script) -> None:
    script("```py\ndef mean(values):\n    return sum(values)\n```")
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert result.err == "the model would change nothing\n"
    assert stats.read_bytes() == OLD


def test_what_was_saved_meanwhile_is_merged(stats: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    later = b"# mine\r\n" + OLD
    real = engine.generate
    engine.generate = lambda *asked: (stats.write_bytes(later), real(*asked))[1]  # type: ignore[method-assign]
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert (result.code, result.out) == (0, b"")
    assert "stats.py has changed since it was read; what you wrote there is kept\n" in result.err
    assert stats.read_bytes() == b"# mine\r\n" + NEW
    assert coder("undo").code == 0
    assert stats.read_bytes() == later


def test_what_was_saved_meanwhile_in_the_same_lines_is_refused(stats: Path, coder: Run, script: Script) -> None:
    engine = script(ANSWER)
    later = b"# mine\r\n" + OLD.replace(b"sum(values)", b"max(values)")
    real = engine.generate
    engine.generate = lambda *asked: (stats.write_bytes(later), real(*asked))[1]  # type: ignore[method-assign]
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert b"+    return sum(values) / len(values)\r\n" in result.out  # what the model was waited for is not lost
    told = failed(replace(result, out=b""))
    assert "stats.py has changed since it was read, and where it was to be changed: line 6; nothing was written" in told
    assert stats.read_bytes() == later


def test_what_is_saved_again_and_again_is_merged(
    stats: Path, coder: Run, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    from coder_tui.edits import rebasing

    lines = iter([b"# two\r\n", b"# three\r\n"])

    def saved(result: object, line: bytes) -> object:
        stats.write_bytes(line + stats.read_bytes())
        return result

    engine, merge = script(ANSWER), rebasing.onto_disk
    real = engine.generate
    engine.generate = lambda *asked: saved(real(*asked), b"# one\r\n")  # type: ignore[method-assign, assignment, return-value]
    monkeypatch.setattr(rebasing, "onto_disk", lambda *one, **two: saved(merge(*one, **two), next(lines, b"")))
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert (result.code, result.err.count("has changed since")) == (0, 1)
    assert stats.read_bytes() == b"# three\r\n# two\r\n# one\r\n" + NEW


def test_another_name_of_the_file_is_told(stats: Path, coder: Run, script: Script) -> None:
    os.link(stats, stats.with_name("other.py"))
    script(ANSWER)
    result = coder("edit", "stats.py:4-5", "divide", "--write")
    assert f"warning: {stats} had 2 names (hard links); the others keep the old content\n" in result.err
    assert (stats.read_bytes(), stats.with_name("other.py").read_bytes()) == (NEW, OLD)


def test_definitions_that_are_taken_away_are_told(stats: Path, coder: Run, script: Script) -> None:
    script(*["```py\nraise ValueError\n```"] * 4)
    told = coder("edit", "stats.py:4-5", "raise").err
    assert told == "note: the first answer was no use; this is the second\nnote: it takes away: mean\n"
    assert json.loads(coder("edit", "stats.py:4-5", "raise", "--json").out)["removes"] == ["mean"]
    assert stats.read_bytes() == OLD


def test_a_file_that_is_not_there_is_written_anew(work: Path, coder: Run, script: Script) -> None:
    script("```py\ndef slug(title):\n    return title.lower()\n```")
    shown = coder("edit", "web/slug.py", "make a slug of a title")
    assert b"--- /dev/null\n+++ b/web/slug.py\n@@ -0,0 +1,2 @@\n+def slug(title):\n" in shown.out
    assert not (work / "web").exists()
    script("```py\ndef slug(title):\n    return title.lower()\n```")
    result = coder("edit", "web/slug.py", "make a slug of a title", "--write")
    assert (result.code, result.err) == (0, "wrote web/slug.py (2 lines; coder undo takes it back)\n")
    assert (work / "web/slug.py").read_bytes() == b"def slug(title):\n    return title.lower()\n"
    assert coder("undo").err == "took back: edit web/slug.py (slug.py)\n"
    assert not (work / "web").exists()


def test_a_new_file_as_json_and_one_for_which_the_model_has_nothing(work: Path, coder: Run, script: Script) -> None:
    script("```\nx = 1\n```")
    told = json.loads(coder("edit", "new.py", "one", "--json").out)
    assert (told["changed"], told["diff"].split("\n")[0]) == (True, "--- /dev/null")
    script("no code", "none either")
    assert "the model gave no code" in failed(coder("edit", "new.py", "one", "--write"))
    assert not (work / "new.py").exists()


@pytest.mark.usefixtures("work")
def test_a_new_file_that_may_not_be_made_is_refused_before_the_model_is_asked(coder: Run, script: Script) -> None:
    engine = script("no code")
    assert "is outside of the repository" in failed(coder("edit", "../new.py", "one", "--write"))
    Path("file").write_text("")
    assert "is a file" in failed(coder("edit", "file/new.py", "one", "--write"))
    Path("shut").mkdir(mode=0o500)
    if not os.access("shut", os.W_OK):  # root may write anywhere
        assert "permission denied" in failed(coder("edit", "shut/new.py", "one", "--write"))
    assert engine.requests == []


def test_a_makefile_has_tabs_whatever_the_model_writes(work: Path, coder: Run, script: Script) -> None:
    script("```make\nbuild:\n    cc a.c\n\nclean:\n    rm a.out\n```")
    assert coder("edit", "Makefile", "build and clean", "--write").code == 0
    assert (work / "Makefile").read_text() == "build:\n\tcc a.c\n\nclean:\n\trm a.out\n"


def test_an_answer_that_is_a_part_of_a_function_is_told(stats: Path, coder: Run, script: Script) -> None:
    stats.write_bytes(OLD.replace(b"    return", b"    values = list(values)\r\n    return"))
    script(*["```py\nreturn max(values)\n```"] * 2)
    result = coder("edit", "stats.py:4-6", "the largest", "--write")
    assert "note: the model gave no more than some lines" in result.err
    assert stats.read_bytes() == OLD.replace(
        b"    return sum(values)", b"    values = list(values)\r\n    return max(values)"
    )
