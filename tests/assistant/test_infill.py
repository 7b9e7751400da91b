"""The way of a suggestion, from a document to a cleaned text, with scripted answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.assistant.complete import complete
from coder_tui.assistant.fill import Filled, fill
from coder_tui.assistant.infill import Cleaned, Infilled, LeftOut, Manner, Shown, infill
from coder_tui.assistant.reading import Hole, cpu_prompt_tokens
from coder_tui.config.schema import Settings, SuggestSettings
from coder_tui.core.context import Snippet
from coder_tui.core.document import Document, Position
from coder_tui.core.errors import DocumentError, PromptTooLongError
from coder_tui.core.events import Event, StopReason
from coder_tui.core.prompt import Sampling, Segment
from coder_tui.engine.scripted import ScriptedEngine

Make = Callable[..., Any]
CODE = "def f(a):\n    if a:\n        return 1\n\n    return 2\n\n\ndef g():\n    pass\n"
SORT = "def sort(arr):\n    left = []\n\n        left.append(x)\n    return left\n"

ROOMY = Settings(suggest=SuggestSettings(max_tokens=1000))
"""Room for an answer that comes a character at a time."""

lines = st.sampled_from(
    ["    x = 1", "    return 2", "    if a:", "        y(", "    )", "", "}", "def g():", "    pass", "\tz",
     "  # text", "`" * 3, "Sure, here is the code:", "x = '\x1b[31m'", "<|im_end|>", "é\r", "    return 2 "]
)  # fmt: skip
generated = st.lists(lines, max_size=12).map("\n".join)


def chunked(text: str, cuts: list[int]) -> list[str]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)] or [""]


@given(generated, st.lists(st.integers(0, 10_000), max_size=40), st.integers(0, len(CODE)))
@settings(deadline=None, max_examples=150)
def test_what_is_shown_is_what_comes_of_it(ready: Make, text: str, cuts: list[int], offset: int) -> None:
    """However the answer arrives, the pieces shown are the final text, and the final text is the same."""
    document = Document(CODE)
    hole = Hole(document, document.position(offset))
    results = []
    for chunks in (chunked(text, cuts), [text], list(text)):
        model, _ = ready(chunks, settings=ROOMY)
        *events, last = infill(model, hole, Sampling())
        assert isinstance(last, Infilled)
        assert "".join(event.text for event in events if isinstance(event, Shown)) == last.suggestion.text
        assert (last.suggestion.span.start, last.suggestion.span.end) == (offset, offset)
        results.append(last.suggestion.text)
    assert len(set(results)) == 1


@given(generated, st.lists(st.integers(0, 10_000), max_size=40))
@settings(deadline=None, max_examples=60)
def test_the_same_for_completions(ready: Make, text: str, cuts: list[int]) -> None:
    model, _ = ready(chunked(text, cuts))
    *events, last = complete(model, Document("def f():\n"), Sampling())
    assert isinstance(last, Cleaned)
    assert "".join(event.text for event in events if isinstance(event, Shown)) == last.text


class Counting(ScriptedEngine):
    """Counts what was taken of an answer, and the cancellations."""

    def __init__(self, chunks: list[str]) -> None:
        super().__init__([])
        self.chunks, self.given, self.cancelled = chunks, 0, 0

    def generate(self, *request: Any) -> Any:
        engine, generation = self, ScriptedEngine([self.chunks]).generate(*request)

        class Generation:
            def cancel(self) -> None:
                engine.cancelled += 1
                generation.cancel()

            def __iter__(self) -> Iterator[Event]:
                for event in generation:
                    engine.given += 1
                    yield event

        return Generation()


def test_the_engine_is_stopped_when_enough_has_come(ready: Make) -> None:
    model, _ = ready()
    chunks = ["    for x in arr:\n", "def other():\n", *(f"x = {number}\n" for number in range(100))]
    engine = Counting(chunks)
    *_, last = infill(replace(model, engine=engine), Hole(Document(SORT), Position(2, 0)), Sampling())
    assert isinstance(last, Infilled)
    assert last.suggestion.text == "    for x in arr:"
    assert last.reason is StopReason.STOP
    assert engine.cancelled == 1
    assert engine.given < 10


@pytest.mark.parametrize(("begins", "kept"), [(["\n"], ""), (["    x = 1\n", "    y = 2\n"], "    x = 1\n    y = 2")])
def test_a_model_that_is_caught_in_white_space_is_stopped(ready: Make, begins: list[str], kept: str) -> None:
    model, _ = ready()
    engine = Counting([*begins, *[" "] * 90, "z = 3\n"])
    *_, last = infill(replace(model, engine=engine), Hole(Document(SORT), Position(2, 0)), Sampling())
    assert isinstance(last, Infilled)
    assert (last.suggestion.text, last.reason, engine.cancelled) == (kept, StopReason.STOP, 1)
    assert engine.given < 30


def test_what_several_tries_cost_is_added_up(ready: Make) -> None:
    model, engine = ready("return arr\n", ["\n", " \n"], ["x", " = 1\n"])
    document = Document("def f(arr):\n    \n    return arr\n")
    events = list(infill(model, Hole(document, Position(1, 4)), Sampling(), Manner(tries=3)))
    last = events[-1]
    assert isinstance(last, Infilled)
    assert (last.suggestion.text, last.tries, len(engine.requests)) == ("x = 1", 3, 3)
    size = len(engine.tokenize(*engine.requests[0][0].segments))
    usage = last.usage
    assert usage.prompt_tokens == 3 * size
    assert usage.cached_tokens + usage.evaluated_tokens == 3 * size
    assert usage.cached_tokens == 2 * (size - 1)
    assert usage.completion_tokens > 3


def test_an_answer_that_is_taken_whole_is_not_cancelled(ready: Make) -> None:
    model, _ = ready()
    engine = Counting(["    for x in arr:\n"])
    *_, last = infill(replace(model, engine=engine), Hole(Document(SORT), Position(2, 0)), Sampling())
    assert isinstance(last, Infilled)
    assert (last.reason, engine.cancelled) == (StopReason.END, 0)


def test_a_place_that_is_not_there(ready: Make) -> None:
    model, engine = ready("x")
    with pytest.raises(DocumentError):
        list(infill(model, Hole(Document(SORT), Position(99, 0)), Sampling()))
    assert engine.requests == []


def test_more_is_generated_than_there_is_window(ready: Make) -> None:
    model, _ = ready("x", context_tokens=150)
    with pytest.raises(PromptTooLongError, match="leave no room"):
        list(infill(model, Hole(Document(SORT), Position(2, 0)), Sampling()))


@given(st.integers(1, 400), st.integers(0, 400), st.integers(200, 600))
@settings(deadline=None, max_examples=60)
def test_prompts_never_pass_the_window(ready: Make, above: int, below: int, window: int) -> None:
    text = "value = 1  # one\n" * above + "\n" + "other = 2  # two\n" * below
    model, engine = ready("x = 1\n", context_tokens=window)
    snippets = (Snippet("a.py", "y = 3\n" * 100, "given"), Snippet("b.py", "z = 4\n", "given"))
    list(infill(model, Hole(Document(text), Position(above, 0), "c.py", snippets), Sampling()))
    prompt, _, limits, _ = engine.requests[0]
    assert len(engine.tokenize(*prompt.segments)) + limits.max_tokens <= window


def test_filling_goes_from_top_to_bottom(ready: Make) -> None:
    text = "a = <FILL_ME>\r\nb = <FILL_ME>\r\nc = <FILL_ME>"
    model, engine = ready("1", "\n", "\n", "\n", "3")
    found: list[Filled] = list(fill(model, Document(text), Sampling(), path="x.py"))
    assert [one.text for one in found] == ["1", "", "3"]
    assert [text[one.span.start : one.span.end] for one in found] == ["<FILL_ME>"] * 3
    assert [str(one.position) for one in found] == ["1:5", "2:5", "3:5"]
    sent = ["".join(one.text for one in prompt.segments) + prompt.forced for prompt, *_ in engine.requests]
    assert not [one for one in sent if "FILL" in one]
    assert "a = 1\nb = " in sent[1] or ("a = 1" in sent[1] and "b =" in sent[1])
    assert "a = 1\nb = " in sent[4]


def test_where_nothing_comes_it_is_asked_for_again(ready: Make) -> None:
    model, engine = ready("\n", "\n", "5")
    (found,) = fill(model, Document("a = <FILL_ME>\n"), Sampling(), path="x.py")
    assert found.text == "5"
    assert [request[1].temperature for request in engine.requests] == [0.0, 0.9, 0.9]
    assert engine.requests[1][1].seed != engine.requests[2][1].seed


@given(st.lists(st.sampled_from(["x = <FILL_ME>\n", "y = 2\r\n", "<FILL_ME>", "  <FILL_ME> ", "\n", "é"]), max_size=12))
@settings(deadline=None, max_examples=60)
def test_every_marker_is_found_where_it_stands(ready: Make, pieces: list[str]) -> None:
    text = "".join(pieces)
    count = text.count("<FILL_ME>")
    model, engine = ready(*["q1"] * (3 * count))
    document = Document(text)
    found = list(fill(model, document, Sampling()))
    assert len(found) == count <= len(engine.requests)
    assert all(text[one.span.start : one.span.end] == "<FILL_ME>" for one in found)
    assert all(document.offset(one.position) == one.span.start for one in found)
    assert [one.span for one in found] == sorted({one.span for one in found})


def test_figures_of_the_window_are_those_of_the_engine(ready: Make) -> None:
    model, engine = ready()
    assert model.count("abcdefgh") == len(engine.tokenize(Segment("abcdefgh"))) == 2


def test_on_a_cpu_a_part_of_a_long_file_is_read(ready: Make) -> None:
    """Snippets come on top of it: they were asked for."""
    document = Document("value = 1  # one\n" * 2000)
    snippet = Snippet("a.py", "y = 3\n" * 500, "given")
    sizes = {}
    for on_gpu in (False, True):
        model, engine = ready("x")
        hole = Hole(document, Position(1000, 0), "c.py", (snippet,))
        assert not [
            event for event in infill(replace(model, on_gpu=on_gpu), hole, Sampling()) if isinstance(event, LeftOut)
        ]
        segments = engine.requests[0][0].segments
        assert any(snippet.text.strip() in segment.text for segment in segments)
        sizes[on_gpu] = len(engine.tokenize(*(segment for segment in segments if "value" in segment.text)))
    most = cpu_prompt_tokens(model.prompt_speed)
    assert most * 0.8 < sizes[False] <= most < sizes[True]


@pytest.mark.parametrize(
    ("speed", "tokens"), [(0.1, 512), (80, 512), (150, 1024), (180, 1024), (400, 2560), (1e9, 4096)]
)
def test_a_faster_processor_reads_more(speed: float, tokens: int) -> None:
    assert cpu_prompt_tokens(speed) == tokens


def test_what_does_not_fit_is_said(ready: Make) -> None:
    model, _ = ready("x", context_tokens=1000)
    snippets = (Snippet("gone.py", "y = 3\n" * 100, "given"), Snippet("cut.py", "z = 4\n" * 1000, "given"))
    events = infill(model, Hole(Document("a\n"), Position(0, 1), "c.py", snippets), Sampling())
    told = [event.text for event in events if isinstance(event, LeftOut)]
    assert told[0] == "gone.py does not fit the context window and is left out"
    assert told[1].startswith("cut.py does not fit the context window: left out from line ")
    assert len(told) == 2


@pytest.mark.parametrize(
    ("chunks", "text"),
    [(["    for x in arr:\n", "        y", "(x", ", z)"], "    for x in arr:"), (["a b", " c"], "a b")],
)
def test_a_line_that_was_cut_off_is_left_out_unless_it_is_the_only_one(
    ready: Make, chunks: list[str], text: str
) -> None:
    settings = Settings(suggest=SuggestSettings(max_tokens=len(chunks) - 1))
    model, _ = ready(chunks, settings=settings)
    *_, last = infill(model, Hole(Document("def f(arr):\n\n"), Position(1, 0)), Sampling())
    assert isinstance(last, Infilled)
    assert (last.suggestion.text, last.reason) == (text, StopReason.LENGTH)
