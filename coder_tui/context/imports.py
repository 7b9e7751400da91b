"""From what a file imports to the files of the repository that it means: one resolver for each language.

What is not in the repository (the standard library, packages) resolves to nothing.
"""

from __future__ import annotations

import posixpath
import re
import sys
from collections.abc import Callable, Iterable, Sequence

from coder_tui.context import crates, grammars, namespaces, scripts
from coder_tui.context.symbols import Import
from coder_tui.context.tree import Asked, Tree

_HEADER_FOLDERS = ("", "include", "src", "lib", "inc")
_C_HEADERS = """
    assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic
    stdbool stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar unistd wchar wctype pthread fcntl
    dirent dlfcn poll sched semaphore termios sys/types sys/stat sys/time sys/socket sys/mman sys/wait sys/ioctl
    netinet/in arpa/inet netdb
"""
_STANDARD = frozenset(f"{name}.h" for name in _C_HEADERS.split())


def resolve(one: Import, path: str, tree: Tree) -> tuple[str, ...]:
    """The files that an import of the file at `path` means; none when they are not in the repository."""
    language = grammars.language_of(path)
    resolver = _RESOLVERS.get(language) or (_script if not posixpath.splitext(path)[1] else None)
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
        if namespace := tree.namespaces.get(path):
            near = dict.fromkeys([*near, *tree.by_namespace[namespace]])
        same = [one for one in near if one.endswith(suffix) and one != path]
        if language == "go":
            same = [one for one in same if not one.endswith("_test.go")]
        return tuple(same[: namespaces.MOST_OF_A_PACKAGE])
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


def _include(asked: Asked) -> Iterable[str | None]:
    """In quotes it is looked for beside the file first; the standard library's are in angle brackets."""
    quoted, module = not asked.one.module.startswith("<"), asked.one.module.strip("<>")
    if not quoted and (module in _STANDARD or "." not in module):
        return []
    around = [posixpath.join(folder, module) for folder in _HEADER_FOLDERS]
    found = asked.tree.first(*([asked.beside(module)] if quoted else []), *around)
    if found is None and ("/" in module or asked.tree.by_name.get(module)):
        found = asked.tree.ending(module, near=asked.path)
    return [found]


def _bash(asked: Asked) -> Iterable[str | None]:
    """What stands behind a variable or a command substitution is a path beside the script."""
    file = re.sub(r".*[})\"']", "", asked.one.module.rstrip("\"'")).lstrip("/")
    file = re.sub(r"^\$\w+/", "", file)
    return [asked.tree.first(asked.beside(file), file) or asked.tree.ending(file, near=asked.path)] if file else []


def _script(asked: Asked) -> Iterable[str | None]:
    """Of a file that says only in its first line what it is written in."""
    return [*_bash(asked), *_python(asked)]


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
    "java": namespaces.java,
    "csharp": namespaces.csharp,
    "go": namespaces.go,
    "c": _include,
    "cpp": _include,
    "rust": crates.resolve,
    "php": namespaces.php,
    "bash": _bash,
    "ruby": _ruby,
}
