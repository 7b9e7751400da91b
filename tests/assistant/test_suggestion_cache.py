"""The suggestion cache against a list that is searched from end to end."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coder_tui.assistant.suggestion_cache import TYPED_CHARACTERS, Known, SuggestionCache, scope_of

TEXT = st.text("ab\n", max_size=6)
SCOPE = st.sampled_from([b"one", b"two"])
ENOUGH = 10**9


class AgainstAList(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.cache = SuggestionCache(ENOUGH)
        self.known: dict[tuple[bytes, str], Known] = {}
        """In the order in which they came."""

    @rule(scope=SCOPE, prefix=TEXT, text=TEXT, is_whole=st.booleans())
    def put(self, scope: bytes, prefix: str, text: str, is_whole: bool) -> None:
        self.cache.put(scope, prefix, text, is_whole=is_whole)
        old = self.known.get((scope, prefix))
        if old is None or is_whole or not old.is_whole:
            self.known.pop((scope, prefix), None)
            self.known[scope, prefix] = Known(text, is_whole)

    @rule(scope=SCOPE, prefix=TEXT)
    def get(self, scope: bytes, prefix: str) -> None:
        rests = []
        for (other, before), known in self.known.items():
            whole = before + known.text
            if other == scope and prefix.startswith(before) and whole.startswith(prefix):
                rest = whole[len(prefix) :]
                if rest or before == prefix:
                    rests.append(Known(rest, known.is_whole, len(prefix) - len(before)))
        rests.sort(key=lambda rest: (not rest.text, rest.typed))
        best = rests[0] if rests else None
        if best is not None and not best.is_whole:
            longer = [rest for rest in rests if rest.text.startswith(best.text)]
            best = min(longer, key=lambda rest: (-len(rest.text), rest.typed))
        assert self.cache.get(scope, prefix) == best

    @invariant()
    def is_counted(self) -> None:
        assert self.cache.size_bytes >= sum(len(known.text) for known in self.known.values())


AgainstAList.TestCase.settings = settings(max_examples=60, deadline=None)
TestAgainstAList = AgainstAList.TestCase


@given(st.integers(0, 3000), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 300)), max_size=40))
def test_the_limit_holds(limit: int, puts: list[tuple[int, int]]) -> None:
    cache = SuggestionCache(limit)
    for place, length in puts:
        cache.put(b"", "x" * place, "é" * length)
        assert cache.size_bytes <= limit


def test_the_least_recently_used_goes_first() -> None:
    cache = SuggestionCache(ENOUGH)
    cache.put(b"", "", "text")
    cache = SuggestionCache(3 * cache.size_bytes)
    for prefix in ("one", "two", "three"):
        cache.put(b"", prefix, "text")
    assert cache.get(b"", "one") is not None
    cache.put(b"", "four", "text")
    assert cache.get(b"", "two") is None
    assert cache.get(b"", "one") is not None


def test_the_one_that_has_seen_most_of_what_was_typed() -> None:
    cache = SuggestionCache(ENOUGH)
    cache.put(b"", "x = y", "ou()")
    cache.put(b"", "x = ", "yes, and more")
    assert cache.get(b"", "x = y") == Known("ou()", is_whole=True)
    assert cache.get(b"", "x = yo") == Known("u()", is_whole=True, typed=1)
    assert cache.get(b"", "x = ye") == Known("s, and more", is_whole=True, typed=2)
    cache.put(b"", "x = y", "")
    assert cache.get(b"", "x = y") == Known("es, and more", is_whole=True, typed=1)


def test_one_that_was_ended_early_goes_on_as_another() -> None:
    cache = SuggestionCache(ENOUGH)
    cache.put(b"", "x = ", "[\n    1,\n]")
    cache.put(b"", "x = [", "\n", is_whole=False)
    assert cache.get(b"", "x = [") == Known("\n    1,\n]", is_whole=True, typed=1)
    cache.put(b"", "x = [", "]\n", is_whole=False)
    assert cache.get(b"", "x = [") == Known("]\n", is_whole=False)


@pytest.mark.parametrize("letter", ["y", "é", "ж", "😀"])
def test_what_is_counted_is_what_is_held(letter: str) -> None:
    cache = SuggestionCache(ENOUGH)
    tracemalloc.start()
    try:
        for place in range(500):
            cache.put(b"", "x" * place, letter * (place + 100))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.8 * cache.size_bytes < held < 1.2 * cache.size_bytes


def test_none_are_kept_without_memory() -> None:
    cache = SuggestionCache(0)
    cache.put(b"", "x", "y")
    assert cache.get(b"", "x") is None


def test_typed_far_along() -> None:
    cache, text = SuggestionCache(ENOUGH), "y" * 300
    cache.put(b"", "x = ", text)
    for typed in (0, 1, TYPED_CHARACTERS):
        assert cache.get(b"", "x = " + text[:typed]) == Known(text[typed:], is_whole=True, typed=typed)
    assert cache.get(b"", "x = " + text[: TYPED_CHARACTERS + 1]) is None


def test_lone_surrogates_are_text_too() -> None:
    cache = SuggestionCache(ENOUGH)
    cache.put(scope_of("\udcff"), "\udcff", "\udcfe!")
    assert cache.get(scope_of("\udcff"), "\udcff\udcfe") == Known("!", is_whole=True, typed=1)


@given(st.lists(st.text(max_size=3), max_size=4), st.lists(st.text(max_size=3), max_size=4))
def test_scopes(one: list[str], other: list[str]) -> None:
    assert (scope_of(*one) == scope_of(*other)) == (one == other)
