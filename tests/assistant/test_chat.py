"""Chat: what is cut when a question does not fit the window, and what is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.assistant.chat import Attachment, Fitted, Question, answer, fit
from coder_tui.assistant.counting import LONGEST
from coder_tui.core.errors import PromptTooLongError
from coder_tui.core.events import Delta, Finished
from coder_tui.core.prompt import Sampling, Segment
from coder_tui.prompts.chat import Message

Make = Callable[..., Any]
TURNS = (Message("user", "first question"), Message("assistant", "first answer"))

texts = st.lists(st.text("ab `\n", max_size=40), max_size=60).map("\n".join)
attachments = st.lists(st.builds(Attachment, st.sampled_from(["a.py", "b/c.md"]), texts, st.integers(0, 9)), max_size=4)
turns = st.lists(texts, max_size=3).map(
    lambda pairs: tuple(message for text in pairs for message in (Message("user", text), Message("assistant", text)))
)


def test_attachments_that_are_together_more_than_their_parts(ready: Make) -> None:
    files = [Attachment(f"{at}-a.py", "\n" * lines + "``` ") for at, lines in enumerate((13, 17, 6, 8))]
    model, engine = ready(context_tokens=128)
    fitted = fit(model, Question(" ", tuple(files), (), "be brief"), max_tokens=32)
    assert len(engine.tokenize(*fitted.prompt.segments)) <= 96


@given(st.text("xyz \n", min_size=1, max_size=200), attachments, turns, st.integers(128, 900), st.integers(1, 2000))
@settings(deadline=None, max_examples=80)
def test_whatever_is_asked_fits_the_window(
    ready: Make, text: str, given_files: list[Attachment], earlier: tuple[Message, ...], window: int, max_tokens: int
) -> None:
    model, engine = ready("yes", context_tokens=window)
    files = tuple(Attachment(f"{index}-{one.name}", one.text, one.first_line) for index, one in enumerate(given_files))
    question = Question(text, files, earlier, "be brief")
    try:
        fitted = fit(model, question, max_tokens=max_tokens)
    except PromptTooLongError:
        assert len(engine.tokenize(Segment(f"{text}be brief"))) > window // 2
        return
    sent = len(engine.tokenize(*fitted.prompt.segments))
    assert 1 <= fitted.room <= max_tokens
    assert sent + fitted.room <= window
    last = fitted.messages[-1]
    assert last.role == "user"
    assert last.content.endswith(text)
    assert list(fitted.messages[:-1]) == list(earlier[len(earlier) - len(fitted.messages) + 1 :])
    told = [any(cut.startswith(f"{one.name}: ") for cut in fitted.cuts) for one in files]
    for one, is_cut in zip(files, told, strict=True):
        assert is_cut or (one.name in last.content and one.text in last.content)
    assert len(fitted.cuts) == sum(told) + (len(fitted.messages) - 1 < len(earlier))


def test_a_small_attachment_stays_whole_beside_a_large_one(ready: Make) -> None:
    small, large = Attachment("small.py", "x = 1\n" * 10), Attachment("large.py", "y = 22222\n" * 2000, 100)
    model, _ = ready(context_tokens=1000)
    fitted = fit(model, Question("why?", (large, small)), max_tokens=100)
    content = fitted.messages[-1].content
    assert f"small.py:\n```\n{small.text}```" in content
    kept = content.count("y = 22222\n")
    assert content.index("large.py") < content.index("small.py")
    assert fitted.cuts == (f"large.py: lines {101 + kept}-2100 do not fit the context window and are left out",)
    assert f"large.py (lines 101-{100 + kept}):" in content
    assert kept * 10 / 4 > 0.8 * (1000 - 100 - 60)


def test_large_attachments_get_equal_parts(ready: Make) -> None:
    one, two = Attachment("1.py", "x = 1111\n" * 500), Attachment("2.py", "y = 2222\n" * 5000)
    model, _ = ready(context_tokens=1000)
    content = fit(model, Question("why?", (one, two)), max_tokens=100).messages[-1].content
    assert abs(content.count("x = 1111") - content.count("y = 2222")) <= 2


def test_the_oldest_turns_go_first(ready: Make) -> None:
    old, new = TURNS, (Message("user", "second " * 20), Message("assistant", "answer " * 20))
    model, _ = ready(context_tokens=290)
    file = Attachment("a.py", "x = 1\n" * 60)
    fitted = fit(model, Question("why?", (file,), (*old, *new)), max_tokens=64)
    assert fitted.cuts == ("the first 2 messages of this chat no longer fit the window and are left out",)
    assert fitted.messages[:-1] == new
    assert file.text in fitted.messages[-1].content


def test_a_question_is_never_cut(ready: Make) -> None:
    model, _ = ready(context_tokens=256)
    with pytest.raises(PromptTooLongError, match="the question alone has about 1"):
        fit(model, Question("why? " * 1000), max_tokens=100)
    with pytest.raises(PromptTooLongError, match="the question alone"):
        fit(model, Question("why?", system="be brief " * 1000), max_tokens=100)


def test_one_line_that_does_not_fit_is_left_out_whole(ready: Make) -> None:
    model, _ = ready(context_tokens=256)
    fitted = fit(model, Question("why?", (Attachment("min.js", "x" * 10_000),)), max_tokens=100)
    assert fitted.messages[-1].content == "why?"
    assert fitted.cuts == ("min.js: lines 1-1 do not fit the context window and are left out",)


def test_all_is_sent_when_it_fits(ready: Make) -> None:
    model, _ = ready()
    fitted = fit(model, Question("and now?", earlier=TURNS, system="be brief"), max_tokens=5000)
    assert (fitted.cuts, fitted.messages, fitted.room) == ((), (*TURNS, Message("user", "and now?")), 5000)
    sent = "".join(one.text for one in fitted.prompt.segments)
    assert [sent.index(text) for text in ("be brief", "first question", "first answer", "and now?")] == sorted(
        sent.index(text) for text in ("be brief", "first question", "first answer", "and now?")
    )


def test_an_answer_streams_and_ends(ready: Make) -> None:
    model, engine = ready("one two three<|im_end|>four")
    fitted: Fitted = fit(model, Question("count"), max_tokens=50)
    events = list(answer(model, fitted, Sampling(temperature=0.5)))
    assert isinstance(events[-1], Finished)
    assert "".join(event.text for event in events if isinstance(event, Delta)) == "one two three"
    limits = engine.requests[0][2]
    assert limits.max_tokens == 50
    assert model.info.specials["<|im_end|>"] in limits.stop_tokens


def test_a_huge_attachment_is_not_read_to_its_end(ready: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 100 MB: no more of it goes to the tokenizer than a window could hold."""
    model, engine = ready()
    read: list[int] = []
    real = engine.count

    def count(texts: Sequence[str]) -> list[int]:
        read.append(sum(map(len, texts)))
        return list(real(texts))

    monkeypatch.setattr(engine, "count", count)
    text = "".join(f"x = {number:<7}\n" for number in range(200_000))
    fitted = fit(model, Question("what is it?", (Attachment("huge.py", text, language="python"),)), max_tokens=64)
    assert LONGEST * 0.9 < sum(read) < LONGEST * 1.2
    assert fitted.attachments[0].text.startswith("x = 0 ")
    assert "-200000 do not fit" in fitted.cuts[0]
    assert 0.8 * len(text) < 4 * fitted.cut_tokens < 1.2 * len(text)
