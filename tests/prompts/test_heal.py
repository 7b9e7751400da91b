import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.prompts.heal import MAX_FORCED, split


@pytest.mark.parametrize(
    ("left", "kept", "forced"),
    [
        ("", "", ""),
        ("retu", "", "retu"),
        ("    retu", "   ", " retu"),
        ("    x = ", "    x =", " "),
        ("    ", "", "    "),
        ("\t\tfoo(", "\t\tfoo", "("),
        ("foo(self.na", "foo(self", ".na"),
        ("foo(ba", "foo", "(ba"),
        ("snake_ca", "snake", "_ca"),
        ("x == 12", "x ==", " 12"),
        ("x12", "x", "12"),
        ("if a ==", "if a", " =="),
        ("print((", "print", "(("),
        ("def f():\n", "def f", "():\n"),
        ("def f():\n    ", "def f", "():\n    "),
        ("    return x\n\n", "    return x", "\n\n"),
        ("\n", "", "\n"),
        ("a\n  b", "a\n ", " b"),
        ("été", "", "été"),
        ("x = cafe\u0301", "x =", " cafe\u0301"),
        ("a" * 60, "a" * 12, "a" * 48),
        (" " * 60, " " * 12, " " * 48),
        ("👩\u200d👩", "", "👩\u200d👩"),
    ],
)
def test_cuts_at_the_last_safe_boundary(left: str, kept: str, forced: str) -> None:
    assert split(left) == (kept, forced)


TEXT = st.text(st.one_of(st.sampled_from("ab_1. (\t\n=\u0301\u200d\ud83d\ude00👍🏽é漢"), st.characters()), max_size=120)


@settings(deadline=None)
@given(TEXT)
def test_nothing_is_lost(left: str) -> None:
    kept, forced = split(left)
    assert kept + forced == left
    assert len(forced) <= MAX_FORCED
    assert split(left) == (kept, forced)


@settings(deadline=None)
@given(TEXT)
def test_signs_stay_whole(left: str) -> None:
    kept, forced = split(left)
    assert not (kept and forced.startswith(("\u0301", "\u200d", "\U0001f3fd")))
    assert not (kept.endswith("\ud83d") and forced.startswith("\ude00"))


@settings(deadline=None)
@given(st.text("abc", min_size=1, max_size=10), st.text("xyz", min_size=1, max_size=10))
def test_the_cut_does_not_depend_on_what_stands_far_before(word: str, before: str) -> None:
    assert split(f"{before} + {word}") == (f"{before} +", f" {word}")
