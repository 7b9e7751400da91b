"""Counting tokens by lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.assistant import counting
from coder_tui.assistant.counting import Counts
from coder_tui.engine.llama import Model
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

SHARED = Path(__file__).resolve().parents[3] / "shared" / "vocab"
LINES = st.lists(
    st.builds(
        "".join,
        st.tuples(
            st.sampled_from(["", " ", "    ", "\t", "        "]),
            st.sampled_from(["", "def f(x):", "return  x + 12", "# naïve ☃", "}", "a" * 30, "日本語 = '…'", " ;"]),
            st.sampled_from(["", " ", "\t"]),
        ),
    ),
    max_size=12,
)


class Counting(ScriptedEngine):
    """Counts by a real tokenizer, or by the scripted one, and remembers what it was asked."""

    def __init__(self, model: Model | None = None) -> None:
        super().__init__()
        self.model = model
        self.asked: list[str] = []

    def count(self, texts: Sequence[str]) -> list[int]:
        self.asked += texts
        return super().count(texts) if self.model is None else [self.model.count(text) for text in texts]


@cache
def vocabulary(name: str) -> Model:
    path = SHARED / f"ggml-vocab-{name}.gguf"
    return Model(path, gguf_file.inspect(path, vocab_only=True).overrides, vocab_only=True)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the vocabularies lie beside the project for its developers")
@given(lines=LINES, ends=st.booleans())
@settings(max_examples=150, deadline=None)
def test_lines_add_up_to_the_text(lines: list[str], *, ends: bool) -> None:
    text = "\n".join(lines) + "\n" * ends
    for name, extra in (("deepseek-coder", 0), ("qwen2", 0), ("starcoder", 2 * len(lines))):
        model = vocabulary(name)
        assert -1 <= Counts().count(Counting(model), text) - model.count(text) <= extra, name
        text += "x"  # no white space at the end
        assert 0 <= Counts().count(Counting(model), text) - model.count(text) <= extra, name


def test_only_what_is_new_is_counted() -> None:
    engine, counts = Counting(), Counts()
    text = "one\n\ntwo\n\n  \n\tthree\nfour"
    counts.count(engine, text)
    assert {*engine.asked} == {"x", "one\n\nx", "two\n\n  \nx", "\tthree\nx", "four"}
    engine.asked.clear()
    counts.count(engine, text + "s")
    assert engine.asked == ["x", "fours"]
    assert counts.count(engine, "") == 0


def test_what_is_remembered_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_MOST", 3)
    engine, counts = Counting(), Counts()
    for number in range(10):
        text = f"a\n{number}\n{number}{number}\n"
        fresh = Counts().count(engine, text)
        assert counts.count(engine, text) == fresh
        engine.asked.clear()
        assert counts.count(engine, text) == fresh
        assert engine.asked == []
