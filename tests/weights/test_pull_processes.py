"""Pulling from a hub in processes of their own: killed, interrupted, beside each other, on a full disk."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from coder_tui.weights.partial import staging


def test_a_disk_that_fills_up_keeps_what_came(model_hub: Any, start_pull: Callable[..., Any], tmp_path: Path) -> None:
    """A file size limit makes the system's own write fail in the middle, as a full disk does."""
    one = start_pull(fsize=90_000)
    assert one.wait() == 1
    assert "is full" in one.result["error"]
    assert "goes on where it stopped" in one.result["hint"]
    assert not (tmp_path / "models" / "toy.gguf").exists()
    two = start_pull()
    assert two.wait() == 0
    assert (tmp_path / "models" / "toy.gguf").read_bytes() == model_hub.content
    assert int(model_hub.requests[1]["Range"][6:-1]) > 50_000


def test_killed_at_any_byte_it_goes_on(model_hub: Any, start_pull: Callable[..., Any], tmp_path: Path) -> None:
    chance = random.Random(20)
    final = tmp_path / "models" / "toy.gguf"
    for offset in sorted(chance.sample(range(1000, len(model_hub.content)), 24)):
        model_hub.held.clear()
        model_hub.go.clear()
        model_hub.holds = [offset]
        one, enough = start_pull(), chance.randint(0, offset)
        assert model_hub.held.wait(20)
        wait_until(lambda enough=enough: size_of(staging(final) / "partial") >= enough)
        os.kill(one.pid, signal.SIGKILL)
        assert one.wait() == -signal.SIGKILL
        model_hub.go.set()
        assert not final.exists()
    assert start_pull().wait() == 0
    assert final.read_bytes() == model_hub.content
    assert [child.name for child in final.parent.iterdir()] == ["toy.gguf"]
    begins = [int(request.get("Range", "bytes=0-")[6:-1]) for request in model_hub.requests]
    assert begins == sorted(begins)
    assert begins[-1] > len(model_hub.content) // 2


def size_of(path: Path) -> int:
    return path.stat().st_size if path.exists() else -1


def test_interrupted_it_ends_at_once_and_goes_on(
    model_hub: Any, start_pull: Callable[..., Any], tmp_path: Path
) -> None:
    model_hub.holds = [100_000]
    one = start_pull()
    assert model_hub.held.wait(20)
    os.kill(one.pid, signal.SIGINT)
    assert one.wait() == 130
    model_hub.go.set()
    assert start_pull().wait() == 0
    assert (tmp_path / "models" / "toy.gguf").read_bytes() == model_hub.content


def test_two_at_once_fetch_it_once(model_hub: Any, start_pull: Callable[..., Any], tmp_path: Path) -> None:
    model_hub.holds = [100_000]
    one = start_pull()
    assert model_hub.held.wait(20)
    two = start_pull()
    wait_until(lambda: "waiting" in two.notes)
    model_hub.go.set()
    assert (one.wait(), two.wait()) == (0, 0)
    assert one.result["path"] == two.result["path"] == str(tmp_path / "models" / "toy.gguf")
    assert len(model_hub.requests) == 1
    assert [child.name for child in (tmp_path / "models").iterdir()] == ["toy.gguf"]


def wait_until(condition: Callable[[], bool]) -> None:
    import time

    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.01)
