"""The same typing trace through llama-server's /infill, asked as llama.vim asks it.

    python tests/peers/llama_server.py MODEL TRACE --server PATH [--skip 0] [--limit 150]

Prints one JSON object: for each moment the prompt tokens that the server evaluated, the time until the first line was
complete, and the line. Request: llama.vim's autoload/llama.vim (whole lines before the current one as the prefix, the
current line up to the cursor as the prompt, `n_indent`), its documented sampler settings, `--cache-reuse 256 -b 1024`.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

PREFIX_LINES = 256
SUFFIX_LINES = 64


def body(prefix: str, suffix: str) -> dict[str, Any]:
    """The request for a buffer with the cursor between prefix and suffix."""
    above, _, left = prefix.rpartition("\n")
    before = above.split("\n")[-PREFIX_LINES:] if above else []
    right, _, below = suffix.partition("\n")
    after = below.split("\n")[:SUFFIX_LINES]
    indent = len(left) - len(left.lstrip())
    return {
        "input_prefix": "".join(f"{line}\n" for line in before),
        "input_suffix": "\n".join([right, *after]) + "\n",
        "prompt": left if left.strip() else "",
        "n_predict": 128,
        "n_indent": 0 if not left.strip() else indent,
        "top_k": 40,
        "top_p": 0.9,
        "samplers": ["top_k", "top_p", "infill"],
        "stream": True,
        "cache_prompt": True,
        "seed": 1,
    }


@contextmanager
def server(program: Path, model: Path, threads: int) -> Iterator[httpx.Client]:
    """A running server on the loopback interface."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [program, "-m", model, "-c", "8192", "-b", "1024", "--cache-reuse", "256", "-t", threads, "-np", "1"]
    process = subprocess.Popen(
        [str(part) for part in [*command, "--host", "127.0.0.1", "--port", port]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120, trust_env=False) as client:
            _wait(client, process)
            yield client
    finally:
        process.kill()
        process.wait()


def ask(client: httpx.Client, row: dict[str, str]) -> dict[str, Any]:
    """One moment. The stream is left when its first line is complete, as the next key would do."""
    started = time.perf_counter()
    text, evaluated = "", None
    with client.stream(
        "POST", "/infill", json=body(row["prefix"], row["suffix"]) | {"timings_per_token": True}
    ) as reply:
        reply.raise_for_status()
        for line in reply.iter_lines():
            if not line.startswith("data: "):
                continue
            event = json.loads(line[6:])
            text += event.get("content", "")
            evaluated = event.get("timings", {}).get("prompt_n", evaluated)
            if event.get("stop") or "\n" in _shown(row, text):
                break
    took = 1000 * (time.perf_counter() - started)
    line = _shown(row, text).split("\n")[0]
    return {"evaluated": evaluated, "ms": round(took, 1), "line": line, "exact": line.rstrip() == row["rest"].rstrip()}


def _shown(row: dict[str, str], text: str) -> str:
    """What llama.vim would show: on a blank line the model's own indentation gives way to what was typed."""
    left = row["prefix"].rpartition("\n")[2]
    if left.strip():
        return text
    return text[len(left) :] if text.startswith(left) else text.lstrip(" \t")


def _wait(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise SystemExit("llama-server ended by itself")
        try:
            if client.get("/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("llama-server does not answer")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--server", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--limit", type=int, default=150)
    args = parser.parse_args()
    with args.trace.open(encoding="utf-8") as file:
        rows = [json.loads(line) for line in file][args.skip :][: args.limit]
    with server(args.server, args.model, args.threads) as client:
        print(json.dumps({"moments": [ask(client, row) for row in rows]}))  # noqa: T201 - a script


if __name__ == "__main__":
    main()
