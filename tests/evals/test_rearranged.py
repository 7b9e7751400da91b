"""Infill prompts in another order."""

from __future__ import annotations

from assistant.healing import Healing

from coder_tui.core.events import Delta
from coder_tui.core.prompt import Limits, Prompt, Sampling, Segment
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.evals.rearranged import LeftInPrefix, rearranged

PRE, SUF, MID = (Segment(name, number) for number, name in enumerate(("<pre>", "<suf>", "<mid>"), 1))


def shown(prompt: Prompt) -> str:
    return "".join(segment.text for segment in prompt.segments)


def test_left_of_the_cursor_ends_the_prefix() -> None:
    prompt = Prompt((PRE, Segment("a\nb", movable=True), SUF, Segment("c\n"), MID, Segment("\nx =")), " f")
    other = rearranged(prompt)
    assert shown(other) == "<pre>a\nb\nx = f<suf>c\n<mid>"
    assert other.forced == ""
    assert len(other.segments) == 5
    assert other.segments[1].movable


def test_without_a_prefix_or_without_anything_left() -> None:
    assert shown(rearranged(Prompt((PRE, SUF, Segment("c"), MID), "x"))) == "<pre>x<suf>c<mid>"
    bare = Prompt((PRE, SUF, Segment("c"), MID))
    assert rearranged(bare) == bare
    text = Prompt((Segment("text"),), "x")
    assert rearranged(text) == text


def test_what_is_not_generated_is_told_all_the_same() -> None:
    engine = LeftInPrefix(ScriptedEngine(["oo()"]))
    prompt = Prompt((PRE, SUF, Segment("c"), MID, Segment("x =")), " f")
    told = [event.text for event in engine.generate(prompt, Sampling(), Limits(9)) if isinstance(event, Delta)]
    assert "".join(told) == " foo()"
    nothing = LeftInPrefix(Healing([""])).generate(prompt, Sampling(), Limits(9))
    assert [event.text for event in nothing if isinstance(event, Delta)] == [" f"]
