"""Which file a block is for: what its fence says, the lines before it, or the comment in its first line."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KNOWN = ("Makefile", "GNUmakefile", "Dockerfile", "Justfile", "Procfile", "Gemfile", "Rakefile", "LICENSE", "README",
          "CMakeLists.txt", ".gitignore", ".env", ".gitattributes", ".dockerignore", ".editorconfig", ".npmrc",
          ".netrc", ".bashrc", ".profile", "id_rsa", "authorized_keys", "passwd", "hosts", "config", "HEAD",
          "crontab")  # fmt: skip
_PRODUCTS = ("node.js", "vue.js", "next.js", "react.js", "asp.net", "d3.js", "three.js", "express.js", "e.g", "i.e")
_PART = r"[^\s\"'`*<>|:,;()\[\]{}=]"
_NAME = re.compile(
    rf"(?:[A-Za-z]:[\\/]+|file://|~\w*/|[\\/]+)?{_PART}*?(?:[^\s\"'`*<>|:,;()\[\]{{}}=/\\]*\.[A-Za-z]\w{{0,14}}"
    rf"|{'|'.join(map(re.escape, _KNOWN))})"
)
_QUOTED = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*|\"([^\"\n]+)\"|'([^'\n]+)'")
_LABEL = re.compile(
    r"(?:new |updated |modified |changed )?(?:file ?(?:name|path)?|path|title)\s*[:=]\s*", re.IGNORECASE
)
_COMMENT = re.compile(r"^\s*(?:#!?|//+|--|;+|%|/\*+|<!--|\"{3})\s*(?P<text>.*?)\s*(?:\*/|-->|\"{3})?\s*$")
_TAIL = re.compile(r"\s*(?:\((?:new|updated|modified|new file|changed)\)|[:,]|-{2,})\s*$", re.IGNORECASE)


def named(text: str) -> str:
    """The name, where a whole text is one and perhaps a label or marks around it; else empty."""
    text = re.sub(r"^(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+|>\s+)+", "", text.strip())
    for _ in range(3):
        text = _TAIL.sub("", text).strip()
        text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
        text = text.strip().strip("`*\"'_ ") if not text.startswith("__") else text.strip("`*\"' ")
    if " " in text and not re.search(r"[/\\]", text):
        return ""
    found = _NAME.fullmatch(text.replace(" ", "_"))
    return text if found and text.lower() not in _PRODUCTS else ""


def in_info(info: str) -> tuple[str, str]:
    """(language, name) of what stands behind an opening fence: `py`, `py stats.py`, `python:src/a.py`, `src/a.py`,
    `py title="a.py"`, `{.python file=a.py}`."""
    info = info.strip().strip("{}").strip()
    if not info:
        return "", ""
    label = re.search(r"(?:file(?:name|path)?|title|path)\s*[=:]\s*[\"']?([^\"'\s]+)", info, re.IGNORECASE)
    first = info.split()[0].lstrip(".")
    if label:
        return first.split(":")[0].lower(), label[1]
    language, colon, rest = info.partition(":")
    if colon and re.fullmatch(r"[\w+#-]{2,}", language) and named(rest):
        return language.lower(), rest.strip()
    words = info.split(maxsplit=1)
    if named(info) and (len(words) == 1 or not re.fullmatch(r"[\w+#-]+", words[0])):
        return "", named(info)
    name = named(words[1]) if len(words) > 1 else ""
    return first.lower(), name


def above(lines: Sequence[str]) -> str:
    """The name that the last lines before a block say: one alone on its line, or the only one in a sentence that ends
    with a colon."""
    full = [line.strip() for line in lines if line.strip()][-2:]
    if not full:
        return ""
    if name := named(full[-1]):
        return name
    if full[-1].endswith(":") or re.search(
        r"\b(?:file|updated|new|changed|modified|create)\b", full[-1], re.IGNORECASE
    ):
        quoted = [next(filter(None, match)) for match in _QUOTED.findall(full[-1])]
        names = {name for one in quoted if (name := named(one))}
        words = {name for word in full[-1].split() if re.search(r"[\w)]\.\w|/", word) and (name := named(word))}
        found = names or words
        if len(found) == 1:
            return found.pop()
    return named(full[0]) if len(full) > 1 and _LABEL.match(full[0].strip("#*` ")) else ""


def in_comment(line: str) -> str:
    """The name that a comment consists of; else empty."""
    comment = _COMMENT.match(line)
    return named(comment["text"]) if comment and comment["text"] else ""
