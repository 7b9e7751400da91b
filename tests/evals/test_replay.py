"""A replay with scripted answers, and one on a tiny model with a real KV cache."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from assistant.healing import Healing

from coder_tui.assistant.opening import Ready, opened
from coder_tui.assistant.suggest import Suggester
from coder_tui.config.schema import Settings
from coder_tui.core.events import Usage
from coder_tui.core.prompt import Purpose
from coder_tui.evals.replay import Options, Result, replay, summary
from coder_tui.evals.trace import Moment
from coder_tui.weights import gguf_file

BODY = "w = 2\n    h = 3\n    return w * h\n"
BEFORE, AFTER = "import math\n\n\ndef area():\n    ", "\n\nprint(area())\n"


def typed(*lengths: int) -> list[Moment]:
    return [
        Moment("r", "area.py", BEFORE + BODY[:length], AFTER, BODY[length:].partition("\n")[0]) for length in lengths
    ]


def scripted(tiny_qwen: Path, *answers: str | list[str], cache_bytes: int = 0) -> tuple[Ready, Healing]:
    engine = Healing(answers)
    settings = Settings()
    chosen = replace(settings, suggest=replace(settings.suggest, cache_bytes=cache_bytes))
    return Ready(engine, gguf_file.inspect(tiny_qwen).info, chosen), engine


def run(ready: Ready, moments: Sequence[Moment], options: Options) -> list[Result]:
    return list(replay(ready, moments, options))


def test_what_is_right_and_what_it_spares(tiny_qwen: Path) -> None:
    ready, engine = scripted(tiny_qwen, "= 2\n", "= 5\n", "= 3\n")
    results = run(ready, typed(2, 2, 12), Options())
    assert [(one.line, one.exact, one.spared, one.cold) for one in results] == [
        ("= 2", True, 3, True),
        ("= 5", False, 0, False),
        ("= 3", True, 3, False),
    ]
    assert [request[3] for request in engine.requests] == [Purpose.AHEAD, *[Purpose.SUGGEST] * 3]
    figures = summary(results)
    assert (figures["moments"], figures["cold"], figures["exact"], figures["characters_spared"]) == (3, 1, 2, 6)
    assert figures["known"] == 0
    assert [(one.begun, one.line_number) for one in results] == [(3, 5), (2, 5), (3, 6)]
    assert (figures["characters_begun"], figures["characters_spared_once"]) == (8, 6)
    evaluated = sum(one.evaluated_tokens for one in results)
    assert figures["evaluated_total"] == evaluated
    assert figures["evaluated_total_with_cold"] == evaluated + results[0].warm_tokens > evaluated


def test_a_line_that_is_right_twice_is_taken_once(tiny_qwen: Path) -> None:
    ready, _ = scripted(tiny_qwen, "= 2\n", " 2\n", "= 3\n")
    figures = summary(run(ready, typed(2, 3, 12), Options()))
    assert (figures["characters_spared"], figures["characters_spared_once"]) == (3 + 2 + 3, 3 + 3)


def test_the_rest_of_a_suggestion_is_not_waited_for(tiny_qwen: Path) -> None:
    ready, _ = scripted(tiny_qwen, ["if w:\n", "        x = 1\n", "        y = 2\n", "        z = 3\n"])
    (result,) = run(ready, [replace(typed(0)[0], rest="if w:")], Options())
    assert result.exact


def test_with_a_cache_typing_along_asks_nobody(tiny_qwen: Path) -> None:
    ready, engine = scripted(tiny_qwen, "w = 2\n", "", " = 2\n", "= 2\n", cache_bytes=9999)
    results = run(ready, typed(0, 1, 2), Options(pause_ms=60_000))
    assert [one.known for one in results] == [False, True, True]
    assert all(one.exact for one in results)
    assert summary(results)["known_share"] == pytest.approx(2 / 3, abs=0.001)
    asked = [request[3] for request in engine.requests]
    assert asked[:4] == [Purpose.AHEAD, Purpose.SUGGEST, Purpose.AHEAD, Purpose.REFRESH]
    assert asked[4:] == [Purpose.AHEAD, Purpose.REFRESH] * 2, "while nobody waits"
    assert results[0].ahead_tokens > 0


def test_what_shows_when_the_next_key_comes(tiny_qwen: Path) -> None:
    """The model is asked again behind what was typed along, and knows better."""
    ready, _ = scripted(tiny_qwen, "w = 5\n", "", " = 2\n", "", "= 2\n", "", cache_bytes=9999)
    results = run(ready, typed(0, 1, 2), Options(pause_ms=60_000))
    assert [one.known for one in results] == [False, True, True]
    assert [one.line for one in results] == ["w = 5", " = 5", "= 2"]
    assert [one.exact_then for one in results] == [False, True, True]
    figures = summary(results)
    assert (figures["exact"], figures["exact_at_next_key"]) == (1, 2)


def test_the_next_key_ends_what_has_not_begun_yet(tiny_qwen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes before there is anything to cancel, and is heard all the same."""
    ready, _ = scripted(tiny_qwen, "w = 2\n", cache_bytes=9999)
    pressed, again = threading.Event(), threading.Event()
    real = Suggester.cancel

    def cancel(self: Suggester, *purposes: Purpose) -> None:
        if len(purposes) == len(Purpose):
            (again if pressed.is_set() else pressed).set()
        real(self, *purposes)

    def refresh(_self: Suggester, _hole: object) -> Usage:
        assert pressed.wait(60)
        assert again.wait(60), "the key was heard once only"
        return Usage(evaluated_tokens=5)

    monkeypatch.setattr(Suggester, "cancel", cancel)
    monkeypatch.setattr(Suggester, "refresh", refresh)
    monkeypatch.setattr(Suggester, "ahead", lambda *_: None)
    (result,) = run(ready, typed(0), Options(pause_ms=1))
    assert result.ahead_tokens == 5


def test_not_warm(tiny_qwen: Path) -> None:
    ready, engine = scripted(tiny_qwen, "w = 2\n")
    (result,) = run(ready, typed(0), Options(warm=False))
    assert result.warm_tokens == 0
    assert len(engine.requests) == 1


@pytest.mark.parametrize(("reuse", "most"), [("moved", 20), ("exact", 90)])
def test_on_a_real_cache(tiny_qwen: Path, reuse: str, most: int) -> None:
    """New lines cost themselves and what is refreshed; in exact mode the text behind the cursor too."""
    settings = Settings()
    settings = replace(
        settings,
        suggest=replace(settings.suggest, reuse=reuse, cache_bytes=0, max_tokens=4),
        model=replace(settings.model, threads=1, context_tokens=2048),
    )
    moments = [replace(one, suffix=AFTER * 5) for one in typed(0, 1, 5, 10, 11, 16, 22)]
    with opened(tiny_qwen, settings, log_file=None, typing=True) as ready:
        results = run(ready, moments, Options())
    evaluated = [one.evaluated_tokens for one in results]
    assert evaluated[0] <= 6, "the place was read before the first key"
    assert max(evaluated) <= most
    assert (sum(one.moved_tokens for one in results) > 50) == (reuse == "moved")
    assert (max(evaluated) > 60) == (reuse == "exact")
