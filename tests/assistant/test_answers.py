"""Answers and what becomes of them: the golden corpus, and what holds for any answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from edits.golden import corpus
from edits.golden.corpus import Case
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.assistant.answer_changes import changes_of
from coder_tui.assistant.applying import applied, placed
from coder_tui.core.errors import ChangeError, CoderError
from coder_tui.edits.answers.elided import is_elided
from coder_tui.edits.answers.fitting import exchanged
from coder_tui.edits.answers.pieces import Exchange
from coder_tui.edits.diff import unified

FILES = ("blocks.txt", "diffs.txt", "elided.txt", "paths.txt", "real.txt", "search.txt")
CASES = [pytest.param(case, id=f"{name[:-4]}: {case.name}") for name in FILES for case in corpus.cases(name)]


@pytest.mark.parametrize("case", CASES)
def test_the_corpus(case: Case, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    files = corpus.lay(root, case)
    found = corpus.outcome(root, case).replace("\nnote: ", "\n%%% note: ")
    wanted = case.outcome.replace("\nnote: ", "\n%%% note: ")
    assert found == wanted
    assert {name: (root / name).read_bytes() for name in files} == files


def test_the_corpus_is_large_enough() -> None:
    assert len(CASES) >= 120
    assert len(corpus.cases("real.txt")) >= 30


@pytest.mark.parametrize(
    "line",
    [
        "# ... rest of the function unchanged", "# ...", "// existing code", "/* ... */", "…",
        "// ... existing code ...",
        "pass  # existing code", "# (rest of the file unchanged)", "# Other methods remain unchanged",
        "<!-- rest of the page -->", "{/* ... existing JSX ... */}", "-- ... (unchanged)", "# same as before",
        "// implementation here", "[... rest of file ...]", "# code omitted for brevity", "// Add your code here",
        "    # ... existing implementation", "# keep the rest of the code", "# Existing imports", "// other routes...",
        "# --- existing code ---", "// ---- rest unchanged ----", "# and so on...", "// same as above",
        "    ...  # rest",
        "# [snip]", "// <snip>", "# continue with the rest", "# (keep the rest as is)", "// etc...", "# more code here",
        "⋮", "# ⋮", "{/* rest of the JSX */}", "# The rest of the code is unchanged.", "# Code above remains unchanged",
    ],
)  # fmt: skip
def test_lines_that_stand_for_code(line: str) -> None:
    assert is_elided(line)


@pytest.mark.parametrize(
    "line",
    [
        "# removes existing files", "# the rest is summed", "# returns the list unchanged", "# the current line",
        "x = ...",
        "pass", "print('...')", "# loading...", "const [first, ...rest] = xs", "# import the module", "# test the code",
        "# ... and then some words that say what the next lines do", "// function that adds", "# settings", "",
        "# The rest of the arguments are passed on", "# unchanged lines are skipped", "# snippets are cached",
        "# no changes since the last commit are counted", "# same as `f`, without the cache", "# etc is a folder",
        "# continue with the next line", "# Rest API", "# remaining seconds", "# other than that", "# ---", "# =====",
    ],
)  # fmt: skip
def test_lines_that_stand_for_themselves(line: str) -> None:
    assert not is_elided(line)


LINES = st.lists(
    st.sampled_from(["a = 1", "    b", "", "def f():", "    return é", "\tx", "}"]), min_size=1, max_size=12
)


@settings(max_examples=200)
@given(LINES, LINES)
def test_a_right_diff_gives_what_it_was_made_of(old: list[str], new: list[str]) -> None:
    before, after = ("".join(f"{line}\n" for line in lines) for lines in (old, new))
    answer = f"```diff\n{unified('a.txt', before, after)}```\n"
    try:
        pieces = corpus_pieces(answer)
        text = before
        for piece in pieces:
            text = exchanged(text, piece)
    except CoderError as error:
        assert "more than once" in str(error) or "does not say where" in str(error) or "nothing" in str(error)  # noqa: PT017
    else:
        if before != after:
            assert text == after


def corpus_pieces(answer: str) -> list[Exchange]:
    from coder_tui.edits.answers.parse import parsed

    return [piece for piece in parsed(answer) if isinstance(piece, Exchange)]


@settings(max_examples=100)
@given(LINES, st.integers(0, 11), st.integers(0, 40))
def test_a_wrong_line_number_does_not_matter(lines: list[str], at: int, said: int) -> None:
    numbered = [f"{line} {number}" for number, line in enumerate(lines)]
    at %= len(lines)
    text = "".join(f"{line}\n" for line in numbered)
    done = exchanged(text, Exchange("a", f"{numbered[at]}\n", "changed\n", said))
    assert done == text.replace(f"{numbered[at]}\n", "changed\n", 1)


@settings(max_examples=100)
@given(st.text(st.sampled_from("`~<>=+-@# \nab.py/\\|"), max_size=200))
def test_no_answer_breaks_anything(tmp_path_factory: pytest.TempPathFactory, answer: str) -> None:
    root = tmp_path_factory.getbasetemp()
    try:
        found = changes_of(answer, root)
    except CoderError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert all(change.document.path is not None for change in found.changes)


def test_real_code_is_never_less_than_it_was() -> None:
    text = corpus.shared()["stats.py"].decode()
    for name in ("mean", "median", "deviation"):
        done = placed(text, f"def {name}(values):\n    return None\n", path="stats.py").text
        assert all(f"def {one}(" in done for one in ("mean", "median", "deviation"))


def test_a_block_of_the_app_may_be_a_diff() -> None:
    """As the app takes it: the inside of a block, for the file that is open."""
    text = "def one():\n    return 1\n\n\ndef two():\n    return 1\n"
    first = "@@ -2 +2,2 @@\n-    return 1\n+    # one\n+    return 1\n"
    diff = f"--- a/x.py\n+++ b/x.py\n{first}@@ -6 +7 @@\n-    return 1\n+    return 2\n"
    wanted = "def one():\n    # one\n    return 1\n\n\ndef two():\n    return 2\n"
    assert applied(text, diff, path="a.py", cursor=3) == wanted
    block = "<<<<<<< SEARCH\ndef two():\n=======\ndef second():\n>>>>>>> REPLACE\n"
    assert applied(text, block, path="a.py", cursor=0) == text.replace("two", "second")
    with pytest.raises(ChangeError, match="more than once"):
        applied(text, block.replace("def two():", "return 1"), path="a.py")
    with pytest.raises(ChangeError, match="left code out"):
        applied(text, "def two():\n    # ... existing code\n", path="a.py", cursor=0)


def test_a_diff_for_a_selection_keeps_to_it() -> None:
    text = "a = 1\n\na = 1\n\na = 1\n"
    diff = "@@ -1 +1 @@\n-a = 1\n+a = 2\n"
    assert applied(text, diff, path="a.py", lines=(2, 2)) == "a = 1\n\na = 2\n\na = 1\n"
    with pytest.raises(ChangeError, match="not there"):
        applied(text, diff, path="a.py", lines=(1, 1))


@pytest.mark.parametrize(
    "code", ["@@count = 0\n@@name = 1\n", "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n", "--- \nkey: 1\n"]
)
def test_what_only_looks_like_a_diff_is_code(code: str) -> None:
    assert applied("old\n", code, path="a.rb", lines=(0, 0)) == code
