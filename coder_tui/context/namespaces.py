"""What names of packages and namespaces mean: Java, C#, PHP and Go."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from coder_tui.context.tree import Asked, Tree

SAID_IN = (".cs", ".java", ".php")
"""How the paths of files end whose namespace stands in them; where it is not known, folders tell."""
MOST_OF_A_PACKAGE = 40
"""Files of a package that is imported as a whole, at most."""

_REPLACED = re.compile(r"^\s*(?:replace\s+)?([^\s(]+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}/\S*)", re.MULTILINE)
"""In a go.mod: by another folder of the repository."""


def java(asked: Asked) -> Iterable[str | None]:
    """The file of a class, a static member or a class in a class; all of a package."""
    parts = asked.one.module.split(".")
    for count in (len(parts), len(parts) - 1):
        if count > 0 and (found := asked.tree.ending("/".join(parts[:count]) + ".java", near=asked.path)):
            return [found]
    return _said(asked, ".java") or _package_files(asked, "/".join(parts), ".java")


def csharp(asked: Asked) -> Iterable[str | None]:
    """What says that it is in the namespace, or the file of the class; where nothing is known of that, by folder: a
    namespace follows the folders below the project."""
    if said := _said(asked, ".cs"):
        return said
    space, _, name = asked.one.module.rpartition(".")
    of_class = [path for path in asked.tree.by_namespace.get(space, ()) if posixpath.basename(path) == f"{name}.cs"]
    if of_class:
        return of_class
    parts = asked.one.module.split(".")
    for skipped in range(min(len(parts), 3)):
        if found := _package_files(asked, "/".join(parts[skipped:]), ".cs"):
            return found
    return []


def _said(asked: Asked, suffix: str) -> list[str]:
    said = [path for path in asked.tree.by_namespace.get(asked.one.module, ()) if path.endswith(suffix)]
    return said[:MOST_OF_A_PACKAGE]


def _package_files(asked: Asked, folder: str, suffix: str) -> list[str]:
    """The files of the folder that ends like this; of several the one that is nearest, if one is."""
    nearest = asked.tree.folder_ending(folder, near=asked.path)
    same = asked.tree.by_folder.get(nearest, ()) if nearest is not None else ()
    return [path for path in same if path.endswith(suffix)][:MOST_OF_A_PACKAGE]


def go(asked: Asked) -> Iterable[str | None]:
    """The files of a package of one of the repository's modules, also where `replace` gives it another name."""
    module = asked.one.module
    for name, folder in sorted(_go_modules(asked.tree).items(), reverse=True):  # the longest name that fits
        if module == name or module.startswith(f"{name}/"):
            place = posixpath.normpath(posixpath.join(folder, module[len(name) :].lstrip("/")))
            inside = asked.tree.by_folder.get("" if place == "." else place, ())
            return [one for one in inside if one.endswith(".go") and not one.endswith("_test.go")][:MOST_OF_A_PACKAGE]
    return []


def _go_modules(tree: Tree) -> dict[str, str]:
    """Folders by the names of the modules in them."""
    found: dict[str, str] = {}
    for manifest in tree.by_name.get("go.mod", ()):
        text, folder = tree.text(manifest), posixpath.dirname(manifest)
        named = re.search(r"^\s*module\s+\"?([^\s\"]+)", text, re.MULTILINE)
        if named:
            found[named[1]] = folder
        for name, place in re.findall(
            r"^\s*(?:replace\s+)?([^\s(]+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}/\S*)", text, re.MULTILINE
        ):
            found.setdefault(name, posixpath.normpath(posixpath.join(folder, place)))
    return found


def php(asked: Asked) -> Iterable[str | None]:
    """The file of a class by what composer loads, of a function by what it is in; a file that is included."""
    module, tree = asked.one.module, asked.tree
    if ".php" in module or "__DIR__" in module or "/" in module:
        file = re.sub(r".*['\"]", "", module).lstrip("/")
        return [tree.first(asked.beside(file), file) or tree.ending(file, near=asked.path)] if file else []
    parts = [part for part in module.split("\\") if part]
    tails = ["/".join(parts[skipped:]) + ".php" for skipped in range(len(parts))]
    found = _psr4(asked, parts) or tree.ending(*tails, near=asked.path)
    return [found] if found else _functions(tree, parts)


def _functions(tree: Tree, parts: list[str]) -> list[str]:
    """Files of the namespace in which a function of this name is written."""
    if not parts:
        return []
    defines = re.compile(rf"\b(?:function|class|interface|trait|enum|const)\s+{re.escape(parts[-1])}\b")
    near = tree.by_namespace.get("\\".join(parts[:-1]), ())[:MOST_OF_A_PACKAGE]
    return [path for path in near if path.endswith(".php") and defines.search(tree.text(path))]


def _psr4(asked: Asked, parts: list[str]) -> str | None:
    name = "\\".join(parts)
    for manifest in asked.tree.above(asked.path, "composer.json"):
        for space, folder in _loaded(asked.tree, manifest):
            if name.startswith(space):
                rest = name[len(space) :].replace("\\", "/")
                if found := asked.tree.first(posixpath.join(posixpath.dirname(manifest), folder, f"{rest}.php")):
                    return found
    return None


def _loaded(tree: Tree, manifest: str) -> Iterable[tuple[str, str]]:
    """(namespace with its backslash, folder) of what composer loads."""
    for section in ("autoload", "autoload-dev"):
        loading = tree.json(manifest).get(section)
        spaces = loading.get("psr-4") if isinstance(loading, dict) else None
        for space, folders in spaces.items() if isinstance(spaces, dict) else ():
            yield from ((str(space), str(folder)) for folder in (folders if isinstance(folders, list) else [folders]))
