"""The functions of llama.cpp alone: what the worker imports, and what it does where that does not work."""

from __future__ import annotations

import subprocess
import sys

from coder_tui.engine.client import LlamaEngine

ASK = "import llama_cpp; print(callable(llama_cpp.llama_decode), hasattr(llama_cpp, 'Llama'), llama_cpp.__version__)"


def _in_a_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_only_the_functions_are_imported() -> None:
    known = _in_a_process(ASK).split()
    lean = f"from coder_tui.engine.binding import lean; lean(); {ASK}; import sys; print('jinja2' in sys.modules)"
    assert _in_a_process(lean).split() == [known[0], "False", known[2], "False"]
    assert known[:2] == ["True", "True"]


def test_a_package_that_is_built_otherwise_is_imported_whole() -> None:
    broken = "from coder_tui.engine import binding; binding._functions_only = lambda: 1 / 0; binding.lean(); "
    assert _in_a_process(broken + ASK).split()[:2] == ["True", "True"]


def test_what_was_imported_before_stays() -> None:
    assert (
        _in_a_process(f"import llama_cpp; from coder_tui.engine.binding import lean; lean(); {ASK}").split()[1]
        == "True"
    )


def test_the_worker_has_the_version(engine: LlamaEngine) -> None:
    from importlib.metadata import version

    assert engine.stats().llama_cpp_python == version("llama-cpp-python")
