"""The program as such: start-up, help of every command, shell completion."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from cli.running import Run, command, environment, failed, spawn

from coder_tui import __version__
from coder_tui.cli.app import app

HEAVY = ("llama_cpp", "numpy", "httpx", "huggingface_hub", "rich", "jinja2", "tomlkit", "psutil", "git", "platformdirs")


def test_version_loads_nothing_heavy() -> None:
    program = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print([name for name in {HEAVY} if name in sys.modules]))\n"
        "sys.argv = ['coder', '--version']\n"
        "from coder_tui.__main__ import main\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, env=environment(), check=True)
    assert done.stdout.decode() == f"coder {__version__}\n[]\n"
    assert done.stderr == b""


def test_version_is_quick() -> None:
    def took() -> float:
        started = time.perf_counter()
        assert spawn("--version").returncode == 0
        return time.perf_counter() - started

    took()
    times: list[float] = []
    while len(times) < 40 and (len(times) < 5 or min(times) >= 0.150):  # others may be using this machine
        times.append(took())
    assert min(times) < 0.150


def commands(group: Any = None, name: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command with its words, groups too."""
    group = typer.main.get_command(app) if group is None else group
    yield name, group
    for word, one in getattr(group, "commands", {}).items():
        yield from commands(one, (*name, word))


ALL = list(commands())


@pytest.mark.parametrize(("words", "one"), ALL, ids=[" ".join(words) or "coder" for words, _ in ALL])
def test_every_help_has_examples_that_parse(coder: Run, words: tuple[str, ...], one: Any) -> None:
    result = coder(*words, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.text.startswith(f"Usage: {' '.join(('coder', *words))}")
    assert coder(*words, "-h").out == result.out
    about, _, examples = result.text.partition("Examples:\n")
    usage = result.text.partition("\n\n")[0]
    assert not re.search(r"[{}<>]|\[\[|\]\]|\.\.\.\]?\.", usage), "as manuals write it"
    assert not re.search(r"<(int|float|path|str|list|datetime|bool)", about)
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    assert len(about.splitlines()) > 4
    for line in lines:
        example = re.split(r" {2,}", line)[0].rpartition("| ")[2]
        if "$(" in example:
            example = example.partition("$(")[2].rstrip(")")
        parts = shlex.split(example)
        assert parts[0] == "coder"
        parse(typer.main.get_command(app), parts[1:])
    assert one.help or one.callback


def parse(one: Any, arguments: list[str]) -> None:
    """What the parser makes of the arguments; raises for an option or a command that does not exist. Runs nothing."""
    context = one.make_context("coder", list(arguments))
    if hasattr(one, "commands"):
        name, inner, rest = one.resolve_command(context, [*context._protected_args, *context.args])
        assert name
        parse(inner, rest)


def test_a_wrong_example_would_be_found() -> None:
    with pytest.raises(Exception, match="No such option"):
        parse(typer.main.get_command(app), ["infill", "a.py:1", "--nonsense"])


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["--nonsense"], ["infill"], ["infill", "a", "b"], ["config", "nonsense"], ["models"]]
)
def test_wrong_usage_is_2(coder: Run, arguments: list[str]) -> None:
    result = coder(*arguments)
    assert result.code == 2
    assert result.out == b""
    assert result.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion(tmp_path: Path, shell: str) -> None:
    """From a process that has the shell's name, which is how the shell is found out."""
    (tmp_path / shell).symlink_to("/bin/sh")
    where = environment(HOME=str(tmp_path), SHELL=f"/bin/{shell}")

    def through_shell(option: str) -> subprocess.CompletedProcess[bytes]:
        line = shlex.join(command(option)) + "; exit $?"
        return subprocess.run([tmp_path / shell, "-c", line], capture_output=True, env=where, cwd=tmp_path, check=False)

    shown = through_shell("--show-completion")
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert {"bash": b"complete -o default", "zsh": b"#compdef coder", "fish": b"complete --command coder"}[
        shell
    ] in shown.stdout
    installed = through_shell("--install-completion")
    assert (installed.returncode, installed.stderr) == (0, b"")
    files = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path for path in files if "_CODER_COMPLETE" in path.read_text()]


def test_commands_and_keys_are_completed() -> None:
    def completed(words: str) -> list[str]:
        where = environment(_CODER_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(len(words.split())))
        done = subprocess.run(command(), capture_output=True, env=where, check=True)
        return done.stdout.decode().split()

    assert {"infill", "complete", "fill", "chat", "models", "config", "doctor", "demo"} <= set(completed("coder "))
    assert "suggest.max_tokens" in completed("coder config set ")


def test_settings_go_round(coder: Run, work: Path) -> None:
    assert coder("config", "set", "suggest.max_tokens", "64").code == 0
    assert "suggest.max_tokens = 64" in coder("config", "show", "suggest.max_tokens").text
    assert Path(coder("config", "path").text.strip()).read_text() == "[suggest]\nmax_tokens = 64\n"
    assert coder("config", "set", "--project", "suggest.max_tokens", "65").code == 0
    assert (work / ".coder.toml").read_text() == "[suggest]\nmax_tokens = 65\n"
    assert "= 65" in coder("config", "show", "suggest.max_tokens").text
    told = failed(coder("config", "set", "sugest.max_tokens", "64"), 2)
    assert "did you mean suggest.max_tokens?" in told
    told = failed(coder("config", "set", "--project", "paths.models", str(work)), 2)
    assert "paths.models" in told


def test_a_broken_settings_file_is_a_line(coder: Run, work: Path) -> None:
    path = Path(coder("config", "path").text.strip())
    path.parent.mkdir(parents=True)
    path.write_text("[suggest\n")
    (work / "a.py").write_text("x = 1\n")
    assert str(path) in failed(coder("infill", "a.py:1"))
    result = coder("doctor", "--json")
    assert (result.code, result.err) == (1, "")
    assert b'"settings"' in result.out


def test_names_of_the_environment_are_checked(coder: Run, work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (work / "a.py").write_text("x = 1\n")
    monkeypatch.setenv("CODER_SUGGEST_MAX_TOKENS", "many")
    assert "CODER_SUGGEST_MAX_TOKENS" in failed(coder("infill", "a.py:1"))
    assert os.environ["CODER_SUGGEST_MAX_TOKENS"] == "many"
