"""Train a LoRA on the holes of `make_holes.py`, over the weights of a GGUF file in Qwen2's architecture (what
`models/README.md` says of adapters). Needs PyTorch (`pip install torch`), which nothing else here does.

Usage: train_adapter.py MODEL.gguf HOLES.jsonl OUT.gguf [--minutes 65] [--rank 8] [--rate 3e-4] [--batch 4]
                        [--plain 0.2] [--start ADAPTER.gguf]
  Two cores read about 140 tokens a second with gradients, and 300 without. The rate falls to nothing by the time that
  is given (a half cosine).

What is learned: all tokens behind the middle marker; where `--plain` says so behind the prefix alone, as suggestions
read it as well (`core.prompt.Aside`). What is read before the last tokens of a prompt has no part in the gradient: it
takes the most time, and is read with the adapter as far as it is trained.
LoRA: Hu et al., 2021. https://arxiv.org/abs/2106.09685
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as all the world calls it

Row = dict[str, Any]
_KINDS = ("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")
_SCALE = 2.0
"""Of what is added: alpha by rank."""
_LONGEST = 1400
_LAST = 128
"""So many tokens of a prompt, before what is to be written, have a part in the gradient."""
_SORTED = 10
"""Batches are made of so many of them at a time by where the hole is, so that little is filled up."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("holes", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, default=65)
    parser.add_argument("--rank", type=int, default=8)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--plain", type=float, default=0.2, help="of the holes, those read without what is behind")
    parser.add_argument("--start", type=Path, help="go on with this one")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    rows = [json.loads(line) for line in given.holes.read_text().splitlines()]
    weights = Weights(given.model)
    lora = fresh(weights, given.rank) if given.start is None else read(given.start)
    train(weights, lora, [row for row in rows if len(row["tokens"]) <= _LONGEST], given)
    write(given.out, lora)


Lora = Mapping[str, tuple[torch.nn.Parameter, torch.nn.Parameter]]
Cells = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of a layer: (rows, heads, tokens, width of a head)."""


class Weights:
    """Of a model, as numbers of 16 bits."""

    def __init__(self, path: Path) -> None:
        reader = gguf.GGUFReader(path)
        self.tensors: dict[str, torch.Tensor] = {}
        for tensor in reader.tensors:
            values = np.ascontiguousarray(gguf.quants.dequantize(tensor.data, tensor.tensor_type))
            kind = torch.bfloat16 if values.ndim > 1 else torch.float32
            self.tensors[tensor.name] = torch.from_numpy(values.copy()).to(kind)

        def number(key: str) -> Any:
            return reader.fields[f"qwen2.{key}"].contents()

        self.layers, self.heads = number("block_count"), number("attention.head_count")
        self.groups = self.heads // number("attention.head_count_kv")
        self.base, self.epsilon = number("rope.freq_base"), number("attention.layer_norm_rms_epsilon")
        self.linear = [f"blk.{layer}.{kind}" for layer in range(self.layers) for kind in _KINDS]
        self.output = self.tensors.get("output.weight", self.tensors["token_embd.weight"])

    def hidden(
        self, tokens: torch.Tensor, lora: Lora, before: Sequence[Cells] = ()
    ) -> tuple[torch.Tensor, list[Cells]]:
        """(rows, tokens) -> (rows, tokens, width): what the output layer is given, and the keys and values of each
        layer. `before`: those of the tokens before these."""
        count, length = tokens.shape
        start = before[0][0].shape[2] if before else 0
        x = F.embedding(tokens, self.tensors["token_embd.weight"])
        size, cells = x.shape[-1] // self.heads, []
        turns = torch.arange(start, start + length)[:, None] * self.base ** (-torch.arange(0, size, 2) / size)
        turns = torch.cat([turns, turns], -1)
        turn = turns.cos().to(x.dtype), turns.sin().to(x.dtype)
        mask = torch.ones(length, start + length, dtype=torch.bool).tril(start) if before else None
        for layer in range(self.layers):
            block = f"blk.{layer}."
            y = self._norm(x, f"{block}attn_norm")
            q, k, v = (
                self._linear(y, f"{block}attn_{kind}", lora).view(count, length, -1, size).transpose(1, 2)
                for kind in "qkv"
            )
            k = _turned(k, *turn)
            if before:
                k, v = torch.cat([before[layer][0], k], 2), torch.cat([before[layer][1], v], 2)
            cells.append((k, v))
            k, v = k.repeat_interleave(self.groups, 1), v.repeat_interleave(self.groups, 1)
            q = _turned(q, *turn)
            seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
            x = x + self._linear(seen.transpose(1, 2).reshape(count, length, -1), f"{block}attn_output", lora)
            y = self._norm(x, f"{block}ffn_norm")
            gate = F.silu(self._linear(y, f"{block}ffn_gate", lora)) * self._linear(y, f"{block}ffn_up", lora)
            x = x + self._linear(gate, f"{block}ffn_down", lora)
        return self._norm(x, "output_norm"), cells

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        return F.rms_norm(x.float(), x.shape[-1:], self.tensors[f"{name}.weight"], self.epsilon).to(x.dtype)

    def _linear(self, x: torch.Tensor, name: str, lora: Lora) -> torch.Tensor:
        bias = self.tensors.get(f"{name}.bias")
        y = F.linear(x, self.tensors[f"{name}.weight"], None if bias is None else bias.to(x.dtype))
        low, high = lora[name]
        return y + _SCALE * F.linear(F.linear(x, low.to(x.dtype)), high.to(x.dtype))


def _turned(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    """Rotary positions, in the order of GPT-NeoX."""
    half = x.shape[-1] // 2
    return x * cos + torch.cat([-x[..., half:], x[..., :half]], -1) * sin


def fresh(weights: Weights, rank: int) -> Lora:
    """One that adds nothing."""
    chance, made = torch.Generator().manual_seed(0), {}
    for name in weights.linear:
        rows, columns = weights.tensors[f"{name}.weight"].shape
        low = torch.randn(rank, columns, generator=chance) / math.sqrt(columns)
        made[name] = torch.nn.Parameter(low), torch.nn.Parameter(torch.zeros(rows, rank))
    return made


def read(path: Path) -> Lora:
    """As `write` has left it."""
    found = {tensor.name: torch.from_numpy(tensor.data.astype(np.float32)) for tensor in gguf.GGUFReader(path).tensors}
    names = dict.fromkeys(name.rpartition(".weight.")[0] for name in found)
    parts = {name: [found[f"{name}.weight.lora_{part}"] for part in "ab"] for name in names}
    return {name: (torch.nn.Parameter(low), torch.nn.Parameter(high)) for name, (low, high) in parts.items()}


def train(weights: Weights, lora: Lora, rows: Sequence[Row], given: argparse.Namespace) -> None:
    parameters = [one for pair in lora.values() for one in pair]
    optimizer = torch.optim.AdamW(parameters, lr=given.rate, weight_decay=0.0, betas=(0.9, 0.98))
    chance, began, seen = random.Random(3), time.monotonic(), 0
    for step, batch in enumerate(_batches(rows, given, chance), 1):
        part = (time.monotonic() - began) / (60 * given.minutes)
        if part >= 1:
            return
        for group in optimizer.param_groups:
            group["lr"] = given.rate * min(1, step / 15) * max(0.05, 0.5 + 0.5 * math.cos(math.pi * part))
        loss = _loss(weights, lora, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        seen += sum(len(row["tokens"]) for row in batch)
        sys.stderr.write(f"{step}: {seen} tokens, {loss.item():.3f} nats for each that was to be written\n")


def _batches(rows: Sequence[Row], given: argparse.Namespace, chance: random.Random) -> Iterator[Sequence[Row]]:
    """Without end."""
    while True:
        order = [_plain(row) if chance.random() < given.plain else row for row in chance.sample(rows, len(rows))]
        for at in range(0, len(order), given.batch * _SORTED):
            near = sorted(order[at : at + given.batch * _SORTED], key=lambda row: int(row["middle"]))
            batches = [near[start : start + given.batch] for start in range(0, len(near), given.batch)]
            yield from chance.sample(batches, len(batches))


def _loss(weights: Weights, lora: Lora, batch: Sequence[Row]) -> torch.Tensor:
    """Nats for each token of what is to be written."""
    tokens = torch.zeros(len(batch), max(len(row["tokens"]) for row in batch), dtype=torch.long)
    for number, row in enumerate(batch):
        tokens[number, : len(row["tokens"])] = torch.tensor(row["tokens"])
    start = max(0, min(row["middle"] for row in batch) - _LAST)
    before: list[Cells] = []
    if start:
        with torch.no_grad():
            before = weights.hidden(tokens[:, :start], lora)[1]
    hidden, _ = weights.hidden(tokens[:, start:], lora, before)
    places = [(number, at) for number, row in enumerate(batch) for at in range(row["middle"], len(row["tokens"]))]
    numbers, ats = torch.tensor(places).unbind(1)
    logits = F.linear(hidden[numbers, ats - 1 - start], weights.output).float()
    return F.cross_entropy(logits, tokens[numbers, ats])


def _plain(row: Row) -> Row:
    """What is before the hole, and what was written there, without an end."""
    tokens = row["tokens"]
    return {"tokens": [*tokens[: row["suffix"]], *tokens[row["middle"] : -1]], "middle": row["suffix"]}


def write(path: Path, lora: Lora) -> None:
    """As llama.cpp loads it."""
    rank = next(iter(lora.values()))[0].shape[0]
    writer = gguf.GGUFWriter(path, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", _SCALE * rank)
    for name, pair in lora.items():
        for part, values in zip("ab", pair, strict=True):
            writer.add_tensor(f"{name}.weight.lora_{part}", values.detach().numpy().astype(np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main()
