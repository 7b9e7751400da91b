"""What is remembered of a model's file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from coder_tui.core.errors import WeightsError
from coder_tui.weights import gguf_file, memory
from coder_tui.weights.facts import ModelFacts, facts


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that were read."""
    paths: list[Path] = []
    real = gguf_file.inspect

    def inspect(path: Path) -> gguf_file.ModelFile:
        paths.append(path)
        return real(path)

    monkeypatch.setattr(gguf_file, "inspect", inspect)
    return paths


def test_a_file_is_read_once_and_said_to_be_the_same(
    make_gguf: Callable[..., Path], tmp_path: Path, read: list[Path]
) -> None:
    path = make_gguf()
    file = gguf_file.inspect(path)
    wanted = ModelFacts(path, file.info, file.overrides, 1, memory.cache_bytes_per_token(file.header))
    read.clear()
    assert [facts(path, tmp_path / "models") for _ in range(3)] == [wanted] * 3
    assert read == [path]
    (kept,) = (tmp_path / "models").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


def test_it_is_read_again_when_it_changes_or_what_is_kept_is_damaged(
    make_gguf: Callable[..., Path], tmp_path: Path, read: list[Path]
) -> None:
    path, folder = make_gguf(), tmp_path / "models"
    first = facts(path, folder)
    os.utime(path, (1, 1))
    assert facts(path, folder) == first
    assert len(read) == 2
    (kept,) = folder.iterdir()
    for damaged in (b"", b"[]", b'{"of": []}', kept.read_bytes().replace(b'"vocab_size"', b'"vocab"')):
        kept.write_bytes(damaged)
        assert facts(path, folder) == first
    assert len(read) == 6
    path.write_bytes(b"GGUF")
    with pytest.raises(WeightsError, match="not a usable GGUF file"):
        facts(path, folder)


def test_where_nothing_can_be_kept_it_is_read_each_time(
    make_gguf: Callable[..., Path], tmp_path: Path, read: list[Path]
) -> None:
    (tmp_path / "file").write_text("")
    path = make_gguf()
    assert facts(path, tmp_path / "file") == facts(path, tmp_path / "file")
    assert len(read) == 2


def test_a_file_that_is_gone_is_told(make_gguf: Callable[..., Path], tmp_path: Path) -> None:
    path = make_gguf()
    facts(path, tmp_path / "models")
    path.unlink()
    with pytest.raises(WeightsError, match="there is no file"):
        facts(path, tmp_path / "models")
