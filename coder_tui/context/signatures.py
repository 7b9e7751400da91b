"""How a definition is written down: its signature, its documentation, and the lines that belong to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_SIGNATURE_CHARS = 240
_DECORATOR_CHARS = 80
_DOC_CHARS = 160
_PARAGRAPH_CHARS = 600
_DOC_MARKS = re.compile(r"^(?:[rRuUbB]*\"{3}|'{3}|/\*\*?|\*/|///?|//!|\*|#+)\s?|(?:\"{3}|'{3}|\*/)$")
_REFERENCE = re.compile(r"<\w+ (?:cref|name|langword)=\"(?:\w:)?([^\"]*)\"\s*/?>")
_LINK = re.compile(r"\{@(?:code|link|linkplain|literal|value)\s+([^{}]*)\}")
_HTML = re.compile(r"</?(?:a|b|br|code|em|i|p|strong|tt)\b[^<>]*>")
_TAG = re.compile(r"</?\w[^<>]*>")
_DIRECTIVE = re.compile(r" #(?:if|else|elif|endif|region|pragma)\b.*")
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_WRAPPERS = (
    "decorated_definition",
    "export_statement",
    "template_declaration",
    "attributed_declaration",
    "declaration",
)
"""What stands around a definition and belongs to it: decorators, `export`, `template <...>`."""
_TAKEN_WHOLE = ("ordered_field_declaration_list", "enum_variant")
"""Rust's tuples, and cases of an enum: there is no signature without what they hold."""
_LISTED = (
    "enum_assignment",
    "enum_constant",
    "enum_member_declaration",
    "enum_variant",
    "enumerator",
    "field_declaration",
    "property_identifier",
    "property_signature",
)
"""Members with a comma or semicolon behind them, which is not theirs."""
_ASSIGNED = {"variable_declarator": "value", "assignment_expression": "right"}
"""The field that holds what is assigned."""


def whole(node: Node) -> Node:
    """With what stands around it and belongs to it."""
    while (outer := node.parent) is not None and outer.type in _WRAPPERS and outer.end_byte >= node.end_byte:
        node = outer
    return node


def signature(node: Node, name: str, kind: str, data: bytes) -> tuple[str, int]:
    """(the text of a definition up to its body, the line on which it begins). `data` is the whole file."""
    around = whole(node)
    body = _body(node, kind)
    begins, end = around.start_byte, body.start_byte if body is not None else around.end_byte
    lines, text = data[begins : node.start_byte].split(b"\n"), data[node.start_byte : end]
    before = [line.strip().decode("utf-8", "replace") for line in lines if line.strip()]
    if sum(map(len, before)) > _DECORATOR_CHARS:
        before = []
    line = " ".join(text.decode("utf-8", "replace").split())
    line = line.replace("( ", "(").replace(", )", ")").replace(" )", ")")
    if body is not None:
        line = _DIRECTIVE.sub("", line)
    if len(line) > _SIGNATURE_CHARS:
        line = f"{line[: line.rfind(' ', 0, _SIGNATURE_CHARS)]} ..."
    if node.type == "type_spec":
        line = f"type {line}"
    elif node.type == "type_definition" and kind == "class":  # its name stands behind its body
        line = f"{line} {name}"
    elif node.type in _LISTED and (mark := node.next_sibling) is not None and mark.type in (",", ";"):
        line += mark.type
    # `export` stands on the line of what it exports, a decorator on one of its own.
    glue = " " if before and not before[-1].startswith(("@", "#[", "[")) else "\n"
    return glue.join(["\n".join(before), line]) if before else line, around.start_point.row


def _body(node: Node, kind: str) -> Node | None:
    if node.type in _TAKEN_WHOLE:
        return None
    if (own := node.child_by_field_name("body")) is not None:
        return None if own.type in _TAKEN_WHOLE else own
    if node.type in ("type_declaration", "type_spec"):
        return _body_of_type(node)
    if node.type == "type_definition" and kind == "class":
        named = node.child_by_field_name("type")
        return named.child_by_field_name("body") if named is not None else None
    values = (_assigned(child) for child in node.named_children)
    return next((body for value in values if value and (body := value.child_by_field_name("body")) is not None), None)


def _body_of_type(node: Node) -> Node | None:
    """Of a Go `type`: what stands in its braces."""
    spec = node if node.type == "type_spec" else node.named_children[0]
    given = spec.child_by_field_name("type")
    if given is None or given.type not in ("struct_type", "interface_type"):
        return None
    return next((child for child in given.children if child.type in ("{", "field_declaration_list")), None)


def _assigned(node: Node | None) -> Node | None:
    """What is assigned in the end: of `a = b = c` that is `c`."""
    value = None
    while node is not None and (field := _ASSIGNED.get(node.type)):
        node = value = node.child_by_field_name(field)
    return value


def documentation(node: Node) -> str:
    """The first sentence of a docstring, else of the comment that ends on the line before."""
    body = node.child_by_field_name("body")
    if node.type in ("function_definition", "class_definition") and body is not None and body.named_child_count:
        first = body.named_children[0]
        inner = first.named_children[0] if first.named_child_count else first
        if first.type == "expression_statement" and inner.type == "string":
            return _paragraph(text_of(inner))
    return _paragraph("\n".join(reversed(list(_comments_before(whole(node))))))


def _comments_before(node: Node) -> Iterable[str]:
    """Those that end on the line before a definition, the last first; Rust's `#[derive(...)]` may be between."""
    row, before = node.start_point.row, node.prev_sibling
    while before is not None and before.end_point.row >= row - 1:
        if "comment" in before.type:
            yield text_of(before).rstrip()
        elif before.type != "attribute_item":
            return
        row, before = before.start_point.row, before.prev_sibling


def _paragraph(text: str) -> str:
    """The first one, without the quotes or marks that open and close it, C#'s tags, or `@param` and the like."""
    if "<summary>" in text:
        text = _TAG.sub("", _REFERENCE.sub(r"\1", text.partition("<summary>")[2].partition("</summary>")[0]))
    elif text.startswith("/**"):
        text = _HTML.sub("", _LINK.sub(r"\1", text))
    kept: list[str] = []
    for written in text.strip()[:_PARAGRAPH_CHARS].split("\n"):
        line = _DOC_MARKS.sub("", written.strip()).strip()
        if (not line and kept) or line.startswith("@"):
            break
        if line:
            kept.append(line)
    return _SENTENCE.split(" ".join(kept), maxsplit=1)[0][:_DOC_CHARS]


def text_of(node: Node) -> str:
    """Its own text."""
    return (node.text or b"").decode("utf-8", "replace")
