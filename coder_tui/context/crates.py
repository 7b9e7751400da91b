"""What paths of Rust mean: modules of the crate, and other crates of the repository."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from coder_tui.context.tree import Asked, Tree

_ROOTS = ("tests", "examples", "benches", "bin")
"""Each file of these folders is a crate of its own."""


def resolve(asked: Asked) -> Iterable[str | None]:
    """The file of the module that a path is in."""
    if asked.one.module.endswith(".rs"):  # #[path = "..."]
        return [asked.tree.first(asked.beside(asked.one.module))]
    parts = [part.strip() for part in asked.one.module.split("::") if part.strip()]
    if asked.one.name and asked.one.name not in ("*", "self"):
        parts.append(asked.one.name)
    if not parts:
        return []
    own = _module_folder(asked.path)
    base, rest = _base(asked, parts, own)
    for count in range(len(rest), 0, -1):
        tail = posixpath.join(base, *rest[:count])
        if found := asked.tree.first(f"{tail}.rs", f"{tail}/mod.rs"):
            return [found]
    owner = asked.tree.first(f"{base}.rs", f"{base}/mod.rs", f"{base}/lib.rs", f"{base}/main.rs")
    return [owner] if parts[0] in ("crate", "super", "self") or base != own else []


def _base(asked: Asked, parts: list[str], own: str) -> tuple[str, list[str]]:
    """(the folder of the module with which a path begins, the rest of the path)."""
    rest = parts[1:]
    if parts[0] == "self":
        return own, rest
    if parts[0] == "super":
        base = posixpath.dirname(own)
        while rest and rest[0] == "super":
            base, rest = posixpath.dirname(base), rest[1:]
        return base, rest
    if parts[0] == "crate":
        return _crate_root(asked), rest
    other = _other_crate(asked, parts[0])
    return (other, rest) if other is not None else (own, parts)


def _module_folder(path: str) -> str:
    """Where the submodules of a Rust file are."""
    stem, _ = posixpath.splitext(path)
    folder = posixpath.dirname(path)
    own = posixpath.basename(stem) in ("mod", "lib", "main") or posixpath.basename(folder) in _ROOTS
    return folder if own else stem


def _crate_root(asked: Asked) -> str:
    if posixpath.basename(asked.folder) in _ROOTS:
        return asked.folder
    manifest = next(iter(asked.tree.above(asked.path, "Cargo.toml")), None)
    return posixpath.join(posixpath.dirname(manifest), "src") if manifest else asked.folder


def _other_crate(asked: Asked, name: str) -> str | None:
    for manifest in asked.tree.above(asked.path, "Cargo.toml"):  # under the name that it has there
        renamed = re.search(
            rf"^\s*{re.escape(name).replace('_', '[_-]')}\s*=\s*\{{[^}}\n]*\bpath\s*=\s*\"([^\"]+)\"",
            asked.tree.text(manifest),
            re.MULTILINE,
        )
        if renamed:
            folder = posixpath.normpath(posixpath.join(posixpath.dirname(manifest), renamed[1]))
            return posixpath.join("" if folder == "." else folder, "src")
    for manifest in asked.tree.by_name.get("Cargo.toml", ()):
        if name in _names(asked.tree, manifest):
            return posixpath.join(posixpath.dirname(manifest), "src")
    return None


def _names(tree: Tree, manifest: str) -> list[str]:
    """What others call a crate: by its library's name, or its own."""
    text = tree.text(manifest)
    named = (
        re.search(rf"^\[{section}\][^\[]*?^\s*name\s*=\s*\"([^\"]+)\"", text, re.MULTILINE)
        for section in ("package", "lib")
    )
    return [one[1].replace("-", "_") for one in named if one]
