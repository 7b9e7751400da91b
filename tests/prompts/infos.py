"""Vocabularies by hand: the documented ids of seven families."""

from collections.abc import Mapping

from coder_tui.core.prompt import ModelInfo


def info(
    name: str,
    specials: Mapping[str, int],
    *,
    architecture: str = "llama",
    add_bos: bool = False,
    bos: int | None = None,
    eos: int | None = None,
    fim_ids: Mapping[str, int] | None = None,
    template: str | None = None,
) -> ModelInfo:
    return ModelInfo(
        name=name,
        architecture=architecture,
        context_length=16384,
        vocab_size=32256,
        add_bos=add_bos,
        bos_token=bos,
        eos_token=eos,
        specials=specials,
        fim_ids=fim_ids or {},
        chat_template=template,
    )


DEEPSEEK = info(
    "deepseek-coder-1.3b",
    {
        "<｜begin▁of▁sentence｜>": 32013,
        "<｜end▁of▁sentence｜>": 32014,
        "<｜fim▁hole｜>": 32015,
        "<｜fim▁begin｜>": 32016,
        "<｜fim▁end｜>": 32017,
        "<pad>": 32018,
        "<|User|>": 32019,
        "<|Assistant|>": 32020,
        "<|EOT|>": 32021,
    },
    add_bos=True,
    bos=32013,
    eos=32021,
)
DEEPSEEK2 = info(
    "deepseek-coder-v2-lite",
    {
        "<｜begin▁of▁sentence｜>": 100000,
        "<｜end▁of▁sentence｜>": 100001,
        "<｜fim▁hole｜>": 100002,
        "<｜fim▁begin｜>": 100003,
        "<｜fim▁end｜>": 100004,
    },
    architecture="deepseek2",
    add_bos=True,
    bos=100000,
    eos=100001,
)
QWEN = info(
    "qwen2.5-coder-0.5b",
    {
        "<|endoftext|>": 151643,
        "<|im_start|>": 151644,
        "<|im_end|>": 151645,
        "<|fim_prefix|>": 151659,
        "<|fim_middle|>": 151660,
        "<|fim_suffix|>": 151661,
        "<|fim_pad|>": 151662,
        "<|repo_name|>": 151663,
        "<|file_sep|>": 151664,
    },
    architecture="qwen2",
    bos=151643,
    eos=151645,
)
STARCODER = info(
    "starcoder",
    {
        "<|endoftext|>": 0,
        "<fim_prefix>": 1,
        "<fim_middle>": 2,
        "<fim_suffix>": 3,
        "<fim_pad>": 4,
        "<filename>": 5,
        "<reponame>": 18,
    },
    architecture="starcoder",
    bos=0,
    eos=0,
)
STARCODER2 = info(
    "starcoder2-3b",
    {
        "<|endoftext|>": 0,
        "<fim_prefix>": 1,
        "<fim_middle>": 2,
        "<fim_suffix>": 3,
        "<fim_pad>": 4,
        "<repo_name>": 5,
        "<file_sep>": 6,
    },
    architecture="starcoder2",
    bos=0,
    eos=0,
)
CODELLAMA = info(
    "codellama-7b",
    {"<s>": 1, "</s>": 2, "▁<PRE>": 32007, "▁<SUF>": 32008, "▁<MID>": 32009, "▁<EOT>": 32010},
    add_bos=True,
    bos=1,
    eos=2,
)
CODEGEMMA = info(
    "codegemma-2b",
    {
        "<pad>": 0,
        "<eos>": 1,
        "<bos>": 2,
        "<|fim_prefix|>": 67,
        "<|fim_middle|>": 68,
        "<|fim_suffix|>": 69,
        "<|file_separator|>": 70,
        "<end_of_turn>": 107,
        "\n\n": 109,
    },
    architecture="gemma",
    bos=2,
    eos=1,
)
CODESTRAL = info(
    "codestral-22b",
    {"<s>": 1, "</s>": 2, "[INST]": 3, "[/INST]": 4, "[PREFIX]": 10, "[MIDDLE]": 11, "[SUFFIX]": 12},
    add_bos=True,
    bos=1,
    eos=2,
)
PLAIN = info("llama-7b", {"<s>": 1, "</s>": 2}, add_bos=True, bos=1, eos=2)
