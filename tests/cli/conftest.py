"""The command line in this process, with scripted answers."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from assistant.healing import Healing
from cli.running import Result, Run, Script, git

from coder_tui.__main__ import main
from coder_tui.assistant import opening
from coder_tui.assistant.opening import Ready
from coder_tui.cli import weights_prompt
from coder_tui.config.schema import Settings
from coder_tui.engine.scripted import Answer, ScriptedEngine
from coder_tui.weights import gguf_file


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository that is the current directory."""
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def coder(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `coder` in this process, as from a pipe; stdin is empty unless given."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        out, err = io.BytesIO(), io.BytesIO()
        code: object = 0
        kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        directory = os.open(".", os.O_RDONLY)
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["coder", *map(str, arguments)])
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8"))
            patch.setattr(sys, "stdout", io.TextIOWrapper(out, "utf-8"))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8"))
            patch.setattr(sys, "excepthook", sys.excepthook)
            try:
                main()
            except SystemExit as ended:
                code = ended.code
            finally:
                os.fchdir(directory)
                os.close(directory)
                for number, handler in kept.items():
                    signal.signal(number, handler)
            return Result(code if isinstance(code, int) else 0, out.getvalue(), err.getvalue().decode())

    return run


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tiny_qwen: Path) -> Script:
    """Give commands an engine that answers from a script, with what prompts need to know of a tiny model."""

    def start(*answers: Answer, context_tokens: int = 8192, model: Path = tiny_qwen) -> ScriptedEngine:
        engine = Healing(answers, context_tokens=context_tokens)
        info = gguf_file.inspect(model).info

        @contextmanager
        def opened(_path: Path, settings: Settings, **_: Any) -> Iterator[Ready]:
            yield Ready(engine, info, settings)

        monkeypatch.setattr(opening, "opened", opened)
        monkeypatch.setattr(weights_prompt, "ensure_model", lambda *_, **__: model)
        return engine

    return start
