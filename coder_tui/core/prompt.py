"""What is sent to a model: Segments, Prompt, Purpose, and the sampling and stopping that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a prompt that is tokenized by itself.

    With `token` unset the text is plain text: marker strings in it stay text. With `token` set the segment is exactly
    that token, and `text` is what the vocabulary calls it (for display only).
    """

    text: str
    token: int | None = None
    movable: bool = field(default=False, compare=False)
    """Whether its cells in the KV cache may be moved when what stands before it changes (`suggest.reuse`): the model
    then reads it as it was after the older text. For text that hardly depends on that: the suffix."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A name that is likelier to be written than the model can tell."""

    name: str
    bonus: float
    """Nats, added to the log-probability of the tokens that spell it."""


class Purpose(StrEnum):
    """What a request is for. It decides who waits for whom, and which sequence of the KV cache the request uses."""

    SUGGEST = "suggest"
    """A suggestion that somebody waits for: goes before everything else."""
    CHAT = "chat"
    """An answer; it has a sequence of its own, pauses for suggestions, and goes on."""
    AHEAD = "ahead"
    """What a suggestion may soon need: reading a file that was opened, the suggestion after the next. It uses the
    suggestions' sequence, waits for everything else, and ends as cancelled when a suggestion is asked for."""
    REFRESH = "refresh"
    """As AHEAD, and evaluates what had only been moved."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A second reading of a prompt, without some of its segments, that has a say in the line that is generated first:
    tokens are chosen by the weighted mean of the probabilities after the one and after the other (a mixture of experts;
    Jacobs et al., 1991). Both are the same up to the first segment left out, and share its KV cells."""

    start: int
    stop: int
    """The segments from `start` to before `stop` are left out."""
    weight: float
    """Of the probabilities after this reading: 0 to 1; those after the whole prompt have the rest."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """Segments in the order in which the model reads them, stable ones first."""

    segments: tuple[Segment, ...]
    forced: str = ""
    """Token healing: the generation must begin by spelling this text, whose tokens are not part of the prompt.
    The engine returns it as the beginning of what was generated."""
    likely: tuple[Likely, ...] = ()
    """Names that get a bonus in the line that is generated first."""
    aside: Aside | None = None
    short: Prompt | None = None
    """What is answered in its place while more than `patience` of its tokens would have to be evaluated first."""
    patience: int = 0


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is chosen. Temperature 0 is greedy, and then nothing else matters."""

    temperature: float = 0.0
    top_k: int = 40
    """0 takes all tokens."""
    top_p: float = 0.9
    min_p: float = 0.05
    seed: int | None = None
    """None draws a new one for each request."""
    choices: int = 1
    """So many answers are drawn side by side, at most four, with seeds that follow each other."""


@dataclass(frozen=True, slots=True)
class Limits:
    """When a generation ends, besides the model's own end-of-generation tokens."""

    max_tokens: int = 128
    t_max_ms: float | None = None
    """Time for the whole request, prompt included; None sets no deadline."""
    stop_tokens: frozenset[int] = frozenset()
    """Token ids that end the generation and are not shown."""
    stop_strings: tuple[str, ...] = ()
    """Texts that end the generation; neither they nor what follows is shown."""
    max_wait_ms: float | None = None
    """Time until the first token; when it has passed without one, the request ends. None sets no deadline."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What prompts need to know of the loaded weights; read from the GGUF."""

    name: str
    architecture: str
    """`general.architecture`: `llama`, `qwen2`, `starcoder2` ..."""
    context_length: int
    """Tokens that the model was trained for."""
    vocab_size: int
    add_bos: bool
    bos_token: int | None
    eos_token: int | None
    specials: Mapping[str, int] = field(default_factory=dict[str, int])
    """Tokens that are not ordinary text, by the text that the vocabulary gives them."""
    fim_ids: Mapping[str, int] = field(default_factory=dict[str, int])
    """FIM tokens that the metadata names: keys among pre, suf, mid, pad, rep, sep."""
    chat_template: str | None = None
    size_bytes: int = 0
