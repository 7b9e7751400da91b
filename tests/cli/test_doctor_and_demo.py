"""`coder doctor` and `coder demo`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli.running import Run, Script, failed, git, prompt_text

from coder_tui.assistant import demo_repository, doctor
from coder_tui.assistant.doctor import Finding, Verdict

DEMO = ("        if x < pivot:\n", "x = 1\n", "It sorts.")


@pytest.mark.usefixtures("work")
def test_the_json_of_the_doctor(coder: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_qwen: Path) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(tiny_qwen, models)
    monkeypatch.setenv("CODER_MODELS_DIR", str(models))
    result = coder("doctor", "--json")
    told = json.loads(result.out)
    assert (result.code, result.err, told["ok"]) == (0, "", True)
    assert {frozenset(one) for one in told["findings"]} == {frozenset({"name", "verdict", "text", "mend"})}
    assert {one["verdict"] for one in told["findings"]} <= {"ok", "warning", "problem"}
    assert all(one["mend"] for one in told["findings"] if one["verdict"] != "ok")
    assert told["findings"][-1]["name"] == "terminal"


@pytest.mark.usefixtures("work")
def test_a_problem_is_exit_code_1(coder: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    findings = [
        Finding("fine", Verdict.OK, "well"),
        Finding("odd\x1b[2J", Verdict.WARNING, "strange [bold]text[/bold]", "do it"),
        Finding("bad", Verdict.PROBLEM, "broken", "coder models pull starter"),
    ]
    monkeypatch.setattr(doctor, "examine", lambda _: iter(findings))
    result = coder("doctor")
    assert (result.code, result.err) == (1, "")
    lines = result.text.splitlines()
    assert lines[0] == f"ok {'fine':<18} well"
    assert "strange [bold]text[/bold]" in lines[1]
    assert lines[2].strip() == "mend: do it"
    assert lines[4].strip() == "mend: coder models pull starter"
    assert "\x1b" not in result.text
    findings.pop()
    assert coder("doctor").code == 0


def test_the_demo_makes_a_repository_and_shows_three_things(
    work: Path, coder: Run, script: Script, tmp_path: Path
) -> None:
    engine = script(*DEMO)
    result = coder("demo", "--into", tmp_path / "demo")
    assert (result.code, result.err) == (0, "")
    assert len(engine.requests) == 3
    assert "What to try next:" in result.text
    assert f"cd {tmp_path / 'demo'}\n" in result.text
    infill, complete, chat = (prompt_text(engine, index) for index in range(3))
    assert "quick_sort" in infill
    assert complete.index("utils.py") < complete.index("model.py") < complete.index("main.py")
    assert demo_repository.content("model.py") in chat
    assert "It sorts." in result.text
    assert git(tmp_path / "demo", "status", "--porcelain") == ""
    assert git(tmp_path / "demo", "ls-files").split() == sorted(demo_repository.NAMES)
    assert {path.name for path in work.iterdir()} == {".git"}


@pytest.mark.usefixtures("work")
def test_what_the_demo_says_to_try_works(
    coder: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(*DEMO, *DEMO)
    shown = coder("demo", "--into", tmp_path / "demo").text
    monkeypatch.chdir(tmp_path / "demo")
    lines = [line.strip() for line in shown.partition("next:")[2].splitlines()]
    tried = [line for line in lines if line.startswith(("coder infill", "coder complete"))]
    assert len(tried) == 2
    for line in tried:
        arguments = line.partition("  ")[0].split()[1:]
        result = coder(*arguments)
        assert (result.code, result.err) == (0, "")
        assert result.out


@pytest.mark.usefixtures("work")
def test_the_demo_overwrites_nothing(coder: Run, script: Script, tmp_path: Path) -> None:
    engine = script(*DEMO)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("mine")
    assert "is not empty" in failed(coder("demo", "--into", tmp_path / "full"))
    assert "file" in failed(coder("demo", "--into", tmp_path / "full" / "file"))
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]
    assert engine.requests == []


@pytest.mark.usefixtures("work")
def test_a_demo_without_git_leaves_nothing(
    coder: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(*DEMO)
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    assert failed(coder("demo", "--into", tmp_path / "demo")).startswith("error: git is not installed")
