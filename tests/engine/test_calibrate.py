"""Measuring a model's speed: what is chosen, and that nobody notices it."""

from __future__ import annotations

import pytest
from engine.asking import ask

from coder_tui.engine.calibrate import Measured, calibrate
from coder_tui.engine.client import LlamaEngine


class Clockwork:
    """A decoder that takes as long as it is told, by a clock that only it moves."""

    def __init__(self, seconds: dict[int, tuple[float, float]], monkeypatch: pytest.MonkeyPatch) -> None:
        self.threads = (2, 2)
        self.now = 0.0
        self.used: list[tuple[int, int]] = []
        self._seconds = seconds
        monkeypatch.setattr("time.perf_counter", lambda: self.now)

    def set_threads(self, threads: int, batch_threads: int) -> None:
        self.used.append((threads, batch_threads))

    def evaluate(self, _sequence: int, tokens: list[int], _start: int, **_: int) -> None:
        one, more = (self._seconds[threads] for threads in self.used[-1])
        self.now += one[0] if len(tokens) == 1 else more[1] * len(tokens)

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
    assert len(list(calibrate(clock, list(seconds), measured))) > 20  # type: ignore[arg-type]  # stands in for a Decoder
    assert (measured.threads, measured.batch_threads) == (best, batch_best)
    assert clock.used[-1] == (2, 2), "what was set is set again"
    cost = (9 * seconds[batch_best][1] / seconds[best][0] - 1) / 8
    assert measured.draft_cost == pytest.approx(max(0, cost))


def test_on_an_engine(engine: LlamaEngine) -> None:
    before = ask(engine, "def f():")
    found = engine.calibrate([1])
    assert (found.threads, found.batch_threads) == (1, 1)
    assert found.tokens_per_second > 1
    assert found.prompt_tokens_per_second > 1
    again = ask(engine, "def f():")
    assert (again.text, again.usage.evaluated_tokens) == (before.text, 1)
