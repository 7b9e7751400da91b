"""Prompts for a chat: the model's own template, or the documented format of its family where the file has none.

Whatever a message says stays text. The template is rendered with random words in place of the messages; only what the
template itself wrote is searched for special tokens, then the messages are put back.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile
from typing import Literal

from coder_tui.core.prompt import ModelInfo, Prompt, Segment
from coder_tui.prompts.families import DEEPSEEK_PREVIEW, bos_segment
from coder_tui.prompts.markers import MARKERS
from coder_tui.prompts.template import TemplateError, render

Role = Literal["system", "user", "assistant"]

DEEPSEEK_SYSTEM = (
    "You are an AI programming assistant, utilizing the DeepSeek Coder model, developed by DeepSeek Company, and you "
    "only answer questions related to computer science. For politically sensitive questions, security and privacy "
    "issues, and other non-computer science questions, you will refuse to answer."
)
"""First line of the template in the DeepSeek-Coder README; the models were tuned with it."""
INSTRUCTION_SYSTEM = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request."
)
INSTRUCTION = "### Instruction:"
END_OF_TURN = "<|EOT|>"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat."""

    role: Role
    content: str
    """LF line endings."""


def build(messages: Sequence[Message], info: ModelInfo, *, setting: str = "auto") -> Prompt:
    """The prompt after which the model writes the next answer.

    `setting` is `prompts.chat`: `auto`, or `deepseek-preview` for the format of the DeepSeek Coder preview README. A
    template that refuses a system message gets it as part of the first question; one that fails is not used.
    """
    if setting == DEEPSEEK_PREVIEW:
        return _prompt(_instruction(messages), info)
    if info.chat_template:
        for turns in (tuple(messages), _without_system(messages)):
            try:
                return _prompt(_rendered(info.chat_template, turns, info), info)
            except TemplateError:
                continue
    return _prompt(_documented(messages, info), info)


def stop_strings(info: ModelInfo, *, setting: str = "auto") -> tuple[str, ...]:
    """Texts that end an answer, besides tokens: where a format marks turns with plain text, models go on to the next.

    Markers of other formats do not stop an answer: it may be about them.
    """
    if setting == DEEPSEEK_PREVIEW or not info.chat_template:
        texts = [f"\n{INSTRUCTION}", END_OF_TURN]
        return (*texts, "<|im_end|>") if "<|im_start|>" in info.specials else tuple(texts)
    return tuple(text for text in (END_OF_TURN, "<|im_end|>", "<|eot_id|>") if text in info.chat_template)


_Piece = tuple[str, bool]
"""Text, and whether it is the template's own, in which special tokens are tokens."""


def _documented(messages: Sequence[Message], info: ModelInfo) -> list[_Piece]:
    """By the vocabulary, for files without a usable template."""
    if "<｜fim▁begin｜>" in info.specials:
        return _deepseek2(messages) if info.architecture == "deepseek2" else _deepseek(messages)
    if "<|im_start|>" in info.specials and "<|im_end|>" in info.specials:
        return _chatml(messages)
    return _instruction(messages)


def _deepseek(messages: Sequence[Message]) -> list[_Piece]:
    """README of DeepSeek-Coder, "Chat Model Inference". A system message stands in for the README's sentence."""
    system, turns = _parted(messages)
    pieces: list[_Piece] = [(system or DEEPSEEK_SYSTEM, not system), ("\n", True)]
    for turn in turns:
        if turn.role == "assistant":
            pieces += [("### Response:\n", True), (turn.content, False), (f"\n{END_OF_TURN}\n", True)]
        else:
            pieces += [(f"{INSTRUCTION}\n", True), (turn.content, False), ("\n", True)]
    return [*pieces, ("### Response:\n", True)]


def _deepseek2(messages: Sequence[Message]) -> list[_Piece]:
    """The template of DeepSeek-Coder-V2-Instruct."""
    system, turns = _parted(messages)
    pieces: list[_Piece] = [(system, False), ("\n\n", True)] if system else []
    for turn in turns:
        if turn.role == "assistant":
            pieces += [("Assistant: ", True), (turn.content, False), ("<｜end▁of▁sentence｜>", True)]
        else:
            pieces += [("User: ", True), (turn.content, False), ("\n\n", True)]
    return [*pieces, ("Assistant:", True)]


def _chatml(messages: Sequence[Message]) -> list[_Piece]:
    pieces: list[_Piece] = []
    for message in messages:
        pieces += [(f"<|im_start|>{message.role}\n", True), (message.content, False), ("<|im_end|>\n", True)]
    return [*pieces, ("<|im_start|>assistant\n", True)]


def _instruction(messages: Sequence[Message]) -> list[_Piece]:
    """README of the DeepSeek Coder preview, the format of Alpaca. It has no place for a system message of its own."""
    system, turns = _parted(messages)
    pieces: list[_Piece] = [(f"{INSTRUCTION_SYSTEM}\n\n", True)]
    if system:
        pieces += [(system, False), ("\n\n", True)]
    for turn in turns:
        title = "### Response:" if turn.role == "assistant" else INSTRUCTION
        pieces += [(f"{title}\n", True), (turn.content, False), ("\n\n", True)]
    return [*pieces, ("### Response:\n", True)]


def _parted(messages: Sequence[Message]) -> tuple[str, list[Message]]:
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    return system, [message for message in messages if message.role != "system"]


def _without_system(messages: Sequence[Message]) -> tuple[Message, ...]:
    system, turns = _parted(messages)
    if not system or not turns:
        return tuple(messages)
    return (replace(turns[0], content=f"{system}\n\n{turns[0].content}"), *turns[1:])


def _rendered(template: str, messages: Sequence[Message], info: ModelInfo) -> list[_Piece]:
    """What the template makes of the messages. Raises TemplateError also when it loses one of them."""
    words = [f"content{secrets.token_hex(16)}" if message.content.strip() else "" for message in messages]
    size = sum(len(message.content) for message in messages) + 64 * len(messages)
    stand_ins = [replace(message, content=word) for message, word in zip(messages, words, strict=True)]
    pattern = re.compile("(" + "|".join(filter(None, words)) + ")") if any(words) else re.compile("(?!)")
    parts = pattern.split(_render(template, stand_ins, info, size))
    if words and words[-1] and words[-1] not in parts:
        raise TemplateError("the chat template of this model does not show the last message")
    wanted = _render(template, messages, info, size)
    for strip in (False, True):
        contents = {w: m.content.strip() if strip else m.content for w, m in zip(words, messages, strict=True) if w}
        if "".join(contents.get(part, part) for part in parts) == wanted:
            return [(contents.get(part, part), part not in contents) for part in parts]
    # It looks into the messages (cuts thoughts out of answers, say): they are taken as they are.
    contents = {word: message.content for word, message in zip(words, messages, strict=True) if word}
    if not set(contents) <= set(parts):
        raise TemplateError("the chat template of this model does not show the messages")
    return [(contents.get(part, part), part not in contents) for part in parts]


def _render(template: str, messages: Iterable[Message], info: ModelInfo, size: int) -> str:
    names = {token: text for text, token in info.specials.items()}
    variables = {
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "add_generation_prompt": True,
        "bos_token": names.get(info.bos_token, "") if info.bos_token is not None else "",
        "eos_token": names.get(info.eos_token, "") if info.eos_token is not None else "",
        "tools": None,
        "documents": None,
    }
    return render(template, variables, size=size)


def _prompt(pieces: Iterable[_Piece], info: ModelInfo) -> Prompt:
    """Special tokens by id, everything else as text; BOS once where the model wants it.

    Text between two special tokens is one Segment, the template's and the message's together: tokens reach over the
    seam (" name" after "[INST] "), and what is text cannot turn into a special token.
    """
    segments: list[Segment] = []
    text = ""
    for piece, own in pieces:
        parts = _split_at_specials(piece, info) if own else [Segment(piece)]
        for part in parts:
            if part.token is None:
                text += part.text
                continue
            segments += [Segment(text), part] if text else [part]
            text = ""
    segments += [Segment(text)] if text else []
    bos = bos_segment(info)
    if bos is None:
        return Prompt(tuple(segments))
    rest = list(dropwhile(lambda segment: segment.token == bos.token, segments))
    if len(rest) < len(segments) or info.add_bos:
        rest.insert(0, bos)
    return Prompt(tuple(rest))


def _split_at_specials(text: str, info: ModelInfo) -> list[Segment]:
    """White space and ordinary signs that a vocabulary lists as tokens of its own (Gemma's line ends) stay text."""
    names = sorted((n for n in info.specials if n in MARKERS or re.search(r"\w", n)), key=len, reverse=True)
    if not names:
        return [Segment(text)]
    parts = re.split("(" + "|".join(re.escape(name) for name in names) + ")", text)
    return [Segment(part, info.specials[part] if n % 2 else None) for n, part in enumerate(parts) if part]
