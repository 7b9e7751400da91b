"""How a model is loaded where the settings leave it open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from coder_tui.assistant import tuning
from coder_tui.assistant.calibration import Calibration
from coder_tui.config.schema import Settings
from coder_tui.weights.hardware import Hardware

MODEL, SUGGEST = Settings().model, Settings().suggest
GB = 10**9
SMALL = 490_000_000


def measured(speed: float = 150.0, *, move_ms: float | None = 10.0, flash: bool | None = None) -> Calibration:
    return Calibration(2, 2, speed, 40.0, 0.3, move_ms, flash, "2026-01-01T00:00:00+00:00")


@pytest.mark.parametrize(
    ("speed", "size", "layers", "tokens"),
    [(None, SMALL, 24, 128), (None, 4 * GB, 32, 32), (None, 20 * GB, 62, 16), (11.0, SMALL, 32, 16), (9e3, 9, 1, 128)],
)
def test_a_micro_batch_takes_no_longer_than_somebody_waits_who_cancels(
    speed: float | None, size: int, layers: int, tokens: int
) -> None:
    assert tuning.micro_batch(measured(speed) if speed else None, size, layers) == tokens


@pytest.mark.parametrize(
    ("reuse", "found", "moves", "shortest"),
    [
        ("auto", None, True, 48),
        ("auto", measured(move_ms=10), True, 16),
        ("auto", measured(move_ms=100), True, 72),
        ("auto", measured(move_ms=400), False, 288),
        ("auto", measured(9000, move_ms=1), True, 43),
        ("auto", measured(move_ms=None), True, 48),
        ("exact", measured(), False, 16),
        ("moved", measured(move_ms=400), True, 48),
    ],
)
def test_text_is_moved_where_that_is_faster(reuse: str, found: Calibration | None, moves: bool, shortest: int) -> None:
    assert tuning.moving(replace(SUGGEST, reuse=reuse), found, 4096) == (moves, shortest)


@pytest.mark.parametrize(
    ("chosen", "found", "on"),
    [
        ("auto", None, None),
        ("auto", measured(flash=True), True),
        ("off", measured(flash=True), False),
        ("on", None, True),
    ],
)
def test_flash_attention(chosen: str, found: Calibration | None, on: bool | None) -> None:
    assert tuning.flash_attention(replace(MODEL, flash_attention=chosen), found) is on


@pytest.mark.parametrize(
    ("free", "chosen", "flash", "kept"),
    [
        (8 * GB, "auto", "auto", "f16"),
        (5 * GB, "auto", "auto", "q8_0"),
        (1 * GB, "auto", "auto", "q8_0"),
        (5 * GB, "auto", "off", "f16"),
        (5 * GB, "f16", "auto", "f16"),
        (8 * GB, "q8_0", "off", "q8_0"),
    ],
)
def test_the_kv_cache_is_halved_where_memory_is_short(
    monkeypatch: pytest.MonkeyPatch, free: int, chosen: str, flash: str, kept: str
) -> None:
    monkeypatch.setattr("coder_tui.weights.hardware.detect", lambda: Hardware(9 * GB, free, 2))
    settings = replace(MODEL, kv_type=chosen, flash_attention=flash)
    assert tuning.kv_type(settings, 4 * GB, 1 * GB) == kept


@pytest.mark.parametrize(
    ("chosen", "kind", "mapped"),
    [
        ("auto", "ext4", True),
        ("auto", "nfs4", False),
        ("auto", "fuse.sshfs", False),
        ("on", "nfs4", True),
        ("off", "", False),
    ],
)
def test_a_file_on_another_machine_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, chosen: str, kind: str, mapped: bool
) -> None:
    mounts = [SimpleNamespace(mountpoint="/", fstype="nfs"), SimpleNamespace(mountpoint=str(tmp_path), fstype=kind)]
    monkeypatch.setattr("psutil.disk_partitions", lambda **_: mounts)
    assert tuning.is_mapped(replace(MODEL, mmap=chosen), tmp_path / "x.gguf") is mapped
