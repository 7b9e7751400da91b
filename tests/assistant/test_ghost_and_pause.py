from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from coder_tui.assistant.ghost import Choices, Ghost
from coder_tui.assistant.pause import Pause, is_wanted

TEXTS = st.text("ab(\n \t", min_size=1, max_size=20)


def test_typing_along() -> None:
    ghost = Ghost("(a,\n    b)", 3, 7)
    assert ghost.typed("(a") == Ghost(",\n    b)", 3, 9)
    assert ghost.typed("(a,\n  ") == Ghost("  b)", 4, 2)
    assert ghost.typed("x") is None
    assert ghost.typed("") is None
    assert ghost.typed(ghost.text) is None


@given(TEXTS)
def test_pieces_lead_to_the_end(text: str) -> None:
    for piece in ("first_word", "first_line"):
        ghost: Ghost | None = Ghost(text, 0, 0)
        taken = ""
        while ghost is not None:
            part = getattr(ghost, piece)
            assert part
            taken += part
            ghost = ghost.typed(part)
        assert taken == text


def test_pieces() -> None:
    ghost = Ghost("  foo_bar(x)\n    y\n", 0, 0)
    assert ghost.first_word == "  foo_bar"
    assert ghost.first_line == "  foo_bar(x)"
    assert Ghost("\n    y\nz", 0, 0).first_line == "\n    y"
    assert Ghost("(x)", 0, 0).first_word == "("


def test_a_pause_is_for_the_typist_and_the_machine() -> None:
    slow, quick = Pause(), Pause()
    for index in range(30):
        slow.key(index * 390.0)
        quick.key(index * 90.0)
    assert slow.after("x", "") > quick.after("x", "")
    before = slow.after("x", "")
    slow.answered(300)
    assert slow.after("x", "") == before - 300


def test_a_pause_is_shorter_at_good_places_and_has_bounds() -> None:
    pause = Pause()
    assert pause.after("foo(", "", at_end=True) < pause.after("foo", "") < pause.after("foo", "bar")
    for _ in range(10):
        pause.answered(10_000)
    assert pause.after("foo", "bar") == 100
    rested = Pause()
    for index in range(30):
        rested.key(index * 60_000.0)
    assert rested.after("x", "") == Pause().after("x", "")


def test_where_none_is_wanted() -> None:
    assert is_wanted("x = ", "")
    assert is_wanted("foo(", ")")
    assert is_wanted("foo", "")
    assert not is_wanted("fo", "o")
    assert not is_wanted("x = ", "something_long")


def test_choices_go_round() -> None:
    choices = Choices([Ghost("one", 1, 2)])
    assert choices.step(-1) == Ghost("one", 1, 2)
    assert choices.step(1) is None
    assert choices.awaits
    assert choices.add("two") == Ghost("two", 1, 2)
    assert choices.add("three") == Ghost("two", 1, 2)  # it waits for its turn
    assert choices.is_of(Ghost("two", 1, 2))
    assert not choices.is_of(Ghost("wo", 1, 3))
    assert choices.step(-1) == Ghost("one", 1, 2)
    assert choices.step(-1) == Ghost("three", 1, 2)
    assert choices.step(1) is None  # more may come
    choices.end()
    assert choices.step(1) == Ghost("one", 1, 2)
