"""Whether code parses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_tui.context import grammars

if TYPE_CHECKING:
    from tree_sitter import Node


def errors(text: str, path: str) -> int:
    """Places in an LF text at which it does not parse; 0 where the file's language has no grammar."""
    language = grammars.language_of(path)
    if not language:
        return 0
    parser, _ = grammars.loaded(language)
    return _count(parser.parse(text.encode("utf-8", "replace")).root_node)


def _count(node: Node) -> int:
    """Only where there are any it is looked deeper."""
    found, waiting = 0, [node]
    while waiting:
        one = waiting.pop()
        found += one.is_error or one.is_missing
        if one.has_error:
            waiting.extend(one.children)
    return found
