"""Times of whole processes: which are started, with what, and what counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from coder_tui.core.errors import CoderError
from coder_tui.evals import startup


def test_a_real_process_takes_its_time() -> None:
    assert 1 < startup.command_ms(["--version"]) < 60_000


def test_a_command_that_fails_is_no_figure() -> None:
    with pytest.raises(CoderError, match="coder --nothing failed"):
        startup.command_ms(["--nothing"])


def test_each_file_is_new_once_and_known_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[list[str], dict[str, str]]] = []

    def command_ms(arguments: Sequence[str], variables: Mapping[str, str]) -> float:
        assert Path(arguments[1].rpartition(":")[0]).read_text().startswith("def ")
        seen.append((list(arguments), dict(variables)))
        return float(len(seen))

    monkeypatch.setattr(startup, "command_ms", command_ms)
    assert startup.suggestions_ms(tmp_path, 2, ["--model", "m"]) == ([3, 5], [4, 6])
    files = [arguments[1] for arguments, _ in seen]
    assert files[::2] == files[1::2]
    assert len(set(files)) == 3
    assert {tuple(arguments[-2:]) for arguments, _ in seen} == {("--model", "m")}
    assert {variables["CODER_CACHE_DIR"] for _, variables in seen} == {str(tmp_path / "cache")}
