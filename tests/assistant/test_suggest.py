"""Suggestions while somebody types: what is asked of the model, and what is known without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from assistant.healing import Healing

from coder_tui.assistant.infill import Infilled, Manner, Shown
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.suggest import Suggester
from coder_tui.config.schema import Settings
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document
from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Purpose, Sampling, Segment

Make = Callable[..., tuple[Ready, Healing]]
GREEDY = Sampling()
LINES = ["(\n", "        w * h\n", "        + 1\n", "    )\n"]
BEFORE, AFTER = "def area(w, h):\n    return ", "\n\nprint(area(2, 3))\n"


def hole(before: str = BEFORE, after: str = AFTER) -> Hole:
    document = Document(before + after)
    return Hole(document, document.position(len(before)), "area.py")


def suggested(suggester: Suggester, where: Hole) -> Infilled:
    *shown, end = suggester.suggest(where, GREEDY)
    assert isinstance(end, Infilled)
    assert "".join(one.text for one in shown if isinstance(one, Shown)) == end.suggestion.text
    return end


def test_typing_along_asks_the_model_once(ready: Make) -> None:
    model, engine = ready("w * h\n")
    suggester = Suggester(model)
    first = suggested(suggester, hole())
    assert (first.suggestion.text, first.known) == ("w * h", False)
    for typed in ("w", "w *", "w * "):
        then = suggested(suggester, hole(BEFORE + typed))
        assert (typed + then.suggestion.text, then.known) == ("w * h", True)
        assert then.suggestion.span.start == len(BEFORE + typed)
    assert len(engine.requests) == 1


def asked_again(suggester: Suggester, typed: str, shown: str) -> list[str]:
    return [
        one.text if isinstance(one, Shown) else "end" for one in suggester.again(hole(BEFORE + typed), shown, GREEDY)
    ]


def test_behind_what_was_typed_along_the_model_is_asked_again(ready: Make) -> None:
    model, engine = ready("w * h\n", " + h\n")
    suggester = Suggester(model)
    assert suggested(suggester, hole()).is_fresh
    rest = suggested(suggester, hole(BEFORE + "w"))
    assert (rest.suggestion.text, rest.known, rest.is_fresh) == (" * h", True, False)
    assert asked_again(suggester, "w", " * h") == [" + h", "end"]
    assert engine.requests[-1][3] is Purpose.AHEAD
    then = suggested(suggester, hole(BEFORE + "w"))
    assert (then.suggestion.text, then.known, then.is_fresh) == (" + h", True, True)
    assert suggested(suggester, hole(BEFORE + "w +")).suggestion.text == " h"
    assert suggested(suggester, hole(BEFORE + "w *")).suggestion.text == " h", "the first one is still good there"
    assert asked_again(suggester, "w", " + h") == [], "it has seen all of that"
    assert len(engine.requests) == 2


@pytest.mark.parametrize(
    ("answer", "comes", "then"),
    [
        (" * h\n", False, " * h"),
        ("", False, " * h"),
        ("(\n        h\n    )\n", True, "("),
    ],
)
def test_only_what_is_new_comes(ready: Make, answer: str, comes: bool, then: str) -> None:
    model, engine = ready("w * h\n", answer)
    suggester = Suggester(model)
    suggested(suggester, hole())
    assert bool(asked_again(suggester, "w", " * h")) == comes
    assert suggested(suggester, hole(BEFORE + "w")).suggestion.text.split("\n")[0] == then
    assert len(engine.requests) == 2


@pytest.mark.parametrize(
    "changed",
    [
        hole(BEFORE + "h"),
        hole("import os\n" + BEFORE),
        hole(after="\n"),
        replace(hole(), path="volume.py"),
        replace(hole(), snippets=(Snippet("b.py", "b = 1\n", "given"),)),
    ],
)
def test_anything_else_asks_it_again(ready: Make, changed: Hole) -> None:
    model, engine = ready("w * h\n", "w\n")
    suggester = Suggester(model)
    suggested(suggester, hole())
    assert not suggested(suggester, changed).known
    assert len(engine.requests) == 2


def test_a_temperature_is_another_question(ready: Make) -> None:
    model, engine = ready("w * h\n", "w\n")
    suggester = Suggester(model)
    suggested(suggester, hole())
    list(suggester.suggest(hole(), Sampling(temperature=0.5)))
    assert len(engine.requests) == 2


def test_that_there_is_nothing_to_say_is_known_too(ready: Make) -> None:
    model, engine = ready("\n\n", "x\n")
    suggester = Suggester(model)
    assert not suggested(suggester, hole()).suggestion.text
    again = suggested(suggester, hole())
    assert (again.suggestion.text, again.known) == ("", True)
    assert not suggested(suggester, hole(BEFORE + "x")).known
    assert len(engine.requests) == 2


def test_crlf(ready: Make) -> None:
    model, _ = ready("if w:\n        x = 1\n        y = 2\n")
    suggester = Suggester(model)
    before = "def f(w):\r\n    "
    text = suggested(suggester, hole(before, "\r\n")).suggestion.text
    assert "\n" in text
    then = suggested(suggester, hole(before + text.split("\n")[0] + "\r\n", "\r\n"))
    assert then.known
    assert then.suggestion.text == text.split("\n", 1)[1]


def test_the_next_one_is_there_when_one_is_accepted(ready: Make) -> None:
    model, engine = ready("w * h\n", "  # square metres\n")
    suggester = Suggester(model)
    first = suggested(suggester, hole())
    assert suggester.ahead(hole(), first.suggestion, GREEDY) is not None
    assert [request[3] for request in engine.requests] == [Purpose.SUGGEST, Purpose.AHEAD]
    then = suggested(suggester, hole(BEFORE + "w * h"))
    assert (then.known, then.suggestion.text) == (True, "  # square metres")
    assert suggester.ahead(hole(), first.suggestion, GREEDY) is None, "it is known"


@pytest.mark.parametrize(
    ("reuse", "speculate", "answer", "follows"),
    [
        ("auto", "on", "w * h\n", True),
        ("auto", "off", "w * h\n", False),
        ("exact", "on", "w * h\n", True),
        ("exact", "on", "(\n        w * h\n    )\n", False),
        ("moved", "on", "(\n        w * h\n    )\n", True),
    ],
)
def test_when_the_next_one_is_computed(ready: Make, reuse: str, speculate: str, answer: str, follows: bool) -> None:
    settings = Settings()
    chosen = replace(settings, suggest=replace(settings.suggest, reuse=reuse, speculate=speculate))
    model, engine = ready(answer, "x\n", settings=chosen)
    suggester = Suggester(model)
    first = suggested(suggester, hole())
    assert first.suggestion.text
    suggester.ahead(hole(), first.suggestion, GREEDY)
    assert len(engine.requests) == 1 + follows


def test_reading_ahead_generates_nothing(ready: Make) -> None:
    model, engine = ready("w * h\n")
    suggester = Suggester(model)
    assert suggester.warm(hole()).evaluated_tokens > 10
    suggester.refresh(hole())
    assert [(request[2].max_tokens, request[3]) for request in engine.requests] == [
        (0, Purpose.AHEAD),
        (0, Purpose.REFRESH),
    ]
    assert suggested(suggester, hole()).usage.cached_tokens > 10


def test_one_that_is_left_early_is_kept_by_whole_lines(ready: Make) -> None:
    model, engine = ready(LINES, "w * h\n")
    suggester = Suggester(model)
    events = suggester.suggest(hole(), GREEDY)
    shown = ""
    for event in events:
        shown += event.text if isinstance(event, Shown) else ""
        if shown.count("\n") == 2:
            break
    events.close()  # type: ignore[attr-defined]  # it is a generator
    then = suggested(suggester, hole(BEFORE + "("))
    assert (then.known, then.suggestion.text) == (True, "\n        w * h\n")
    assert len(engine.requests) == 1


def test_cancelling_from_elsewhere(ready: Make) -> None:
    model, _ = ready(LINES)
    suggester = Suggester(model)
    reasons = []
    for event in suggester.suggest(hole(), GREEDY):
        if isinstance(event, Shown):
            suggester.cancel()
        if isinstance(event, Infilled):
            reasons.append(event.reason)
    assert reasons == [StopReason.CANCELLED]


@pytest.mark.parametrize("call", ["suggest", "warm"])
def test_cancelling_before_the_model_is_asked(ready: Make, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    model, engine = ready(LINES)
    suggester = Suggester(model)
    tokenize = engine.tokenize

    def key_pressed(*segments: Segment) -> list[int]:
        suggester.cancel()
        return tokenize(*segments)

    monkeypatch.setattr(engine, "tokenize", key_pressed)
    if call == "suggest":
        end = suggested(suggester, hole())
        assert (end.reason, end.suggestion.text) == (StopReason.CANCELLED, "")
    else:
        assert suggester.warm(hole()).evaluated_tokens == 0
    monkeypatch.undo()
    assert suggester.warm(hole()).evaluated_tokens > 0, "the next one runs"


def test_a_suggestion_ends_what_is_computed_ahead(ready: Make) -> None:
    model, _ = ready(LINES, "w * h\n")
    suggester = Suggester(model)
    ahead = suggester._infill(hole(), GREEDY, Manner(Purpose.AHEAD))
    next(event for event in ahead if isinstance(event, Shown))
    suggested(suggester, hole("x = 1\n" + BEFORE))
    end = list(ahead)[-1]
    assert isinstance(end, Infilled)
    assert end.reason is StopReason.CANCELLED


def test_the_deadline_is_the_typists(ready: Make) -> None:
    settings = Settings()
    model, engine = ready(
        "w\n", "w\n", settings=replace(settings, suggest=replace(settings.suggest, max_wait_ms=250, cache_bytes=0))
    )
    suggester = Suggester(model)
    suggested(suggester, hole())
    assert engine.requests[0][2].max_wait_ms == 250
