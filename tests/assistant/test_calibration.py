"""What is remembered of a model's speed, and for how long."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from coder_tui.assistant import calibration
from coder_tui.assistant.kept import Kept
from coder_tui.assistant.opening import load_options, opened
from coder_tui.config import paths
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import Purpose
from coder_tui.weights import gguf_file

ONE_THREAD = replace(Settings(), model=replace(Settings().model, threads=1, context_tokens=512))


def measured(model: Path) -> calibration.Calibration:
    with opened(model, ONE_THREAD, log_file=None, measure=True):
        pass
    found = calibration.known(model)
    assert found is not None
    return found


def test_it_is_measured_once(tiny_qwen: Path) -> None:
    assert calibration.known(tiny_qwen) is None
    with opened(tiny_qwen, ONE_THREAD, log_file=None):
        pass
    assert calibration.known(tiny_qwen) is None, "nobody asked for it"
    kept = Kept(Purpose.SUGGEST, "a file")
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=kept):
        pass
    first = calibration.known(tiny_qwen)
    assert first is not None
    with opened(tiny_qwen, ONE_THREAD, log_file=None, kept=kept):
        pass
    assert calibration.known(tiny_qwen) == first


def test_it_is_used(tiny_qwen: Path) -> None:
    file, settings = gguf_file.inspect(tiny_qwen), Settings()
    assert load_options(file, settings).draft_cost is None
    measured(tiny_qwen)
    path = paths.cache_dir() / "calibration.json"
    entries = json.loads(path.read_text())
    (key,) = entries
    entries[key] |= {"threads": 7, "batch_threads": 9, "draft_cost": 0.5}
    path.write_text(json.dumps(entries))
    chosen = load_options(file, settings)
    assert (chosen.threads, chosen.batch_threads, chosen.draft_cost) == (7, 9, 0.5)
    by_hand = load_options(file, ONE_THREAD)
    assert (by_hand.threads, by_hand.batch_threads) == (1, None)


def test_another_model_is_not_known(tiny_qwen: Path) -> None:
    measured(tiny_qwen)
    facts = tiny_qwen.stat()
    os.utime(tiny_qwen, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1))
    try:
        assert calibration.known(tiny_qwen) is None
    finally:
        os.utime(tiny_qwen, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    assert calibration.known(tiny_qwen) is not None
    assert calibration.known(tiny_qwen.with_name("none.gguf")) is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"x": 1}'])
def test_a_broken_file_is_written_anew(tiny_qwen: Path, text: str) -> None:
    path = paths.cache_dir() / "calibration.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert calibration.known(tiny_qwen) is None
    measured(tiny_qwen)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
