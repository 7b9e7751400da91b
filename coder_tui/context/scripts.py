"""What imports of JavaScript and TypeScript mean: relative paths, `paths` of tsconfig.json, packages beside."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from coder_tui.context.tree import Asked, Tree

_SCRIPT_SUFFIXES = ("", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts",
    "/index.tsx", "/index.js", "/index.jsx", "/index.mjs")  # fmt: skip
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript is imported under the name of what it becomes."""


def resolve(asked: Asked) -> Iterable[str | None]:
    """The file that an import means."""
    module = asked.one.module
    if module.startswith("."):
        return [_script_file(asked.tree, asked.beside(module))]
    found = next((file for base in _mapped(asked) if (file := _script_file(asked.tree, base))), None)
    return [found or _workspace_package(asked)]


def _script_file(tree: Tree, base: str) -> str | None:
    stem, suffix = posixpath.splitext(base)
    return tree.first(*(base + end for end in _SCRIPT_SUFFIXES), *(stem + end for end in _COMPILED.get(suffix, ())))


def _mapped(asked: Asked) -> Iterable[str]:
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


def _workspace_package(asked: Asked) -> str | None:
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
