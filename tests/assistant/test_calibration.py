"""What is remembered of a model's speed, and for how long."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace

import pytest

from coder_tui.assistant import calibration
from coder_tui.assistant.doctor import _loading
from coder_tui.assistant.kept import Kept
from coder_tui.assistant.opening import load_options, opened
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import Purpose
from coder_tui.engine.messages import Calibrated
from coder_tui.weights.facts import facts

ONE_THREAD = replace(Settings(), model=replace(Settings().model, threads=1, context_tokens=512))
MODEL = ONE_THREAD.model


def missing(name: str) -> str:
    raise PackageNotFoundError(name)


def measured(model: Path) -> calibration.Calibration:
    with opened(model, ONE_THREAD, log_file=None, measure=True):
        pass
    found = calibration.known(model, MODEL)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def _others_are_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coder_tui.weights.hardware.is_busy", lambda: False)


def test_not_while_others_are_busy(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coder_tui.weights.hardware.is_busy", lambda: True)
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=Kept(Purpose.SUGGEST, "a file")):
        pass
    assert calibration.known(tiny_qwen, MODEL) is None
    measured(tiny_qwen)


def test_it_is_measured_once(tiny_qwen: Path) -> None:
    assert calibration.known(tiny_qwen, MODEL) is None
    with opened(tiny_qwen, ONE_THREAD, log_file=None):
        pass
    assert calibration.known(tiny_qwen, MODEL) is None, "nobody asked for it"
    kept = Kept(Purpose.SUGGEST, "a file")
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=kept):
        pass
    first = calibration.known(tiny_qwen, MODEL)
    assert first is not None
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=kept):
        pass
    assert calibration.known(tiny_qwen, MODEL) == first


def test_it_is_told_and_can_be_skipped(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []

    def ctrl_c(*_: object, **_named: object) -> None:
        told.append("interrupted")
        raise KeyboardInterrupt

    monkeypatch.setattr(calibration, "measure", ctrl_c)
    kept = Kept(Purpose.SUGGEST, "a file")
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=kept, measuring=lambda: told.append("measuring")):
        told.append("answered")
    assert told == ["answered", "measuring", "interrupted"]


def test_it_is_used(tiny_qwen: Path) -> None:
    file, settings = facts(tiny_qwen, paths.facts_dir()), Settings()
    assert load_options(file, settings).draft_cost is None
    measured(tiny_qwen)
    path = paths.cache_dir() / "calibration.json"
    entries = json.loads(path.read_text())
    (key,) = entries
    entries[key] |= {"threads": 7, "batch_threads": 9, "draft_cost": 0.5, "flash_attention": True}
    entries[key] |= {"move_ms": 20.0, "prompt_tokens_per_second": 1000.0}
    path.write_text(json.dumps(entries))
    chosen = load_options(file, settings)
    assert (chosen.threads, chosen.batch_threads, chosen.draft_cost) == (7, 9, 0.5)
    assert chosen.flash_attention is True
    assert load_options(file, settings, typing=True).shortest_move == 48, "1.2 times 20 ms, twice 1,024 cells"
    by_hand = load_options(file, ONE_THREAD)
    assert (by_hand.threads, by_hand.batch_threads) == (1, None)


def test_where_moving_is_dear_text_is_evaluated_again(tiny_qwen: Path) -> None:
    measured(tiny_qwen)
    path = paths.cache_dir() / "calibration.json"
    for move_ms, reuse in ((1.0, "moved"), (5000.0, "exact")):
        entries = json.loads(path.read_text())
        (key,) = entries
        entries[key] |= {"move_ms": move_ms, "prompt_tokens_per_second": 1000.0}
        path.write_text(json.dumps(entries))
        with opened(tiny_qwen, ONE_THREAD, log_file=None, typing=True) as ready:
            assert ready.settings.suggest.reuse == reuse
        (told,) = [one.text for one in _loading("tiny", tiny_qwen, ONE_THREAD)]
        assert ("is moved, which takes as long as" in told) == (reuse == "moved")
        assert ("is evaluated again (moving it takes as long as" in told) == (reuse == "exact")


def test_what_nobody_waits_for_is_measured_in_the_app(tiny_qwen: Path) -> None:
    quick = measured(tiny_qwen)
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=Kept(Purpose.SUGGEST, "x")):
        pass
    assert quick.flash_attention is not None
    assert calibration.is_whole(quick, MODEL, on_gpu=False)
    short = replace(quick, flash_attention=None)
    assert not calibration.is_whole(short, MODEL, on_gpu=False)
    assert calibration.is_whole(short, MODEL, on_gpu=True)
    assert calibration.is_whole(short, replace(MODEL, flash_attention="off"), on_gpu=False)


class Speeds:
    """Stands in for an engine on a machine that is slow at times."""

    def __init__(self, *speeds: float) -> None:
        self.speeds = list(speeds)
        self.flash: list[bool] = []

    def calibrate(self, _threads: object, *, flash: bool) -> Calibrated:
        self.flash.append(flash)
        speed = self.speeds.pop(0)
        return Calibrated(1, 2 if speed > 100 else 1, 2, speed, speed / 4, 0.3, 10.0, flash or None)


def test_a_slow_moment_does_not_stay(tiny_qwen: Path) -> None:
    engine = Speeds(60, 180, 90)
    assert not calibration.is_sure(None, on_gpu=True)
    for speed, threads, is_sure in ((60, 1, False), (180, 2, False), (180, 2, True)):
        found = calibration.measure(engine, tiny_qwen, MODEL, thorough=True)  # type: ignore[arg-type]  # see Speeds
        assert found is not None
        assert found == calibration.known(tiny_qwen, MODEL)
        assert (found.prompt_tokens_per_second, found.threads, found.flash_attention) == (speed, threads, True)
        assert calibration.is_sure(found, on_gpu=False) == is_sure
        assert calibration.is_sure(found, on_gpu=True)
    assert engine.flash == [True, False, False], "it takes five seconds, and is known"


def test_what_is_measured_on_demand_takes_the_place_of_the_rest(tiny_qwen: Path) -> None:
    engine = Speeds(180, 60)
    for now in (False, True):
        calibration.measure(engine, tiny_qwen, MODEL, now=now)  # type: ignore[arg-type]  # see Speeds
    found = calibration.known(tiny_qwen, MODEL)
    assert found is not None
    assert (found.prompt_tokens_per_second, found.looks) == (60, 1)


def test_another_model_is_not_known(tiny_qwen: Path) -> None:
    measured(tiny_qwen)
    facts = tiny_qwen.stat()
    os.utime(tiny_qwen, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    try:
        assert calibration.known(tiny_qwen, MODEL) is None
    finally:
        os.utime(tiny_qwen, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert calibration.known(tiny_qwen, MODEL) is not None
    assert calibration.known(tiny_qwen.with_name("none.gguf"), MODEL) is None


def test_the_same_model_loaded_otherwise_is_not_known(tiny_qwen: Path) -> None:
    measured(tiny_qwen)
    for other in (replace(MODEL, kv_type="q8_0"), replace(MODEL, gpu_layers=0), replace(MODEL, flash_attention="on")):
        assert calibration.known(tiny_qwen, other) is None
    assert calibration.known(tiny_qwen, replace(MODEL, threads=2)) is not None


def test_another_processor_or_build_is_not_known(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured(tiny_qwen)
    for place in ("cpu_model", "usable_cores"):
        with monkeypatch.context() as changed:
            changed.setattr(f"coder_tui.weights.hardware.{place}", lambda: 99)
            assert calibration.known(tiny_qwen, MODEL) is None
    for other in (None, SimpleNamespace(origin=str(tiny_qwen))):
        with monkeypatch.context() as changed:
            changed.setattr("importlib.util.find_spec", lambda _, other=other: other)
            assert calibration.known(tiny_qwen, MODEL) is None
    with monkeypatch.context() as changed:
        changed.setattr("importlib.metadata.version", missing)
        assert calibration.known(tiny_qwen, MODEL) is None
    assert calibration.known(tiny_qwen, MODEL) is not None


def test_the_latest_are_remembered(tiny_qwen: Path) -> None:
    path = paths.cache_dir() / "calibration.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({str(number): {} for number in range(200)}))
    measured(tiny_qwen)
    entries = list(json.loads(path.read_text()))
    assert entries[:-1] == [str(number) for number in range(200 - len(entries) + 1, 200)]
    assert 1 < len(entries) <= 64


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}'])
def test_a_broken_file_is_written_anew(tiny_qwen: Path, text: str) -> None:
    path = paths.cache_dir() / "calibration.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert calibration.known(tiny_qwen, MODEL) is None
    measured(tiny_qwen)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
