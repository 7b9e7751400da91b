"""Prompts for a hole in a file and for the continuation of one.

Layout (measured, see `build`): what typing changes least stands first, so that the KV cache keeps it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from coder_tui.core.context import Context, Snippet
from coder_tui.core.plain import plain
from coder_tui.core.prompt import Aside, ModelInfo, Prompt, Segment
from coder_tui.prompts import heal as healing
from coder_tui.prompts.families import Dialect, Order, bos_segment
from coder_tui.prompts.languages import header


def build(
    context: Context,
    left: str,
    right: str,
    dialect: Dialect,
    *,
    heal: bool = True,
    layout: str = "auto",
    aside: float = 0.0,
) -> Prompt:
    """The prompt for the hole between `left` and `right`, the parts of the current line around it.

        BOS PRE snippets header previous-lines SUF right+suffix MID line-break left

    The current line stands after the middle marker: while somebody types on it, only it is evaluated, and the answers
    are better than with `left` at the end of the prefix. The line break before it goes along: after a prefix that ends
    with one, small models tend to skip a hole in a blank line for what stands further down.

    Snippets are files under a comment with their path, or between the family's own tokens (`prompts.layout`); the
    current file gets such a header only where there are snippets.
    With SPM (Codestral) there is no such place for `left`: it ends the prompt where
    generation goes on.

    What stands before the current line may be moved in the KV cache when lines come or go before it.

    `aside` is the weight of a second reading, as if the file ended at the cursor: from PRE on to the prefix and, in the
    place of SUF, the current line. With SPM, where the suffix comes first, there is none.
    """
    before = context.prefix + left
    lines, left = _at_last_line(before)
    suffix = _text((right + context.suffix) or "\n")  # models trained on PSM go astray with an empty suffix
    start = (dialect.bos,) if dialect.bos else ()
    outside, files = _laid_out(context, dialect, layout)
    start = (*start, *outside)
    if dialect.order is Order.SPM or dialect.middle is None:
        kept, forced = _heal(before, heal)
        lines, kept = _at_last_line(kept)
        prefix = _lead(dialect, [*files, *_text(lines), *_text(kept)])
        return Prompt((*start, *_movable(dialect.suffix, *suffix, dialect.prefix, *prefix)), forced, context.likely)
    if lines:
        lines, left = lines[:-1], f"\n{left}"
    kept, forced = _heal(left, heal)
    prefix = [*start, dialect.prefix, *_movable(*_lead(dialect, [*files, *_text(lines)]))]
    whole = (*prefix, *_movable(dialect.suffix, *suffix), dialect.middle)
    second = Aside(len(prefix), len(whole), aside) if aside > 0 else None
    return Prompt((*whole, *_text(kept)), forced, context.likely, second)


def build_completion(context: Context, info: ModelInfo, *, heal: bool = True) -> Prompt:
    """The prompt for what comes after `context.prefix`, without a suffix, as DeepSeek Coder's repository completion.

    Files that the current one depends on come first, in the order of `context.snippets`, the current file last.
    """
    bos = bos_segment(info) if info.add_bos else None
    kept, forced = _heal(context.prefix, heal)
    lines, kept = _at_last_line(kept)
    segments = [*_files(context), *_text(lines), *_text(kept)]
    if not segments and bos is None:
        # llama.cpp has nothing to start from without a single token.
        segments, forced = [*_text(context.prefix or "\n")], ""
    return Prompt(((bos, *segments) if bos else tuple(segments)), forced, context.likely)


def _movable(*segments: Segment) -> Iterable[Segment]:
    return (replace(segment, movable=True) for segment in segments)


def _files(context: Context) -> Iterable[Segment]:
    for snippet in context.snippets:
        yield from _text(_file(snippet))
    if context.snippets and context.path:
        yield from _text(header(context.path))


def _file(snippet: Snippet) -> str:
    return f"{header(snippet.path)}{snippet.text.strip(chr(10))}\n\n"


def _laid_out(context: Context, dialect: Dialect, layout: str) -> tuple[list[Segment], list[Segment]]:
    """The other files, and the path of this one: (what stands before the prefix marker, what stands behind it)."""
    wanted = dialect.tokens_by_default if layout == "auto" else layout == "tokens"
    if not wanted or dialect.file_separator is None or dialect.repository is None or not context.snippets:
        return [], list(_files(context))
    separator = dialect.file_separator
    found = [dialect.repository]
    name, end = plain(context.repository or "repository"), "" if dialect.path_inside else "\n"
    found += _text(f"{name}{end}")
    for snippet in context.snippets:
        found += [separator, *_text(f"{plain(snippet.path)}\n{snippet.text.strip(chr(10))}{end}")]
    path = _text(f"{plain(context.path)}\n") if context.path else ()
    if dialect.path_inside:
        return [*_movable(*found, separator)], list(path)
    return [*_movable(*found, separator, *path)], []


def _text(text: str) -> tuple[Segment, ...]:
    return (Segment(text),) if text else ()


def _lead(dialect: Dialect, prefix: list[Segment]) -> list[Segment]:
    if not dialect.lead or not prefix:
        return prefix
    return [Segment(dialect.lead + prefix[0].text), *prefix[1:]]


def _heal(text: str, wanted: bool) -> tuple[str, str]:
    return healing.split(text) if wanted else (text, "")


def _at_last_line(text: str) -> tuple[str, str]:
    """(whole lines, the unfinished last one)."""
    at = text.rfind("\n") + 1
    return text[:at], text[at:]
