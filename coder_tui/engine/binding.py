"""llama.cpp's functions without the classes that llama-cpp-python puts on top of them.

Those bring a template engine, a database and a network library along: 12 MB and a fifth of a second that a process has
no use for which calls the functions alone.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

_NAME = "llama_cpp"
_VERSION = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)


def lean() -> None:
    """Let `import llama_cpp` give the functions alone, in this process from now on. Where the package is not built as
    expected, the import gives all of it as ever."""
    if _NAME in sys.modules:
        return
    try:
        _functions_only()
    except Exception:  # noqa: BLE001 - whatever is different in another version: the usual import will tell or work
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]


def _functions_only() -> None:
    spec = importlib.util.find_spec(_NAME)
    if spec is None or spec.origin is None or spec.submodule_search_locations is None:
        return
    package = ModuleType(_NAME)
    package.__spec__, package.__file__ = spec, spec.origin
    package.__path__ = list(spec.submodule_search_locations)
    sys.modules[_NAME] = package
    functions = importlib.import_module(f"{_NAME}.{_NAME}")
    vars(package).update({name: value for name, value in vars(functions).items() if not name.startswith("__")})
    with suppress(OSError):
        found = _VERSION.search(Path(spec.origin).read_text(encoding="utf-8"))
        package.__dict__["__version__"] = found[1] if found else "unknown"
