"""From what a file imports to the files of the repository that it means: one resolver for each language.

What is not in the repository (the standard library, packages) resolves to nothing.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Sequence

from coder_tui.context import grammars, scripts
from coder_tui.context.symbols import Import
from coder_tui.context.tree import Asked, Tree

_HEADER_FOLDERS = ("", "include", "src", "lib", "inc")
NAMESPACED = ".cs"
"""How the paths of files end that are found by the namespace in them: in other languages the path says it."""
_MOST_OF_A_FOLDER = 40
"""Files of a package that is imported as a whole, at most."""


def resolve(one: Import, path: str, tree: Tree) -> tuple[str, ...]:
    """The files that an import of the file at `path` means; none when they are not in the repository."""
    resolver = _RESOLVERS.get(grammars.language_of(path))
    if resolver is None or "\0" in one.module:
        return ()
    found = dict.fromkeys(target for target in resolver(Asked(one, path, tree)) if target and target != path)
    return tuple(found)


def siblings(path: str, tree: Tree) -> tuple[str, ...]:
    """Files whose names a file sees without importing them: of its package or namespace, or its header."""
    language, folder = grammars.language_of(path), posixpath.dirname(path)
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    if language in ("go", "java", "csharp", "php"):
        near: Iterable[str] = tree.by_folder.get(folder, ())
        if language == "csharp" and (namespace := tree.namespaces.get(path)):
            near = dict.fromkeys([*near, *tree.by_namespace[namespace]])
        same = [one for one in near if one.endswith(suffix) and one != path]
        if language == "go":
            same = [one for one in same if not one.endswith("_test.go")]
        return tuple(same[:_MOST_OF_A_FOLDER])
    if language in ("c", "cpp") and not suffix.startswith(".h"):
        header = tree.first(*(posixpath.join(folder, stem + end) for end in (".h", ".hpp", ".hh", ".hxx")))
        header = header or tree.ending(f"{stem}.h", f"{stem}.hpp", near=path)
        return (header,) if header else ()
    return ()


def _python(asked: Asked) -> Iterable[str | None]:
    module, name, folder = asked.one.module, asked.one.name, asked.folder
    return asked.tree.remembered((module, name, folder), lambda: list(_python_files(module, name, folder, asked.tree)))


def _python_files(module: str, name: str, folder: str, tree: Tree) -> Iterable[str | None]:
    parts = [part for part in module.split(".") if part]
    dots = len(module) - len(module.lstrip("."))
    if dots:
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        return _python_file(tree, folder, parts, name)
    for base in dict.fromkeys([_package_root(folder, tree), "", "src", "lib", folder]):
        if found := _python_file(tree, base, parts, name):
            return found
    if not parts or (len(parts) == 1 and not name) or parts[0] in sys.stdlib_module_names:
        return []
    tail = "/".join(parts)
    inner = tree.ending(f"{tail}/{name}.py", near=folder) if name else None
    return [inner or tree.ending(f"{tail}.py", f"{tail}/__init__.py", near=folder)]


def _python_file(tree: Tree, folder: str, parts: Sequence[str], name: str) -> list[str]:
    """The submodule that a name is, else the module that has the name."""
    base = "/".join([folder, *parts] if folder else parts)
    inner = tree.first_of(f"{base}/{name}" if base else name, (".py", ".pyi", "/__init__.py")) if name else None
    outer = tree.first_of(base, (".py", "/__init__.py", ".pyi", "/__init__.pyi")) if base else None
    return [one for one in (inner or outer,) if one]


def _package_root(folder: str, tree: Tree) -> str:
    while folder and f"{folder}/__init__.py" in tree.paths:
        folder = posixpath.dirname(folder)
    return folder


def _java(asked: Asked) -> Iterable[str | None]:
    parts = asked.one.module.split(".")
    for count in (len(parts), len(parts) - 1):  # a class; a static member, or a class in a class
        if count > 0 and (found := asked.tree.ending("/".join(parts[:count]) + ".java", near=asked.path)):
            return [found]
    return _package_files(asked.tree, "/".join(parts), ".java")


def _csharp(asked: Asked) -> Iterable[str | None]:
    """What says that it is in the namespace; where nothing is known of that, by folder: a namespace follows the folders
    below the project."""
    said = [path for path in asked.tree.by_namespace.get(asked.one.module, ()) if path.endswith(NAMESPACED)]
    if said:
        return said[:_MOST_OF_A_FOLDER]
    parts = asked.one.module.split(".")
    for skipped in range(min(len(parts), 3)):
        if found := _package_files(asked.tree, "/".join(parts[skipped:]), ".cs"):
            return found
    return []


def _package_files(tree: Tree, folder: str, suffix: str) -> list[str]:
    """The files of the only folder that ends like this."""
    folders = [one for one in tree.by_folder if one == folder or one.endswith(f"/{folder}")]
    same = [path for one in folders for path in tree.by_folder[one] if path.endswith(suffix)]
    return same[:_MOST_OF_A_FOLDER] if len(folders) == 1 else []


def _go(asked: Asked) -> Iterable[str | None]:
    for manifest in asked.tree.by_name.get("go.mod", ()):
        named = re.search(r"^\s*module\s+\"?([^\s\"]+)", asked.tree.text(manifest), re.MULTILINE)
        module = asked.one.module
        if named and (module == named[1] or module.startswith(named[1] + "/")):
            folder = posixpath.normpath(
                posixpath.join(posixpath.dirname(manifest), module[len(named[1]) :].lstrip("/"))
            )
            inside = asked.tree.by_folder.get("" if folder == "." else folder, ())
            return [one for one in inside if one.endswith(".go") and not one.endswith("_test.go")][:_MOST_OF_A_FOLDER]
    return []


def _include(asked: Asked) -> Iterable[str | None]:
    module = asked.one.module
    around = [asked.beside(module), *(posixpath.join(folder, module) for folder in _HEADER_FOLDERS)]
    found = asked.tree.first(*around)
    if found is None and ("/" in module or asked.tree.by_name.get(module)):
        found = asked.tree.ending(module, near=asked.path)
    return [found]


def _rust(asked: Asked) -> Iterable[str | None]:
    parts = [part.strip() for part in asked.one.module.split("::") if part.strip()]
    if asked.one.name and asked.one.name not in ("*", "self"):
        parts.append(asked.one.name)
    if not parts:
        return []
    tree, root = asked.tree, _crate_root(asked)
    base, rest = root, parts[1:]
    if parts[0] == "self":
        base = _module_folder(asked.path)
    elif parts[0] == "super":
        base = posixpath.dirname(_module_folder(asked.path))
        while rest and rest[0] == "super":
            base, rest = posixpath.dirname(base), rest[1:]
    elif parts[0] != "crate":
        other = _other_crate(asked, parts[0])
        base, rest = (other, parts[1:]) if other is not None else (_module_folder(asked.path), parts)
    for count in range(len(rest), 0, -1):
        tail = posixpath.join(base, *rest[:count])
        if found := tree.first(f"{tail}.rs", f"{tail}/mod.rs"):
            return [found]
    owner = tree.first(f"{base}.rs", f"{base}/mod.rs", f"{base}/lib.rs", f"{base}/main.rs")
    return [owner] if parts[0] in ("crate", "super", "self") or base != _module_folder(asked.path) else []


def _module_folder(path: str) -> str:
    """Where the submodules of a Rust file are."""
    stem, _ = posixpath.splitext(path)
    own = posixpath.basename(stem) in ("mod", "lib", "main")
    return posixpath.dirname(path) if own else stem


def _crate_root(asked: Asked) -> str:
    manifest = next(iter(asked.tree.above(asked.path, "Cargo.toml")), None)
    return posixpath.join(posixpath.dirname(manifest), "src") if manifest else asked.folder


def _other_crate(asked: Asked, name: str) -> str | None:
    for manifest in asked.tree.by_name.get("Cargo.toml", ()):
        named = re.search(r"^\[package\][^\[]*?^\s*name\s*=\s*\"([^\"]+)\"", asked.tree.text(manifest), re.MULTILINE)
        if named and named[1].replace("-", "_") == name:
            return posixpath.join(posixpath.dirname(manifest), "src")
    return None


def _php(asked: Asked) -> Iterable[str | None]:
    module = asked.one.module
    if ".php" in module or "__DIR__" in module or "/" in module:
        file = re.sub(r".*['\"]", "", module).lstrip("/")
        return [asked.tree.first(asked.beside(file), file) or asked.tree.ending(file, near=asked.path)] if file else []
    parts = [part for part in module.split("\\") if part]
    tails = ["/".join(parts[skipped:]) + ".php" for skipped in range(len(parts))]
    return [_psr4(asked, parts) or asked.tree.ending(*tails, near=asked.path)]


def _psr4(asked: Asked, parts: list[str]) -> str | None:
    for manifest in asked.tree.above(asked.path, "composer.json"):
        loading = asked.tree.json(manifest).get("autoload")
        spaces = loading.get("psr-4") if isinstance(loading, dict) else None
        name = "\\".join(parts)
        for space, folders in spaces.items() if isinstance(spaces, dict) else ():
            if name.startswith(str(space)):
                rest = name[len(str(space)) :].replace("\\", "/")
                chosen = folders if isinstance(folders, list) else [folders]
                base = posixpath.dirname(manifest)
                found = asked.tree.first(*(posixpath.join(base, str(folder), f"{rest}.php") for folder in chosen))
                if found:
                    return found
    return None


def _bash(asked: Asked) -> Iterable[str | None]:
    """What stands behind a variable or a command substitution is a path beside the script."""
    file = re.sub(r".*[})\"']", "", asked.one.module.rstrip("\"'")).lstrip("/")
    file = re.sub(r"^\$\w+/", "", file)
    return [asked.tree.first(asked.beside(file), file) or asked.tree.ending(file, near=asked.path)] if file else []


def _ruby(asked: Asked) -> Iterable[str | None]:
    file = f"{asked.one.module.removesuffix('.rb')}.rb"
    return [
        asked.tree.first(asked.beside(file), f"lib/{file}", file) or asked.tree.ending(f"lib/{file}", near=asked.path)
    ]


_RESOLVERS: dict[str, Callable[[Asked], Iterable[str | None]]] = {
    "python": _python,
    "javascript": scripts.resolve,
    "typescript": scripts.resolve,
    "tsx": scripts.resolve,
    "java": _java,
    "csharp": _csharp,
    "go": _go,
    "c": _include,
    "cpp": _include,
    "rust": _rust,
    "php": _php,
    "bash": _bash,
    "ruby": _ruby,
}
