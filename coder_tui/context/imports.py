"""From what a file imports to the files of the repository that it means: one resolver for each language.

What is not in the repository (the standard library, packages) resolves to nothing.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from coder_tui.context import grammars
from coder_tui.context.symbols import Import
from coder_tui.context.tree import Tree

_SCRIPT_SUFFIXES = ("", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts",
    "/index.tsx", "/index.js", "/index.jsx", "/index.mjs")  # fmt: skip
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript is imported under the name of what it becomes."""
_HEADER_FOLDERS = ("", "include", "src", "lib", "inc")
_MOST_OF_A_FOLDER = 40
"""Files of a package that is imported as a whole, at most."""


@dataclass(frozen=True, slots=True)
class _Asked:
    one: Import
    path: str
    tree: Tree

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    def beside(self, module: str) -> str:
        return posixpath.normpath(posixpath.join(self.folder, module))


def resolve(one: Import, path: str, tree: Tree) -> tuple[str, ...]:
    """The files that an import of the file at `path` means; none when they are not in the repository."""
    resolver = _RESOLVERS.get(grammars.language_of(path))
    if resolver is None or "\0" in one.module:
        return ()
    found = dict.fromkeys(target for target in resolver(_Asked(one, path, tree)) if target and target != path)
    return tuple(found)


def siblings(path: str, tree: Tree) -> tuple[str, ...]:
    """Files whose names a file sees without importing them: of its package, or its header."""
    language, folder = grammars.language_of(path), posixpath.dirname(path)
    stem, suffix = posixpath.splitext(posixpath.basename(path))
    if language in ("go", "java", "csharp", "php"):
        same = [one for one in tree.by_folder.get(folder, ()) if one.endswith(suffix) and one != path]
        if language == "go":
            same = [one for one in same if not one.endswith("_test.go")]
        return tuple(same[:_MOST_OF_A_FOLDER])
    if language in ("c", "cpp") and not suffix.startswith(".h"):
        header = tree.first(*(posixpath.join(folder, stem + end) for end in (".h", ".hpp", ".hh", ".hxx")))
        header = header or tree.ending(f"{stem}.h", f"{stem}.hpp", near=path)
        return (header,) if header else ()
    return ()


def _python(asked: _Asked) -> Iterable[str | None]:
    module, name, tree = asked.one.module, asked.one.name, asked.tree
    dots = len(module) - len(module.lstrip("."))
    parts = [part for part in module.lstrip(".").split(".") if part]
    if dots:
        folder = asked.folder
        for _ in range(dots - 1):
            folder = posixpath.dirname(folder)
        bases = [folder]
    else:
        bases = list(dict.fromkeys([_package_root(asked), "", "src", "lib", asked.folder]))
    tail = "/".join(parts)
    for base in bases:
        found = _python_file(tree, posixpath.join(base, tail), name)
        if found:
            return found
    if dots or not parts or (len(parts) == 1 and not name):
        return []
    near = asked.path
    return [tree.ending(f"{tail}/{name}.py", near=near) or tree.ending(f"{tail}.py", f"{tail}/__init__.py", near=near)]


def _python_file(tree: Tree, base: str, name: str) -> list[str]:
    """The submodule that a name is, else the module that has the name."""
    inner = tree.first(*(f"{base}/{name}{end}" for end in (".py", ".pyi", "/__init__.py"))) if name else None
    outer = tree.first(*(f"{base}{end}" for end in (".py", "/__init__.py", ".pyi", "/__init__.pyi")))
    return [one for one in (inner or outer,) if one]


def _package_root(asked: _Asked) -> str:
    folder = asked.folder
    while folder and posixpath.join(folder, "__init__.py") in asked.tree.paths:
        folder = posixpath.dirname(folder)
    return folder


def _script(asked: _Asked) -> Iterable[str | None]:
    module = asked.one.module
    if module.startswith("."):
        return [_script_file(asked.tree, asked.beside(module))]
    found = next((file for base in _mapped(asked) if (file := _script_file(asked.tree, base))), None)
    return [found or _workspace_package(asked)]


def _script_file(tree: Tree, base: str) -> str | None:
    stem, suffix = posixpath.splitext(base)
    return tree.first(*(base + end for end in _SCRIPT_SUFFIXES), *(stem + end for end in _COMPILED.get(suffix, ())))


def _mapped(asked: _Asked) -> Iterable[str]:
    """Where `paths` and `baseUrl` of tsconfig.json (or jsconfig.json) say that a module is."""
    module, tree = asked.one.module, asked.tree
    for name in ("tsconfig.json", "jsconfig.json"):
        for config in tree.above(asked.path, name):
            for options, folder in _compiler_options(tree, config):
                base = posixpath.join(folder, str(options.get("baseUrl", ".")))
                yield from (posixpath.normpath(posixpath.join(base, one)) for one in _path_targets(options, module))
                if "baseUrl" in options:
                    yield posixpath.normpath(posixpath.join(base, module))


def _compiler_options(tree: Tree, config: str) -> Iterable[tuple[dict[str, object], str]]:
    """(compilerOptions, their folder) of a file and of those that it extends."""
    for _ in range(4):
        value = tree.json(config)
        options = value.get("compilerOptions")
        folder = posixpath.dirname(config)
        if isinstance(options, dict):
            yield options, folder
        parent = value.get("extends")
        if not isinstance(parent, str) or not parent.startswith("."):
            return
        found = tree.first(posixpath.join(folder, parent), posixpath.join(folder, f"{parent}.json"))
        if found is None:
            return
        config = found


def _path_targets(options: dict[str, object], module: str) -> Iterable[str]:
    paths = options.get("paths")
    for pattern, targets in paths.items() if isinstance(paths, dict) else ():
        before, star, after = str(pattern).partition("*")
        fits = module.startswith(before) and module.endswith(after) if star else module == pattern
        if fits and isinstance(targets, list):
            rest = module[len(before) : len(module) - len(after)] if star else ""
            yield from (str(target).replace("*", rest) for target in targets)


def _workspace_package(asked: _Asked) -> str | None:
    """A package of the same repository, by the name in its package.json."""
    parts = asked.one.module.split("/")
    name = "/".join(parts[: 2 if parts[0].startswith("@") else 1])
    rest = asked.one.module[len(name) :].lstrip("/")
    for manifest in asked.tree.by_name.get("package.json", ()):
        value = asked.tree.json(manifest)
        if value.get("name") == name:
            folder = posixpath.dirname(manifest)
            entries = [rest] if rest else [str(value.get(key, "")) for key in ("source", "types", "module", "main")]
            places = [posixpath.join(folder, inner, one) for one in (*entries, "index") for inner in ("", "src")]
            return next(
                (file for place in places if (file := _script_file(asked.tree, posixpath.normpath(place)))), None
            )
    return None


def _java(asked: _Asked) -> Iterable[str | None]:
    parts = asked.one.module.split(".")
    for count in (len(parts), len(parts) - 1):  # a class; a static member, or a class in a class
        if count > 0 and (found := asked.tree.ending("/".join(parts[:count]) + ".java", near=asked.path)):
            return [found]
    return _package_files(asked.tree, "/".join(parts), ".java")


def _csharp(asked: _Asked) -> Iterable[str | None]:
    """By folder: a namespace follows the folders below the project."""
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


def _go(asked: _Asked) -> Iterable[str | None]:
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


def _include(asked: _Asked) -> Iterable[str | None]:
    module = asked.one.module
    around = [asked.beside(module), *(posixpath.join(folder, module) for folder in _HEADER_FOLDERS)]
    found = asked.tree.first(*around)
    if found is None and ("/" in module or asked.tree.by_name.get(module)):
        found = asked.tree.ending(module, near=asked.path)
    return [found]


def _rust(asked: _Asked) -> Iterable[str | None]:
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


def _crate_root(asked: _Asked) -> str:
    manifest = next(iter(asked.tree.above(asked.path, "Cargo.toml")), None)
    return posixpath.join(posixpath.dirname(manifest), "src") if manifest else asked.folder


def _other_crate(asked: _Asked, name: str) -> str | None:
    for manifest in asked.tree.by_name.get("Cargo.toml", ()):
        named = re.search(r"^\[package\][^\[]*?^\s*name\s*=\s*\"([^\"]+)\"", asked.tree.text(manifest), re.MULTILINE)
        if named and named[1].replace("-", "_") == name:
            return posixpath.join(posixpath.dirname(manifest), "src")
    return None


def _php(asked: _Asked) -> Iterable[str | None]:
    module = asked.one.module
    if ".php" in module or "__DIR__" in module or "/" in module:
        file = re.sub(r".*['\"]", "", module).lstrip("/")
        return [asked.tree.first(asked.beside(file), file) or asked.tree.ending(file, near=asked.path)] if file else []
    parts = [part for part in module.split("\\") if part]
    tails = ["/".join(parts[skipped:]) + ".php" for skipped in range(len(parts))]
    return [_psr4(asked, parts) or asked.tree.ending(*tails, near=asked.path)]


def _psr4(asked: _Asked, parts: list[str]) -> str | None:
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


def _bash(asked: _Asked) -> Iterable[str | None]:
    """What stands behind a variable or a command substitution is a path beside the script."""
    file = re.sub(r".*[})\"']", "", asked.one.module.rstrip("\"'")).lstrip("/")
    file = re.sub(r"^\$\w+/", "", file)
    return [asked.tree.first(asked.beside(file), file) or asked.tree.ending(file, near=asked.path)] if file else []


def _ruby(asked: _Asked) -> Iterable[str | None]:
    file = f"{asked.one.module.removesuffix('.rb')}.rb"
    return [
        asked.tree.first(asked.beside(file), f"lib/{file}", file) or asked.tree.ending(f"lib/{file}", near=asked.path)
    ]


_RESOLVERS: dict[str, Callable[[_Asked], Iterable[str | None]]] = {
    "python": _python,
    "javascript": _script,
    "typescript": _script,
    "tsx": _script,
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
