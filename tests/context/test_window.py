"""The window around the cursor: always a contiguous piece of the file, never more than the budget."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.context.window import Window, cut, fit, with_file
from coder_tui.core.context import Context, Snippet
from coder_tui.core.document import Document, Position, to_lf
from coder_tui.core.errors import DocumentError


def count(text: str) -> int:
    """A tokenizer that is not additive, as real ones are not."""
    return len(re.findall(r" ?\w{1,4}|\n+|[^\w\n]", text))


def joined(window: Window) -> str:
    return window.context.prefix + window.left + window.right + window.context.suffix


def cost(window: Window) -> int:
    context = window.context
    around = count(context.prefix) + count(window.left) + count(window.right + context.suffix)
    return around + sum(count(f"# {one.path}\n{one.text}\n") for one in context.snippets)


@st.composite
def places(draw: st.DrawFn) -> tuple[Document, Position]:
    lines = draw(st.lists(st.sampled_from(["", "a", "def f(x):", "    return é", "\x0c", "x" * 30]), max_size=40))
    text = "".join(line + draw(st.sampled_from(["\n", "\r\n", "\r"])) for line in lines) + draw(
        st.sampled_from(["", "end"])
    )
    document = Document(text)
    return document, document.position(draw(st.integers(0, len(text))))


@given(places(), st.integers(0, 12), st.integers(0, 12), st.integers(1, 9), st.integers(4, 400))
def test_a_window_is_a_piece_of_the_text_around_the_cursor(
    place: tuple[Document, Position], before: int, after: int, snap: int, max_chars: int
) -> None:
    document, position = place
    window = cut(document, position, prefix_lines=before, suffix_lines=after, snap=snap, max_chars=max_chars)
    offset = document.offset(position)
    assert to_lf(document.text[:offset]).endswith(window.context.prefix + window.left)
    assert to_lf(document.text[offset:]).startswith(window.right + window.context.suffix)
    assert "\n" not in window.left + window.right
    assert len(window.context.prefix + window.left) <= max_chars * 3 // 4
    assert len(window.right + window.context.suffix) <= max_chars // 4
    assert window.context.prefix == "" or window.context.prefix.endswith("\n")
    assert window.context.suffix == "" or window.context.suffix.startswith("\n")
    assert window.first_line == position.line - window.context.prefix.count("\n")


@given(places(), st.integers(0, 12), st.integers(0, 12), st.integers(1, 9))
def test_a_window_has_as_many_lines_as_were_asked_for(
    place: tuple[Document, Position], before: int, after: int, snap: int
) -> None:
    document, position = place
    window = cut(document, position, prefix_lines=before, suffix_lines=after, snap=snap)
    lines = to_lf(document.text).split("\n")
    first = max(0, (position.line - before) // snap * snap)
    assert window.first_line == first
    assert window.context.prefix.split("\n")[:-1] == lines[first : position.line]
    assert window.left + window.right == lines[position.line]
    rest = "\n".join(["", *lines[position.line + 1 :]])
    wanted = "".join(re.findall(r"\n[^\n]*", rest)[: after + 1])
    # The last of the lines comes with its line end, which begins the next one.
    assert wanted.startswith(window.context.suffix.removesuffix("\n")) or window.context.suffix == rest
    assert window.context.suffix.count("\n") == min(after + 1, rest.count("\n"))


def test_what_a_window_looks_like() -> None:
    document = Document("".join(f"line {n}\r\n" for n in range(10)))
    window = cut(document, Position(5, 2), prefix_lines=2, suffix_lines=2, snap=2)
    assert window == Window(Context("line 2\nline 3\nline 4\n", "\nline 6\nline 7\n"), "li", "ne 5", 2)


def test_the_start_stays_while_lines_are_typed() -> None:
    document = Document("x\n" * 1000)
    starts = [cut(document, Position(line, 0)).first_line for line in range(600, 728)]
    assert len(set(starts)) == 3
    assert all(start % 64 == 0 for start in starts)


def test_a_place_that_is_not_there() -> None:
    with pytest.raises(DocumentError):
        cut(Document("a\n"), Position(5, 0))


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_50_mb_of_lines_take_no_time(ending: str) -> None:
    document = Document(f"    value = compute(value){ending}" * 1_900_000)
    began = time.process_time()
    window = cut(document, Position(1_850_000, 5))
    assert time.process_time() - began < 1
    assert window.context.prefix.count("\n") >= 256
    assert window.context.suffix.count("\n") == 65


def test_50_mb_on_one_line_take_no_time() -> None:
    document = Document("é" * 50_000_000)
    began = time.process_time()
    window = cut(document, Position(0, 25_000_000))
    fitted = fit(window, len, 8000)
    assert time.process_time() - began < 1
    assert 290_000 < len(window.left) <= 300_000
    assert len(window.right) == 100_000
    assert (len(fitted.left), len(fitted.right)) == (6000, 2000)


def test_a_long_line_begins_at_the_same_place_while_one_types() -> None:
    document = Document("ab" * 5000)
    lefts = [cut(document, Position(0, column), max_chars=4000).left for column in range(8000, 8020)]
    assert len({8000 + n - len(left) for n, left in enumerate(lefts)}) == 1


@given(places(), st.integers(-1, 120), st.lists(st.text(alphabet="ab \n", min_size=1, max_size=20), max_size=4))
def test_the_budget_is_kept_and_the_rest_stays_contiguous(
    place: tuple[Document, Position], budget: int, texts: list[str]
) -> None:
    snippets = [Snippet(f"f{n}.py", text, "asked for") for n, text in enumerate(texts)]
    window = with_file(cut(*place), "main.py", snippets)
    fitted = fit(window, count, budget)
    assert cost(fitted) <= max(budget, 0)
    assert (window.context.prefix + window.left).endswith(fitted.context.prefix + fitted.left)
    assert (window.right + window.context.suffix).startswith(fitted.right + fitted.context.suffix)
    assert fitted.context.path == "main.py"
    assert fitted == fit(window, count, budget)
    if cost(window) <= budget:
        assert fitted == window
    else:
        assert fitted.first_line == window.first_line + joined(window).count("\n") - joined(fitted).count("\n") - (
            window.context.suffix.count("\n") - fitted.context.suffix.count("\n")
        )


def code(lines: int) -> Window:
    document = Document("".join(f"value_{n} = compute({n})\n" for n in range(lines)))
    return cut(document, Position(lines // 2, 3), prefix_lines=lines, suffix_lines=lines)


def test_three_parts_before_the_cursor_to_one_after_it() -> None:
    fitted = fit(code(2000), count, 4000)
    before = count(fitted.context.prefix + fitted.left)
    after = count(fitted.right + fitted.context.suffix)
    assert 2800 <= before <= 3100
    assert 800 <= after <= 1000
    assert fitted.context.prefix.endswith("\n")
    assert fitted.first_line % 16 == 0


def test_room_that_one_side_does_not_need_goes_to_the_other() -> None:
    text = "".join(f"value_{n} = compute({n})\n" for n in range(1000))
    top = fit(cut(Document(text), Position(3, 0), suffix_lines=1000), count, 4000)
    assert top.first_line == 0
    assert count(top.right + top.context.suffix) > 3500
    bottom = fit(cut(Document(text), Position(997, 0), prefix_lines=1000), count, 4000)
    assert bottom.context.suffix.count("\n") == 3
    assert count(bottom.context.prefix) > 3500


def test_few_counts_are_asked_for() -> None:
    asked = 0

    def counted(text: str) -> int:
        nonlocal asked
        asked += 1
        return count(text)

    fit(code(5000), counted, 4000)
    assert asked <= 40


def test_only_a_line_that_is_too_long_is_cut_inside() -> None:
    window = Window(Context("short\n" + "long " * 100 + "\n", "\n" + "wide " * 100 + "\nend\n"), "left", "right")
    fitted = fit(window, count, 40)
    assert window.context.prefix.endswith(fitted.context.prefix)
    assert 5 < len(fitted.context.prefix) < 500
    assert fitted.right == "right"
    assert fitted.left == "left"


def test_snippets_get_what_is_left_the_last_first() -> None:
    window = Window(Context("a\n", "\n"), "b", "")
    snippets = [Snippet("one.py", "1\n" * 30, ""), Snippet("two.py", "2\n" * 30, ""), Snippet("three.py", "3\n", "")]
    window = with_file(window, "x.py", snippets)
    assert fit(window, count, 500).context.snippets == tuple(snippets)
    fitted = fit(window, count, 100).context.snippets
    assert [one.path for one in fitted] == ["one.py", "two.py", "three.py"]
    assert fitted[0].text == "1\n" * fitted[0].text.count("\n") != snippets[0].text
    assert fitted[1:] == tuple(snippets[1:])
    assert fit(window, count, 4).context.snippets == ()
