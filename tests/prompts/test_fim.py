from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompts import infos

from coder_tui.core.context import Context, Snippet
from coder_tui.core.prompt import ModelInfo, Prompt, Segment
from coder_tui.prompts.blending import weight
from coder_tui.prompts.families import detect
from coder_tui.prompts.fim import build, build_completion
from coder_tui.prompts.languages import header

ABOVE = "import utils\n\ndef main():"
PREFIX = f"{ABOVE}\n"
SUFFIX = "\n    return x\n"
SNIPPETS = (
    Snippet("utils.py", "def load():\n    return 1\n", "imported"),
    Snippet("web/app.ts", "export const a = 1\n", "recent"),
)
BARE = Context(PREFIX, SUFFIX, "main.py")
RICH = Context(PREFIX, SUFFIX, "main.py", SNIPPETS)
FILES = [
    Segment("#utils.py\ndef load():\n    return 1\n\n"),
    Segment("//web/app.ts\nexport const a = 1\n\n"),
    Segment("#main.py\n"),
]


def tokens(info: ModelInfo, *texts: str) -> list[Segment]:
    return [Segment(text, info.specials[text]) for text in texts]


PSM = [
    (infos.DEEPSEEK, ("<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")),
    (infos.DEEPSEEK2, ("<｜begin▁of▁sentence｜>", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>")),
    (infos.QWEN, ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
    (infos.STARCODER, ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")),
    (infos.STARCODER2, ("<fim_prefix>", "<fim_suffix>", "<fim_middle>")),
    (infos.CODEGEMMA, ("<bos>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")),
]
by_name = pytest.mark.parametrize(("info", "texts"), PSM, ids=lambda value: getattr(value, "name", ""))


@by_name
def test_layout(info: ModelInfo, texts: tuple[str, ...]) -> None:
    *start, suffix, middle = tokens(info, *texts)
    expected = (*start, Segment(ABOVE), suffix, Segment("(1)" + SUFFIX), middle, Segment("\n    x ="))
    assert build(BARE, "    x = uti", "(1)", detect(info), heal=True) == Prompt(expected, " uti")


@by_name
def test_layout_with_snippets(info: ModelInfo, texts: tuple[str, ...]) -> None:
    *start, suffix, middle = tokens(info, *texts)
    expected = (*start, *FILES, Segment(ABOVE), suffix, Segment(SUFFIX), middle, Segment("\n    x = uti"))
    assert build(RICH, "    x = uti", "", detect(info), heal=False, layout="comments") == Prompt(expected)


def test_layout_by_tokens_as_qwen_documents_it() -> None:
    repo, separator = tokens(infos.QWEN, "<|repo_name|>", "<|file_sep|>")
    context = replace(RICH, repository="shop")
    prompt = build(context, "x", "", detect(infos.QWEN), heal=False, layout="tokens")
    files = [
        part
        for snippet in RICH.snippets
        for part in (separator, Segment(f"{snippet.path}\n{snippet.text.strip(chr(10))}\n"))
    ]
    start = (repo, Segment("shop\n"), *files, separator, Segment(f"{RICH.path}\n"))
    assert prompt.segments[: len(start) + 1] == (*start, *tokens(infos.QWEN, "<|fim_prefix|>"))


def test_layout_by_tokens_has_the_path_inside_for_starcoder2() -> None:
    repo, separator, prefix = tokens(infos.STARCODER2, "<repo_name>", "<file_sep>", "<fim_prefix>")
    prompt = build(RICH, "x", "", detect(infos.STARCODER2), heal=False)
    first = RICH.snippets[0]
    assert prompt.segments[:4] == (
        repo,
        Segment("repository"),
        separator,
        Segment(f"{first.path}\n{first.text.strip(chr(10))}"),
    )
    at = prompt.segments.index(prefix)
    assert prompt.segments[at - 1 : at + 2] == (separator, prefix, Segment(f"{RICH.path}\n"))


def test_without_snippets_there_are_no_files_to_tell_apart() -> None:
    bare = build(BARE, "x", "", detect(infos.STARCODER2), heal=False)
    assert bare == build(BARE, "x", "", detect(infos.STARCODER2), heal=False, layout="comments")


def test_codellama_wants_a_space_behind_its_prefix_token() -> None:
    start = tokens(infos.CODELLAMA, "<s>", "▁<PRE>")
    suffix, middle = tokens(infos.CODELLAMA, "▁<SUF>", "▁<MID>")
    bare = (*start, Segment(" " + ABOVE), suffix, Segment(SUFFIX), middle, Segment("\n  x"))
    assert build(BARE, "  x", "", detect(infos.CODELLAMA), heal=False) == Prompt(bare)
    first, *rest = FILES
    rich = (*start, Segment(" " + first.text), *rest, Segment(ABOVE), suffix, Segment(SUFFIX), middle, Segment("\n"))
    assert build(RICH, "", "", detect(infos.CODELLAMA), heal=False) == Prompt(rich)


def test_codestral_reads_the_suffix_first_and_goes_on_after_the_prefix() -> None:
    bos, suffix, prefix = tokens(infos.CODESTRAL, "<s>", "[SUFFIX]", "[PREFIX]")
    bare = (bos, suffix, Segment(")" + SUFFIX), prefix, Segment(" " + PREFIX), Segment("    print"))
    assert build(BARE, "    print(", ")", detect(infos.CODESTRAL), heal=True) == Prompt(bare, "(")
    first, *rest = FILES
    rich = (bos, suffix, Segment(SUFFIX), prefix, Segment(" " + first.text), *rest, Segment(PREFIX), Segment("  p"))
    assert build(RICH, "  p", "", detect(infos.CODESTRAL), heal=False) == Prompt(rich)


def test_the_preview_format_as_text() -> None:
    bos = tokens(infos.DEEPSEEK, "<｜begin▁of▁sentence｜>")
    expected = (
        *bos,
        Segment("<fim_prefix>"),
        Segment(ABOVE),
        Segment("<fim_middle>"),
        Segment(SUFFIX),
        Segment("<fim_suffix>"),
    )
    assert build(BARE, "", "", detect(infos.DEEPSEEK, "deepseek-preview")) == Prompt(expected, "\n")


def test_an_empty_suffix_is_a_line_end() -> None:
    segments = build(Context("a\n", ""), "", "", detect(infos.QWEN)).segments
    assert segments[3] == Segment("\n")


def test_an_empty_file() -> None:
    prompt = build(Context("", ""), "", "", detect(infos.QWEN))
    assert [segment.token for segment in prompt.segments] == [151659, 151661, None, 151660]


def test_typing_on_a_line_changes_the_end_only() -> None:
    short = build(RICH, "    x = u", "", detect(infos.DEEPSEEK)).segments
    longer = build(RICH, "    x = utils.lo", "", detect(infos.DEEPSEEK)).segments
    assert short[:-1] == longer[:-1]


def test_markers_in_files_stay_text() -> None:
    context = Context("a<｜fim▁hole｜>b\n", "<|EOT|>", "x.py", (Snippet("<|im_end|>.py", "<｜fim▁end｜>", ""),))
    prompt = build(context, "<｜fim▁begin｜>", "", detect(infos.DEEPSEEK), heal=False)
    special = [segment.token for segment in prompt.segments if segment.token is not None]
    assert special == [32013, 32016, 32015, 32017]


def test_completion_is_files_then_the_current_one() -> None:
    prompt = build_completion(Context(PREFIX + "    x = uti", "", "main.py", SNIPPETS), infos.DEEPSEEK)
    bos = tokens(infos.DEEPSEEK, "<｜begin▁of▁sentence｜>")
    assert prompt == Prompt((*bos, *FILES, Segment(PREFIX), Segment("    x =")), " uti")


def test_completion_heals_the_line_end() -> None:
    prompt = build_completion(Context("def f():\n    ", ""), infos.QWEN)
    assert prompt == Prompt((Segment("def f"),), "():\n    ")


@pytest.mark.parametrize("text", ["", "re"])
def test_completion_of_next_to_nothing_has_something_to_start_from(text: str) -> None:
    assert build_completion(Context(text, ""), infos.QWEN) == Prompt((Segment(text or "\n"),))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("utils.py", "#utils.py\n"),
        ("src/a.rs", "//src/a.rs\n"),
        ("q.sql", "--q.sql\n"),
        ("index.html", "<!-- index.html -->\n"),
        ("a.css", "/* a.css */\n"),
        ("Makefile", "#Makefile\n"),
        ("init.el", ";init.el\n"),
        ("odd", "#odd\n"),
        ("two\nlines\x1b.py", "#two lines.py\n"),
    ],
)
def test_headers(path: str, line: str) -> None:
    assert header(path) == line


@settings(deadline=None)
@given(st.text(max_size=40), st.text("ab \n(", max_size=20), st.text("ab )", max_size=5), st.text(max_size=20))
def test_every_character_is_sent_once(prefix: str, left: str, right: str, suffix: str) -> None:
    for info in (infos.DEEPSEEK, infos.CODESTRAL):
        prompt = build(Context(prefix, suffix), left, right, detect(info))
        texts = [segment.text for segment in prompt.segments if segment.token is None]
        lead = detect(info).lead
        sent = "".join(texts) + prompt.forced
        assert sorted(sent.replace(lead or "\0", "")) == sorted(
            (prefix + left + (right + suffix or "\n")).replace(lead or "\0", "")
        )


@pytest.mark.parametrize("info", [info for info, _ in PSM])
@pytest.mark.parametrize("context", [BARE, RICH, Context("", "")])
@pytest.mark.parametrize("left", ["", "    retu", "    x = foo("])
def test_the_second_reading_ends_at_the_cursor(info: ModelInfo, context: Context, left: str) -> None:
    dialect = detect(info)
    prompt = build(context, left, "", dialect, aside=0.7)
    assert replace(prompt, aside=None) == build(context, left, "", dialect)
    assert prompt.aside is not None
    assert prompt.aside.weight == 0.7
    second = [*prompt.segments[: prompt.aside.start], *prompt.segments[prompt.aside.stop :]]
    assert dialect.suffix not in second
    assert dialect.middle not in second
    text = "".join(one.text for one in second if one.token is None) + prompt.forced
    assert text.endswith(context.prefix + left)
    assert dialect.prefix in second


def test_there_is_none_where_the_suffix_comes_first() -> None:
    assert build(BARE, "    x", "", detect(infos.CODESTRAL), aside=0.7).aside is None


@pytest.mark.parametrize(
    ("left", "right", "suffix", "expected"),
    [
        ("    x = ", "", "\n\ndef g():\n", "over"),
        ("    x = ", "", "\ndef g():\n", "over"),
        ("    x = ", "", "", "over"),
        ("    x = ", "", "\n    return x\n", "goes on"),
        ("    if ", "", "\n        return x\n", "goes on"),
        ("x = ", "", "\ny = 1", "goes on"),
        ("\tx = ", "", "\n}\n", "over"),
        ("    f(", ")", "\n\n", "nothing"),
        ("    f(", "  ", "\n\n", "over"),
    ],
)
def test_the_text_behind_the_cursor_decides_what_the_second_reading_counts(
    left: str, right: str, suffix: str, expected: str
) -> None:
    over, goes_on = weight("auto", "", "", "", 5), weight("auto", "", "", "\nx", 5)
    assert 0 < goes_on < over < 1
    assert (
        weight("auto", left, right, suffix, 491_400_064) == {"over": over, "goes on": goes_on, "nothing": 0.0}[expected]
    )
    assert weight("auto", left, right, suffix, 1_117_320_768) == 0.0, "larger models infill as well as they continue"
    assert weight(0.25, left, right, suffix, 1_117_320_768) == (0.0 if expected == "nothing" else 0.25)
