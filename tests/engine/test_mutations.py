"""Damaged weights: validated as the program does, then loaded and run; whatever happens, this process goes on."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from engine.asking import ask, options

from coder_tui.core.errors import CoderError
from coder_tui.engine.client import LlamaEngine
from coder_tui.weights import gguf_file

SECONDS = 10
COUNT = 200


def _bit_flips(dice: random.Random, data: bytearray) -> None:
    end = dice.choice([200, 2000, len(data)])
    for _ in range(dice.choice([1, 1, 3, 20])):
        data[dice.randrange(end)] ^= 1 << dice.randrange(8)


def _truncation(dice: random.Random, data: bytearray) -> None:
    del data[dice.choice([dice.randrange(64), dice.randrange(len(data)), len(data) - dice.randrange(1, 64)]) :]


def _length_field(dice: random.Random, data: bytearray) -> None:
    """A number that counts or measures becomes something else: the header's counts, or some 8 bytes of the metadata."""
    at = dice.choice([4, 8, 16, dice.randrange(24, 3000)])
    value = dice.choice([0, 1, 2**16, 2**31, 2**32 - 1, 2**40, 2**63, 2**64 - 1])
    data[at : at + 8] = value.to_bytes(8, "little")


def _garbage(dice: random.Random, data: bytearray) -> None:
    at, length = dice.randrange(len(data)), dice.randrange(1, 300)
    data[at : at + dice.choice([0, length])] = dice.randbytes(length)


def _removal(dice: random.Random, data: bytearray) -> None:
    at = dice.randrange(len(data))
    del data[at : at + dice.randrange(1, 100)]


def _setting(dice: random.Random, data: bytearray) -> None:
    """A value right behind the name of a hyperparameter, its type left alone."""
    names = [
        *(b"context_length", b"embedding_length", b"block_count", b"feed_forward_length", b"head_count"),
        *(b"head_count_kv", b"layer_norm_rms_epsilon", b"rope.freq_base", b"dimension_count", b"bos_token_id"),
    ]
    name = dice.choice(names)
    at = data.index(name) + len(name) + 4
    data[at : at + 4] = dice.choice([0, 1, 3, 7, 255, 65536, 2**31 - 1, 2**31, 2**32 - 1, 0x7FC00000]).to_bytes(
        4, "little"
    )


MUTATIONS = (_bit_flips, _truncation, _length_field, _garbage, _removal, _setting)


@contextmanager
def _watched(engine: LlamaEngine, hung: list[str], name: str) -> Iterator[None]:
    """Kill a worker that takes too long, and note it: the test then fails instead of hanging."""

    def kill() -> None:
        hung.append(name)
        os.kill(engine.pid, signal.SIGKILL)

    timer = threading.Timer(SECONDS, kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def _use(engine: LlamaEngine, path: Path) -> str:
    """How far it gets: `refused`, `unloadable`, `failed` or `ran`."""
    try:
        file = gguf_file.inspect(path)
    except CoderError:
        return "refused"
    try:
        engine.load(options(path, context_tokens=256))
    except CoderError:
        return "unloadable"
    try:
        ask(engine, "def f(x):\n", max_tokens=3)
    except CoderError:
        return "failed"
    assert file.info.vocab_size > 0
    return "ran"


def test_no_damaged_file_takes_this_process_down(tmp_path: Path, tiny_deepseek: Path) -> None:
    whole, hung = tiny_deepseek.read_bytes(), list[str]()
    outcomes: dict[str, int] = {}
    died = 0
    path = tmp_path / "damaged.gguf"
    with LlamaEngine(tmp_path / "engine.log") as engine:
        for number in range(COUNT):
            dice, data = random.Random(number), bytearray(whole)
            mutate = MUTATIONS[number % len(MUTATIONS)]
            mutate(dice, data)
            path.write_bytes(data)
            pid = engine.pid
            with _watched(engine, hung, f"{mutate.__name__} {number}"):
                outcome = _use(engine, path)
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            died += engine.pid != pid
        engine.load(options(tiny_deepseek))
        assert ask(engine, "x").text
    assert not hung
    assert sum(outcomes.values()) == COUNT
    assert outcomes["refused"] > COUNT // 4
    assert outcomes["ran"] > 10, "hardly any mutation was mild enough to be run"
    assert died <= COUNT // 20, f"validation lets too much through: {outcomes}"


@pytest.mark.parametrize("name", ["tiny_deepseek", "tiny_qwen"])
def test_the_undamaged_files_run(engine: LlamaEngine, request: pytest.FixtureRequest, name: str) -> None:
    assert _use(engine, request.getfixturevalue(name)) == "ran"
