"""FIM dialects: which tokens mark prefix, suffix and middle for which family, and how to tell them from the GGUF."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from coder_tui.core.errors import NoInfillError
from coder_tui.core.prompt import ModelInfo, Segment

DEEPSEEK_PREVIEW = "deepseek-preview"
"""Value of the setting `prompts.dialect` that asks for the format of the DeepSeek Coder preview README."""


class Order(Enum):
    """In which order a model reads the parts."""

    PSM = "prefix, suffix, middle"
    SPM = "suffix, prefix; generation goes on after the prefix"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one family wants an infill written down.

    The text of a Segment is exact. An engine must not let a SentencePiece vocabulary put a space before it; where a
    family wants that space, `lead` has it.
    """

    family: str
    prefix: Segment
    suffix: Segment
    """What stands before the text after the hole."""
    middle: Segment | None
    """What stands before the generated text; none with SPM."""
    order: Order = Order.PSM
    bos: Segment | None = None
    """Comes first of all, for those that want it."""
    repository: Segment | None = None
    file_separator: Segment | None = None
    path_inside: bool = False
    """With the family's tokens between files, the path of the current one stands behind the prefix marker."""
    tokens_by_default: bool = False
    """Whether files are told apart by these tokens, where the setting leaves it open."""
    lead: str = ""
    """Begins the text after the prefix marker: SentencePiece's dummy space, which Llama's tokenizers put there."""


@dataclass(frozen=True, slots=True)
class _Family:
    name: str
    prefix: str
    suffix: str
    middle: str
    repository: str = ""
    separator: str = ""
    must_have: str = ""
    """A token that tells the family from another one with the same markers."""
    order: Order = Order.PSM
    bos: bool = False
    """Trained with BOS, whatever the file says."""
    path_inside: bool = False
    by_tokens: bool = False
    """Files are told apart by tokens unless the user says otherwise. Qwen2.5-Coder has such tokens and answers better
    with comments, as measured with its 0.5B model by `coder eval infill --layout`."""
    lead: str = ""


_FAMILIES = (
    _Family("DeepSeek Coder", "<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", bos=True),
    _Family(
        "CodeGemma",
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        separator="<|file_separator|>",
        must_have="<|file_separator|>",
        bos=True,
    ),
    _Family(
        "Qwen2.5-Coder",
        "<|fim_prefix|>",
        "<|fim_suffix|>",
        "<|fim_middle|>",
        repository="<|repo_name|>",
        separator="<|file_sep|>",
        must_have="<|file_sep|>",
    ),
    _Family("Granite", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    _Family(
        "StarCoder2",
        "<fim_prefix>",
        "<fim_suffix>",
        "<fim_middle>",
        repository="<repo_name>",
        separator="<file_sep>",
        must_have="<file_sep>",
        path_inside=True,
        by_tokens=True,
    ),
    _Family(
        "StarCoder", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", repository="<reponame>", separator="<filename>"
    ),
    _Family("SantaCoder", "<fim-prefix>", "<fim-suffix>", "<fim-middle>"),
    _Family("CodeLlama", "▁<PRE>", "▁<SUF>", "▁<MID>", bos=True, lead=" "),
    _Family("CodeLlama", "<PRE>", "<SUF>", "<MID>", bos=True, lead=" "),
    _Family("Codestral", "[PREFIX]", "[SUFFIX]", "[MIDDLE]", order=Order.SPM, bos=True, lead=" "),
)
_CAN_INFILL = "DeepSeek Coder, Qwen2.5-Coder, StarCoder2, CodeLlama, CodeGemma and Codestral can"


def detect(info: ModelInfo, setting: str = "auto") -> Dialect:
    """The dialect of these weights: the ids that the metadata names first, then tokens by their text.

    `setting` is `prompts.dialect`: `auto` or `deepseek-preview`. Raises NoInfillError when there are no FIM tokens.
    """
    if setting == DEEPSEEK_PREVIEW:
        return _preview(info)
    named = _by_metadata(info)
    if named is not None:
        return named
    for family in _FAMILIES:
        if _has(info, family):
            return _dialect(info, family, info.specials[family.prefix], info.specials[family.suffix])
    raise NoInfillError(
        f"{info.name} has no fill-in-the-middle tokens and cannot infill; {_CAN_INFILL}",
        hint="`coder models list` shows models that can, `coder models pull starter` fetches a small one",
    )


def _by_metadata(info: ModelInfo) -> Dialect | None:
    ids = info.fim_ids
    if "pre" not in ids or "suf" not in ids:
        return None
    texts = {token: text for text, token in info.specials.items()}
    prefix, suffix = texts.get(ids["pre"]), texts.get(ids["suf"])
    for family in _FAMILIES:
        if (family.prefix, family.suffix) == (prefix, suffix) and family.must_have in ("", *info.specials):
            return _dialect(info, family, ids["pre"], ids["suf"], ids.get("mid"))
    if "mid" not in ids:
        return None
    return Dialect(
        family="unknown",
        prefix=Segment(prefix or "<prefix>", ids["pre"]),
        suffix=Segment(suffix or "<suffix>", ids["suf"]),
        middle=Segment(texts.get(ids["mid"], "<middle>"), ids["mid"]),
        bos=_bos(info),
    )


def _has(info: ModelInfo, family: _Family) -> bool:
    wanted = [family.prefix, family.suffix]
    if family.order is Order.PSM:
        wanted.append(family.middle)
    if family.must_have:
        wanted.append(family.must_have)
    return all(text in info.specials for text in wanted)


def _dialect(info: ModelInfo, family: _Family, prefix: int, suffix: int, middle: int | None = None) -> Dialect:
    middle = info.specials.get(family.middle) if middle is None else middle
    psm = family.order is Order.PSM
    return Dialect(
        family=family.name,
        prefix=Segment(family.prefix, prefix),
        suffix=Segment(family.suffix, suffix),
        middle=Segment(family.middle, middle) if psm else None,
        order=family.order,
        bos=_bos(info, wanted=family.bos),
        repository=_special(info, family.repository),
        file_separator=_special(info, family.separator),
        path_inside=family.path_inside,
        tokens_by_default=family.by_tokens,
        lead=family.lead,
    )


def _preview(info: ModelInfo) -> Dialect:
    """`<fim_prefix>P<fim_middle>S<fim_suffix>`: the middle marker stands in the hole, the suffix marker at the end."""
    return Dialect(
        family=DEEPSEEK_PREVIEW,
        prefix=_marker(info, "<fim_prefix>"),
        suffix=_marker(info, "<fim_middle>"),
        middle=_marker(info, "<fim_suffix>"),
        bos=_bos(info),
    )


def _marker(info: ModelInfo, text: str) -> Segment:
    return Segment(text, info.specials.get(text))


def _special(info: ModelInfo, text: str) -> Segment | None:
    return Segment(text, info.specials[text]) if text in info.specials else None


def _bos(info: ModelInfo, *, wanted: bool = False) -> Segment | None:
    if info.bos_token is None or not (info.add_bos or wanted):
        return None
    return bos_segment(info)


def bos_segment(info: ModelInfo) -> Segment | None:
    """The vocabulary's BOS token, if it has one."""
    if info.bos_token is None:
        return None
    text = next((text for text, token in info.specials.items() if token == info.bos_token), "<s>")
    return Segment(text, info.bos_token)
