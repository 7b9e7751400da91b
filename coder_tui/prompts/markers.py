"""The strings with which model families mark the parts of a prompt.

A marker that a model generates ends the generation and is never shown, whichever family it belongs to. A marker that
stands in a file or a message is text: it is only ever part of a Segment without `token`.

Sources: the token lists of llama.cpp (src/llama-vocab.cpp) and the families' own documents.
"""

from __future__ import annotations

import re

from coder_tui.core.prompt import ModelInfo

FIM_MARKERS = (
    # DeepSeek Coder
    "<｜fim▁begin｜>",
    "<｜fim▁hole｜>",
    "<｜fim▁end｜>",
    # Qwen2.5-Coder, CodeGemma, Granite 3
    "<|fim_prefix|>",
    "<|fim_suffix|>",
    "<|fim_middle|>",
    "<|fim_pad|>",
    "<|fim_repo|>",
    "<|repo_name|>",
    "<|file_sep|>",
    "<|file_separator|>",
    # StarCoder, StarCoder2, Granite, SantaCoder
    "<fim_prefix>",
    "<fim_suffix>",
    "<fim_middle>",
    "<fim_pad>",
    "<fim-prefix>",
    "<fim-suffix>",
    "<fim-middle>",
    "<fim-pad>",
    "<fim-repo>",
    "<repo_name>",
    "<file_sep>",
    "<reponame>",
    "<gh_stars>",
    "<jupyter_start>",
    "<jupyter_text>",
    "<jupyter_code>",
    "<jupyter_output>",
    "<issue_start>",
    "<issue_comment>",
    "<issue_closed>",
    "<commit_before>",
    "<commit_msg>",
    "<commit_after>",
    # CodeLlama
    "▁<PRE>",
    "▁<SUF>",
    "▁<MID>",
    "▁<EOT>",
    # GLM, CodeGeeX
    "<|code_prefix|>",
    "<|code_suffix|>",
    "<|code_middle|>",
)
"""What marks a part of an infill or a repository. No program has these in its text unless it is about models."""

CONTROL_MARKERS = (
    # DeepSeek
    "<｜begin▁of▁sentence｜>",
    "<｜end▁of▁sentence｜>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<｜completion｜>",
    "<|User|>",
    "<|Assistant|>",
    "<|EOT|>",
    # ChatML and the GPT-2 line
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<|end_of_text|>",
    "<|start_of_role|>",
    "<|end_of_role|>",
    # Llama 3
    "<|begin_of_text|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|eot_id|>",
    "<|eom_id|>",
    # Gemma
    "<start_of_turn>",
    "<end_of_turn>",
    # Phi, GLM
    "<|user|>",
    "<|assistant|>",
    "<|system|>",
    "<|end|>",
)
"""What marks a turn of a chat or an end."""

AMBIGUOUS_MARKERS = (
    "<s>",
    "</s>",
    "<bos>",
    "<eos>",
    "<pad>",
    "<EOT>",
    "<PRE>",
    "<SUF>",
    "<MID>",
    "<PAD>",
    "<REPO>",
    "[PAD]",
    "[PREFIX]",
    "[SUFFIX]",
    "[MIDDLE]",
    "[INST]",
    "[/INST]",
    "<|prefix|>",
    "<|suffix|>",
    "<|middle|>",
    "<filename>",
    "<empty_output>",
)
"""Markers as tokens, but honest text as text: `<s>` and `<PRE>` are HTML, `[PREFIX]` may be an index."""

MARKERS = FIM_MARKERS + CONTROL_MARKERS
MARKER = re.compile("|".join(re.escape(marker) for marker in sorted(MARKERS, key=len, reverse=True)))
"""Finds a marker that is spelled out in text."""


def stop_tokens(info: ModelInfo) -> frozenset[int]:
    """Ids of every marker that this vocabulary has as a token, of any family: each ends a generation."""
    found = {info.specials[marker] for marker in MARKERS + AMBIGUOUS_MARKERS if marker in info.specials}
    found.update(info.fim_ids.values())
    if info.eos_token is not None:
        found.add(info.eos_token)
    return frozenset(found)


def stop_strings() -> tuple[str, ...]:
    """Markers at which to stop when a model spells one out of ordinary tokens, in an infill or a completion."""
    return MARKERS
