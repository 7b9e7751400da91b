"""Measuring a model's speed: what is chosen, and that nobody notices it."""

from __future__ import annotations

import pytest
from engine.asking import ask

from coder_tui.engine.calibrate import Measured, calibrate, compare_flash
from coder_tui.engine.client import LlamaEngine


class Clockwork:
    """A decoder that takes as long as it is told, by a clock that only it moves."""

    def __init__(
        self, seconds: dict[int, tuple[float, float]], monkeypatch: pytest.MonkeyPatch, moving: float | None = None
    ) -> None:
        self.threads = (2, 2)
        self.can_shift = moving is not None
        self.context_tokens = 2048
        self.step = 128
        self.is_closed = False
        self._moving, self._has_moved = moving or 0.0, False
        self.now = 0.0
        self.used: list[tuple[int, int]] = []
        self._seconds = seconds
        monkeypatch.setattr("time.perf_counter", lambda: self.now)

    def set_threads(self, threads: int, batch_threads: int) -> None:
        self.used.append((threads, batch_threads))

    def evaluate(self, _sequence: int, tokens: list[int], _start: int, **_: int) -> None:
        one, more = (self._seconds[threads] for threads in self.used[-1])
        self.now += one[0] if len(tokens) == 1 else more[1] * len(tokens)
        self.now += self._moving if self._has_moved else 0.0
        self._has_moved = False

    def shift(self, *_range: int) -> None:
        self._has_moved = True

    def close(self) -> None:
        self.is_closed = True

    def remove(self, *_range: int) -> None:
        return

    def logits(self) -> None:
        return


@pytest.mark.parametrize(
    ("seconds", "best", "batch_best"),
    [
        ({2: (0.1, 0.01), 1: (0.1, 0.02), 4: (0.099, 0.0098)}, 2, 2),
        ({2: (0.1, 0.01), 1: (0.05, 0.02), 4: (0.2, 0.02)}, 1, 2),
        ({2: (0.1, 0.01), 1: (0.2, 0.02), 4: (0.1, 0.005)}, 2, 4),
    ],
)
def test_what_is_chosen(
    seconds: dict[int, tuple[float, float]], best: int, batch_best: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, measured = Clockwork(seconds, monkeypatch), Measured()
    list(calibrate(clock, list(seconds), measured))  # type: ignore[arg-type]  # stands in for a Decoder
    assert (measured.threads, measured.batch_threads) == (best, batch_best)
    assert clock.used[-1] == (2, 2), "what was set is set again"
    cost = (9 * seconds[batch_best][1] / seconds[best][0] - 1) / 8
    assert measured.draft_cost == pytest.approx(max(0, cost))
    assert measured.move_ms is None
    assert measured.flash_attention is None


def test_a_fast_model_has_all_its_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, measured = Clockwork({2: (0.01, 0.002), 4: (0.01, 0.002)}, monkeypatch), Measured()
    list(calibrate(clock, [2, 4], measured))  # type: ignore[arg-type]  # stands in for a Decoder
    assert [threads for threads, _ in clock.used[:6]] == [2, 4, 2, 4, 2, 4]


def test_nobody_waits_long_for_a_slow_model(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, measured = Clockwork({2: (0.3, 0.08), 1: (0.6, 0.16)}, monkeypatch, moving=0.01), Measured()
    list(calibrate(clock, [2, 1], measured))  # type: ignore[arg-type]  # stands in for a Decoder
    assert clock.now < 13, "20 of its tokens are generated, 32 read twice"
    assert (measured.threads, measured.batch_threads) == (2, 2)
    assert 1 not in measured.prompt


def test_what_is_far_from_the_best_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clockwork({2: (0.01, 0.002), 1: (0.02, 0.004), 4: (0.02, 0.001), 8: (0.02, 0.004)}, monkeypatch)
    list(calibrate(clock, [2, 1, 4, 8], Measured()))  # type: ignore[arg-type]  # stands in for a Decoder
    tried = [threads for threads, _ in clock.used[:8]]
    assert tried == [2, 1, 4, 8, 2, 4, 2, 4], "4 threads read faster than 2, though they generate more slowly"


def test_what_moving_costs(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, measured = Clockwork({2: (0.1, 0.01)}, monkeypatch, moving=0.08), Measured()
    list(calibrate(clock, [2], measured))  # type: ignore[arg-type]  # stands in for a Decoder
    assert measured.move_ms == pytest.approx(40), "for each 1,024 of 2,048 cells"


@pytest.mark.parametrize(
    ("one", "more", "better"),
    [(0.1, 0.01, False), (0.12, 0.008, False), (0.05, 0.01, True), (0.099, 0.0099, False), (0.1, 0.002, True)],
)
def test_whether_flash_attention_is_better(
    monkeypatch: pytest.MonkeyPatch, one: float, more: float, better: bool
) -> None:
    plain, flash = Clockwork({2: (0.1, 0.01)}, monkeypatch), Clockwork({2: (one, more)}, monkeypatch)
    for clock in (plain, flash):
        clock.set_threads(2, 2)
    monkeypatch.setattr("time.perf_counter", lambda: plain.now + flash.now)
    measured = Measured()
    list(compare_flash(lambda wanted: flash if wanted else plain, measured))  # type: ignore[arg-type, return-value]
    assert measured.flash_attention is better
    assert plain.is_closed
    assert flash.is_closed


def test_on_an_engine(engine: LlamaEngine) -> None:
    before = ask(engine, "def f():")
    assert engine.calibrate([1]).flash_attention is None
    found = engine.calibrate([1], flash=True)
    assert (found.threads, found.batch_threads) == (1, 1)
    assert found.flash_attention in (True, False)
    assert found.move_ms is not None
    assert found.tokens_per_second > 1
    assert found.prompt_tokens_per_second > 1
    again = ask(engine, "def f():")
    assert (again.text, again.usage.evaluated_tokens) == (before.text, 1)
