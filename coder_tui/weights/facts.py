"""What loading and prompts ask of a GGUF file, remembered while the file is the same: to read a vocabulary of 150,000
tokens takes 130 ms, which is a good part of a command that uses an engine that is there already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from coder_tui.config.atomic import replace_file
from coder_tui.core.prompt import ModelInfo
from coder_tui.weights.memory import cache_bytes_per_token

_READERS = ("gguf_checks.py", "gguf_file.py", "gguf_reader.py", "memory.py", "special_tokens.py")
"""What is remembered is what these found: another version of them may find something else."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Of one file that llama.cpp can load."""

    path: Path
    info: ModelInfo
    overrides: Mapping[str, str]
    """As `ModelFile.overrides`."""
    block_count: int
    """Layers of the model."""
    cache_bytes_per_token: int
    """Memory of one token of context in a 16-bit KV cache."""


def facts(path: Path, folder: Path) -> ModelFacts:
    """What is known of the file at `path`; `folder` is where that is remembered. Raises WeightsError."""
    from coder_tui.weights import gguf_file

    with suppress(OSError, ValueError, KeyError, TypeError):  # there is none, it is damaged, or of another version
        known = json.loads(_place(path, folder).read_bytes())
        if known["of"] == _state(path):
            return ModelFacts(path, ModelInfo(**known["info"]), known["overrides"], *known["numbers"])
    file = gguf_file.inspect(path)
    blocks = file.header.integer(f"{file.info.architecture}.block_count") or 0
    found = ModelFacts(path, file.info, file.overrides, blocks, cache_bytes_per_token(file.header))
    with suppress(OSError):  # it is read again the next time
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        known = {"of": _state(path), "info": asdict(found.info), "overrides": found.overrides}
        known["numbers"] = [found.block_count, found.cache_bytes_per_token]
        replace_file(_place(path, folder), [json.dumps(known).encode()], mode=0o600)
    return found


def _place(path: Path, folder: Path) -> Path:
    return folder / f"{hashlib.sha256(str(path.resolve()).encode('utf-8', 'surrogateescape')).hexdigest()[:24]}.json"


def _state(path: Path) -> list[int]:
    """Of the file and of what reads it. Raises OSError."""
    facts, here = path.stat(), Path(__file__).parent
    readers = [(here / name).stat().st_mtime_ns for name in _READERS]
    return [facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, *readers]
