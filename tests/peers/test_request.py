"""That the peer is asked as llama.vim asks it (PEERS.md 5.1): a comparison with a strawman is worth nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def peer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("llama_server", Path(__file__).with_name("llama_server.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_whole_lines_before_the_line_up_to_the_cursor_and_what_is_behind_it(peer: ModuleType) -> None:
    asked = peer.body("a = 1\ndef f(x):\n    return x", " + 1\n\nb = 2\n")
    assert asked["input_prefix"] == "a = 1\ndef f(x):\n"
    assert asked["prompt"] == "    return x"
    assert asked["input_suffix"] == " + 1\n\nb = 2\n\n"
    assert asked["n_indent"] == 4


def test_how_much(peer: ModuleType) -> None:
    asked = peer.body("x\n" * 1000, "\n" + "y\n" * 1000)
    assert asked["input_prefix"].count("\n") == 256
    assert asked["input_suffix"].count("y") == 64
    sampling = {name: asked[name] for name in ("n_predict", "top_k", "top_p", "samplers")}
    assert sampling == {"n_predict": 128, "top_k": 40, "top_p": 0.9, "samplers": ["top_k", "top_p", "infill"]}


def test_a_blank_line_is_not_sent_and_its_indentation_not_shown_twice(peer: ModuleType) -> None:
    asked = peer.body("def f():\n    ", "\n")
    assert (asked["prompt"], asked["n_indent"]) == ("", 0)
    row = {"prefix": "def f():\n    "}
    assert peer._shown(row, "    return 1\n") == "return 1\n"
    assert peer._shown(row, "return 1\n") == "return 1\n"
