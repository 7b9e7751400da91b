"""What imports of JavaScript and TypeScript mean: relative paths, `paths` of tsconfig.json, packages beside."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from coder_tui.context.tree import Asked, Tree

_SCRIPT_SUFFIXES = ("", ".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts",
    "/index.tsx", "/index.js", "/index.jsx", "/index.mjs")  # fmt: skip
_COMPILED = {".js": (".ts", ".tsx"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
"""TypeScript is imported under the name of what it becomes."""


_MOST_CONFIGS = 8
_CONDITIONS = ("source", "types", "import", "module", "require", "node", "default")
"""Of the `exports` of a package: the source is more worth reading than what is made of it."""


def resolve(asked: Asked) -> Iterable[str | None]:
    """The file that an import means."""
    module = asked.one.module
    if module.startswith("."):
        return [_script_file(asked.tree, asked.beside(module))]
    if module.startswith("#"):
        return [_own_import(asked)]
    found = next((file for base in _mapped(asked) if (file := _script_file(asked.tree, base))), None)
    return [found or _workspace_package(asked)]


def _own_import(asked: Asked) -> str | None:
    """By the `imports` of the nearest package.json."""
    for manifest in asked.tree.above(asked.path, "package.json"):
        targets = _exported(asked.tree.json(manifest).get("imports"), asked.one.module)
        places = (posixpath.normpath(posixpath.join(posixpath.dirname(manifest), one)) for one in targets)
        return next((file for place in places if (file := _script_file(asked.tree, place))), None)
    return None


def _exported(entries: object, wanted: str) -> Iterable[str]:
    """Where `exports` or `imports` of a package.json say that something is."""
    if isinstance(entries, str):
        entries = {".": entries}
    if not isinstance(entries, dict):
        return
    if not any(str(key).startswith((".", "#")) for key in entries):  # conditions of the package itself
        entries = {".": entries}
    for pattern, target in entries.items():
        before, star, after = str(pattern).partition("*")
        fits = wanted.startswith(before) and wanted.endswith(after) if star else wanted == pattern
        if fits:
            rest = wanted[len(before) : len(wanted) - len(after)] if star else ""
            yield from (one.replace("*", rest) for one in _targets(target))


def _targets(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _targets(one)
    elif isinstance(value, dict):
        for condition in _CONDITIONS:
            yield from _targets(value.get(condition))


def _script_file(tree: Tree, base: str) -> str | None:
    stem, suffix = posixpath.splitext(base)
    return tree.first(*(base + end for end in _SCRIPT_SUFFIXES), *(stem + end for end in _COMPILED.get(suffix, ())))


def _mapped(asked: Asked) -> Iterable[str]:
    """Where `paths` and `baseUrl` of tsconfig.json (or jsconfig.json) say that a module is."""
    module, tree = asked.one.module, asked.tree
    for name in ("tsconfig.json", "jsconfig.json"):
        for config in tree.above(asked.path, name):
            for options, folder in _compiler_options(tree, config, set()):
                base = posixpath.join(folder, str(options.get("baseUrl", ".")))
                yield from (posixpath.normpath(posixpath.join(base, one)) for one in _path_targets(options, module))
                if "baseUrl" in options:
                    yield posixpath.normpath(posixpath.join(base, module))


def _compiler_options(tree: Tree, config: str, seen: set[str]) -> Iterable[tuple[dict[str, object], str]]:
    """(compilerOptions, their folder) of a file, of those that it extends, the last of them first, and of the projects
    that it refers to."""
    if config in seen or len(seen) > _MOST_CONFIGS:
        return
    seen.add(config)
    value, folder = tree.json(config), posixpath.dirname(config)
    options = value.get("compilerOptions")
    if isinstance(options, dict):
        yield options, folder
    extends, references = value.get("extends"), value.get("references")
    others = list(reversed(extends)) if isinstance(extends, list) else [extends]
    others += [one.get("path") for one in references if isinstance(one, dict)] if isinstance(references, list) else []
    for other in others:
        if isinstance(other, str) and other.startswith("."):
            base = posixpath.join(folder, other)
            if found := tree.first(base, f"{base}.json", f"{base}/tsconfig.json"):
                yield from _compiler_options(tree, found, seen)


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
            entries = [*_exported(value.get("exports"), f"./{rest}" if rest else ".")]
            entries += [rest] if rest else [str(value.get(key, "")) for key in ("source", "types", "module", "main")]
            places = [posixpath.join(folder, inner, one) for one in (*entries, "index") for inner in ("", "src")]
            return next(
                (file for place in places if (file := _script_file(asked.tree, posixpath.normpath(place)))), None
            )
    return None
