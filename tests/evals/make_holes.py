"""Holes in checkouts, as `train_adapter.py` learns from them: the prompt of a suggestion in tokens, and what the author
wrote there.

More than half of them are the rest of a block or of one around it, as when a function is being written; the others are
up to seven lines, the rest of a line, and a part of one. Half see what the repository has to say (`context.sources`).

Usage: make_holes.py OUT.jsonl CHECKOUT... [--holes 12] [--seed 1] [--model starter] [--tokens 340] [--snippets 140]
  A line: {"tokens", "prefix", "suffix", "middle", "repo", "path"}: the token ids, ended as the model ends an infill,
  and where in them the prefix begins, the marker of the suffix stands, and what is to be written begins.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole, prompt_for
from coder_tui.assistant.surroundings import Surroundings, whole
from coder_tui.cli import runtime
from coder_tui.cli.status import Status
from coder_tui.context import grammars
from coder_tui.core.document import Document
from coder_tui.core.prompt import Segment
from coder_tui.prompts import families

_TOKEN = re.compile(r"\w+|[^\w\s]")
_KINDS = {"block": 55, "lines": 15, "line": 15, "part": 15}
_BYTES = range(1500, 120_000)
_LEAST_LINES, _LONGEST_LINE, _LONGEST_BLOCK, _MOST_LINES = 30, 160, 18, 7
_NOT_MINE = re.compile(r"\.min\.|(^|/)(dist|node_modules|vendor)/")
_END = "<|endoftext|>"
"""That ends an infill of Qwen2.5-Coder."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--holes", type=int, default=12, help="in each checkout, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="starter")
    parser.add_argument("--tokens", type=int, default=340, help="of the file around a hole")
    parser.add_argument("--snippets", type=int, default=140, help="tokens of other files")
    given = parser.parse_args()
    flags = {
        "model.name": given.model,
        "suggest.prompt_tokens": given.tokens,
        "context.snippet_tokens": given.snippets,
    }
    chance, settings = random.Random(given.seed), runtime.enter(None, flags).settings
    with Status() as status, runtime.ready(settings, status, yes=False) as ready, given.out.open("w") as out:
        for checkout in given.checkouts:
            around = whole(checkout, settings)
            rows = list(_rows(ready, checkout, around, given.holes, chance))
            around.close()
            out.writelines(json.dumps(row) + "\n" for row in rows)
            sys.stderr.write(f"{checkout.name}: {len(rows)}\n")


def _rows(
    ready: Ready, root: Path, around: Surroundings, most: int, chance: random.Random
) -> Iterator[dict[str, object]]:
    with around.known() as known:
        paths = [path for path in sorted(known.tree.paths) if grammars.language_of(path) and not _NOT_MINE.search(path)]
    paths = [path for path in paths if (root / path).stat().st_size in _BYTES]
    for path in chance.sample(paths, most) if most < len(paths) else paths:
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeError:
            continue
        cut = _cut(text.split("\n"), chance) if "\r" not in text else None
        if cut is not None:
            yield {"repo": root.name, "path": path, **_row(ready, cut, path, around if chance.random() < 0.5 else None)}


@dataclass(frozen=True, slots=True)
class _Cut:
    before: str
    hole: str
    behind: str


def _cut(lines: Sequence[str], chance: random.Random) -> _Cut | None:
    """A hole somewhere in a file; None where none was found in a few tries."""
    for _ in range(40 if len(lines) >= _LEAST_LINES else 0):
        row = chance.randrange(3, len(lines) - 1)
        if not _is_code(lines[row], chance):
            continue
        kind = chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        last = _end_of_block(lines, row, chance.choice(_levels(lines, row))) if kind == "block" else row
        if kind == "lines":
            last = min(len(lines) - 1, row + chance.randrange(_MOST_LINES))
        if last - row < _LONGEST_BLOCK and (found := _cut_at(lines, row, last, chance, in_line=kind == "part")):
            return found
    return None


def _is_code(line: str, chance: random.Random) -> bool:
    """Comments and what stands at the margin are less often completed."""
    text = line.strip()
    if len(text) < 4 or len(line) > _LONGEST_LINE or not line.isascii():
        return False
    return not (text[0] in "#*/\"'" and chance.random() < 0.85) and (line[0].isspace() or chance.random() < 0.4)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _levels(lines: Sequence[str], row: int) -> list[int]:
    """How far the blocks are indented in which a line is, the innermost first."""
    found = [_indent(lines[row])]
    for line in reversed(lines[:row]):
        if line.strip() and 0 < _indent(line) < found[-1]:
            found.append(_indent(line))
        elif line.strip() and _indent(line) == 0:
            break
    return found


def _end_of_block(lines: Sequence[str], row: int, level: int) -> int:
    """The last line that is indented so far, with those between."""
    last = row
    for at in range(row + 1, len(lines)):
        if lines[at].strip():
            if _indent(lines[at]) < level:
                break
            last = at
    return last


def _cut_at(lines: Sequence[str], row: int, last: int, chance: random.Random, *, in_line: bool) -> _Cut | None:
    line = lines[row]
    marks = list(_TOKEN.finditer(line))
    start = _indent(line) if chance.random() < 0.3 or not marks else chance.choice(marks).start()
    before = "\n".join(lines[:row]) + "\n" + line[:start]
    if not in_line:
        hole = [line[start:], *lines[row + 1 : last + 1]]
        return _Cut(before, "\n".join(hole), "".join(f"\n{one}" for one in lines[last + 1 :]))
    ends = [mark.end() for mark in marks if start < mark.end() < len(line)]
    if not ends:
        return None
    end = chance.choice(ends)
    return _Cut(before, line[start:end], "\n".join([line[end:], *lines[row + 1 :]]))


def _row(ready: Ready, cut: _Cut, path: str, around: Surroundings | None) -> dict[str, object]:
    document = Document(cut.before + cut.behind)
    _, prompt = prompt_for(ready, Hole(document, document.position(len(cut.before)), path, (), around))
    dialect, segments = families.detect(ready.info), prompt.segments
    markers = [at for at, segment in enumerate(segments) if segment.token is not None]
    left = "".join(segment.text for segment in segments[markers[-1] + 1 :])
    parts = [*segments[: markers[-1] + 1], Segment(left + prompt.forced + cut.hole)]
    counts = [len(ready.engine.tokenize(part)) for part in parts]
    assert dialect.middle is not None
    at = {parts[marker].token: sum(counts[:marker]) for marker in markers}
    return {
        "tokens": [*ready.engine.tokenize(*parts), ready.info.specials[_END]],
        "prefix": at[dialect.prefix.token] + 1,
        "suffix": at[dialect.suffix.token],
        "middle": at[dialect.middle.token] + 1,
    }


if __name__ == "__main__":
    main()
