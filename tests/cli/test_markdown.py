"""Where an answer in Markdown may be cut while it is still coming."""

from __future__ import annotations

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from coder_tui.cli.markdown import MarkdownStream, split_blocks

ANSWER = "# Title\n\nText.\n\n```python\nx = 1\n\ny = 2\n```\n\n- one\n\n- two\n\nEnd.\n"
pieces = st.lists(
    st.sampled_from(
        ["```\n", "```py\n", "~~~\n", "````\n", "\n", "\n\n", "text\n", "- item\n", "1. item\n", "> quote\n",
         "  more\n", "# head\n", "a|b\n", "```", "`", "x", " "]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(pieces)
@settings(deadline=None)
def test_nothing_is_lost(text: str) -> None:
    blocks, rest = split_blocks(text)
    assert blocks + rest == text


@given(pieces, st.lists(st.integers(0, 1000), max_size=10))
@settings(deadline=None)
def test_pieces_give_what_the_whole_gives(text: str, cuts: list[int]) -> None:
    """What is finished once is the beginning of what is finished in the end, so it can be printed for good."""
    places = sorted({len(text), *(cut % (len(text) + 1) for cut in cuts)})
    finished, rest, start = "", "", 0
    for place in places:
        more, rest = split_blocks(rest + text[start:place])
        finished, start = finished + more, place
    assert finished == split_blocks(text)[0]
    assert finished + rest == text


@given(pieces)
@settings(deadline=None)
def test_a_fence_is_never_cut(text: str) -> None:
    """A block ends outside of code: an open fence belongs to the rest."""
    blocks, _ = split_blocks(text)
    fence = ""
    for line in blocks.split("\n"):
        mark = line.lstrip(" ") if len(line) - len(line.lstrip(" ")) < 4 else ""
        sign = mark[:1]
        length = len(mark) - len(mark.lstrip(sign)) if sign and sign in "`~" else 0
        if fence:
            if length >= len(fence) and sign == fence[0] and not mark.strip().strip(sign):
                fence = ""
        elif length >= 3:
            fence = sign * length
    assert fence == ""


def test_lists_and_code_stay_together() -> None:
    assert split_blocks(ANSWER)[0] == ANSWER.removesuffix("End.\n")
    assert split_blocks("- one\n\n- two") == ("", "- one\n\n- two")
    assert split_blocks("```\na\n\nb\n") == ("", "```\na\n\nb\n")
    assert split_blocks("one\n\n") == ("", "one\n\n")
    assert split_blocks("one\n\nt") == ("one\n\n", "t")


@given(st.lists(st.integers(0, 1000), max_size=8))
@settings(deadline=None, max_examples=30)
def test_the_screen_shows_the_same_however_it_comes(cuts: list[int]) -> None:
    def printed(places: list[int]) -> str:
        out = io.StringIO()
        console = Console(file=out, force_terminal=False, width=60, height=20, highlight=False)
        with MarkdownStream(console) as stream:
            start = 0
            for place in sorted({*places, len(ANSWER)}):
                stream.feed(ANSWER[start:place])
                start = place
        return "".join(out.getvalue().split())

    whole = printed([])
    assert whole.count("Title") == 1
    assert whole.endswith("End.")
    assert printed([cut % len(ANSWER) for cut in cuts]) == whole
