import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from coder_tui.core.document import Document
from coder_tui.core.plain import plain
from coder_tui.prompts import repeats
from coder_tui.prompts.clean import clean
from coder_tui.prompts.markers import MARKER, MARKERS
from coder_tui.prompts.site import NEAR, Mode, Site, facts

GOLDEN = Path(__file__).parent / "golden" / "clean.toml"
CASES = tomllib.loads(GOLDEN.read_text(encoding="utf-8"))["case"]
by_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['path']}: {case['name']}")


def site(text: str, path: str = "a.py", **more: Any) -> Site:
    before, after = text.split("‸")
    prefix, _, left = before.rpartition("\n")
    right, line_end, suffix = after.partition("\n")
    return Site(f"{prefix}\n" if "\n" in before else "", left, right, line_end + suffix, path, **more)


def of(case: dict[str, Any]) -> Site:
    return site(case["text"], case["path"], forced=case.get("forced", ""), max_lines=case.get("max_lines", 0))


def test_there_are_enough_cases_and_none_twice() -> None:
    assert len(CASES) >= 60
    assert len({(case["path"], case["name"]) for case in CASES}) == len(CASES)


@by_case
def test_golden(case: dict[str, Any]) -> None:
    assert clean(case["raw"], of(case), final=True).text == case["expect"]


@by_case
def test_streamed_text_is_never_taken_back(case: dict[str, Any]) -> None:
    streamed(case["raw"], of(case))


def streamed(raw: str, place: Site) -> None:
    """Every result is a prefix of the later ones, a whole line of the lines that follow it, and once it is done nothing
    changes any more."""
    shown, whole, finished = "", False, None
    for end in range(len(raw) + 1):
        result = clean(raw[:end], place, final=False)
        assert result.text.startswith(shown)
        assert not (shown and whole) or result.text[len(shown) :][:1] in ("", "\n")
        shown, whole = result.text, result.whole
        if finished is not None:
            assert result == finished
        if result.done:
            finished = result
            assert clean(raw[:end], place, final=True).text == result.text
        assert clean(raw[:end], place, final=True).text.startswith(shown)


PIECES = [
    *(
        "x",
        "y = 1",
        "foo(",
        ")",
        "]",
        "}",
        "{",
        "[",
        "    ",
        "\t",
        "  ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        ":",
        '"',
        "'",
        "`",
    ),
    *("return x", "else:", "end", "<li>", "</li>", "```", "```python\n", "Here is the code:\n", "#a.py\n", '"""', "/*"),
    *(
        "// c",
        "# c",
        "print(x)\n",
        "ab\n",
        "a = foo(1)\n",
        "<|fim_middle|>",
        "<|fim_",
        "\x1b[0m",
        "0, ",
        "foo + ",
        ";",
        " " * 60,
    ),
]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
PATHS = st.sampled_from(["a.py", "a.js", "a.c", "a.go", "a.html", "a.yaml", "Makefile", "a.sh", "a.md", "a.rs", ""])
SITES = st.builds(
    Site,
    prefix=st.lists(st.sampled_from(PIECES), max_size=8).map(lambda pieces: "".join(pieces).replace("\r", "") + "\n"),
    left=st.sampled_from(["", "    ", "\t", "x = ", "    foo(", "if x:", "f() {", "    return "]),
    right=st.sampled_from(["", ")", '")', " + b)", "});", ";", "x"]),
    suffix=st.sampled_from(["", "\n", "\n    return x\n", "\n}\n", "\n\ny = 1\n)\n", "\nprint(x)\nab\n", "\n</li>\n"]),
    path=PATHS,
    forced=st.sampled_from(["", " "]),
    max_lines=st.sampled_from([0, 0, 3]),
)


@settings(deadline=None, max_examples=60)
@given(TEXTS, SITES, st.booleans())
@example("ab\nprint(x)\n", Site("ab\n", "", "", "\nprint(x)\n"), False)
@example("x    \nprint(x)\n", Site("\n", "", ")", "", "a.py"), False)
def test_streaming_keeps_its_word(raw: str, place: Site, keeps_blanks: bool) -> None:
    streamed(raw, replace(place, keeps_blanks=keeps_blanks))


@settings(deadline=None)
@given(TEXTS, SITES)
def test_blank_lines_at_the_beginning_are_all_that_is_kept_besides(raw: str, place: Site) -> None:
    without, kept = (clean(raw, replace(place, keeps_blanks=wanted), final=True) for wanted in (False, True))
    assert kept.text.lstrip("\n") == without.text.lstrip("\n")
    assert kept.text.endswith(without.text)


def test_blank_lines_between_what_is_there_and_what_is_added() -> None:
    place = Site("def a():\n    return 1\n", "", "", "", "a.py", keeps_blanks=True)
    assert clean("\n\ndef b():\n    return 2\n", place, final=True).text == "\n\ndef b():\n    return 2"
    assert clean("\n\n", place, final=True).text == ""
    assert clean("\n" * 6 + "def b(): ...\n", place, final=True).text == ""


@settings(deadline=None)
@given(TEXTS, SITES)
def test_what_comes_out_is_clean(raw: str, place: Site) -> None:
    text = clean(raw, place, final=True).text
    assert plain(text) == text
    assert "\r" not in text
    assert MARKER.search(text) is None
    assert text == "" or text.strip()
    assert "\n\n\n" not in text
    if facts(place).mode is Mode.SINGLE:
        assert "\n" not in text
    if place.max_lines:
        assert text.count("\n") < place.max_lines


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a = 1", "b(2)", "", "    c", "return d"]), max_size=6), st.sampled_from(MARKERS))
def test_markers_end_the_text(lines: list[str], marker: str) -> None:
    place = Site("", "", "", "")
    raw = "\n".join(lines)
    assert clean(f"{raw}{marker} and so on", place, final=False) == replace(
        clean(f"{raw}{marker}", place, final=True), done=True
    )
    assert clean(f"{raw}{marker}", place, final=True).text == clean(raw, place, final=True).text


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("x = ‸", Mode.MULTI),
        ("foo(‸);", Mode.MULTI),
        ('foo("‸")', Mode.MULTI),
        ("foo(‸, a)", Mode.SINGLE),
        ("‸x", Mode.SINGLE),
    ],
)
def test_several_lines_where_nothing_but_signs_follows(text: str, mode: Mode) -> None:
    assert facts(site(text)).mode is mode


def test_mode_can_be_set() -> None:
    assert clean("1\ny = 2\n", site("x = ‸\n", mode=Mode.SINGLE), final=True).text == "1"
    assert clean("1\ny = 2\n", site("x = ‸ + z\n", mode=Mode.MULTI), final=True).text == "1\ny = 2"


def test_a_single_line_is_done_with_its_line_end() -> None:
    assert not clean("a, b", site("f(‸ + 1)\n"), final=False).done
    assert clean("a, b\n", site("f(‸ + 1)\n"), final=False).done


def test_streams_line_by_line() -> None:
    place = site("def f():\n    ‸\n")
    assert clean("a = 1\n    b = 2\n    c", place, final=False).text == "a = 1\n    b = 2"


def test_forced_text_comes_first_in_what_was_generated() -> None:
    place = site("x = retu‸\n", forced=" retu")
    assert clean(" ret", place, final=False).text == ""
    assert clean(" return", place, final=True).text == "rn"
    # An engine that cannot force gives only what is new.
    assert clean("rn", place, final=True).text == "rn"


def test_a_long_text_takes_no_time() -> None:
    place = site("x = 1\n" * 5000 + "‸\n" + "y = 2\n" * 5000)
    raw = "".join(f"value_{n} = compute({n})\n" for n in range(400))
    facts(place)
    started = time.monotonic()
    for end in range(len(raw) - 100, len(raw), 10):
        clean(raw[:end], place, final=False)
    assert (time.monotonic() - started) / 10 < 2


def test_strings_are_known_from_the_beginning_of_the_file() -> None:
    """What is near the hole begins in a docstring: the docstring's end would be taken for the beginning of one."""
    text = '"""Doc.\n' + "words in it\n" * (NEAR // 10) + '"""\n\ndef f(xs):\n    for x in xs:\n        '
    document = Document(text + "\n    return xs\n")
    site = Site.within(document, len(text), "a.py", "")
    assert facts(site).begun == ""
    raw = "print(x)\n    except ValueError:\n        pass\n"
    assert clean(raw, site, final=True).text == "print(x)"


def test_a_place_within_a_document() -> None:
    site = Site.within(Document("a\r\nb = (c)\r\nd\r\n"), 8, "a.py", "c")
    assert (site.prefix, site.left, site.right, site.suffix) == ("a\n", "b = (", "c)", "\nd\n")


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", 0),
        ("x", 0),
        ("    x = 1\n    ", 0),
        ("    x\n\n         ", 5),
        ("  x   ", 1),
        ("x\n\t\t  ", 10),
        ("       ", 7),
    ],
)
def test_white_space_beyond_the_last_line(text: str, columns: int) -> None:
    assert repeats.beyond(text) == columns
