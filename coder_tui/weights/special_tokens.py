"""Texts of tokens that mean something besides themselves: infilling, repositories, turns of a chat, ends.

Some files give these tokens the type of ordinary text, so they are looked up by what they say.
"""

from __future__ import annotations

_FIM = (
    "<|fim_prefix|> <|fim_suffix|> <|fim_middle|> <|fim_pad|> <|fim_repo|> <fim-prefix> <fim-suffix> <fim-middle>"
    " <fim-pad> <fim-repo> <fim_prefix> <fim_suffix> <fim_middle> <fim_pad>"
    " <｜fim▁begin｜> <｜fim▁hole｜> <｜fim▁end｜> <PRE> <SUF> <MID> <EOT> <PAD> <REPO> ▁<PRE> ▁<SUF> ▁<MID> ▁<EOT>"
    " [PREFIX] [SUFFIX] [MIDDLE] [PAD]"
    " <|code_prefix|> <|code_suffix|> <|code_middle|> <|prefix|> <|suffix|> <|middle|>"
)
_REPOSITORY = (
    "<|repo_name|> <|file_sep|> <|file_separator|> <reponame> <repo_name> <file_sep> <filename> <gh_stars>"
    " <issue_start> <issue_comment> <issue_closed> <jupyter_start> <jupyter_text> <jupyter_code> <jupyter_output>"
    " <jupyter_script> <empty_output> <commit_before> <commit_msg> <commit_after> <pr> <pr_status> <pr_file>"
)
_CHAT_AND_ENDS = (
    "<|endoftext|> <|end_of_text|> <|begin_of_text|> <|im_start|> <|im_end|> <|eot_id|> <|eom_id|> <|end|> <|EOT|>"
    " <|User|> <|Assistant|> <｜User｜> <｜Assistant｜> <｜begin▁of▁sentence｜> <｜end▁of▁sentence｜>"
    " <|user|> <|assistant|> <|system|> <|start_header_id|> <|end_header_id|> <|start_of_role|> <|end_of_role|>"
    " <start_of_turn> <end_of_turn> [INST] [/INST] [TOOL_CALLS] </s> <eos>"
)

FIM_TEXTS: dict[str, tuple[str, ...]] = {
    "pre": ("<|fim_prefix|>", "<fim_prefix>", "<fim-prefix>", "<｜fim▁begin｜>", "▁<PRE>", "<PRE>", "[PREFIX]"),
    "suf": ("<|fim_suffix|>", "<fim_suffix>", "<fim-suffix>", "<｜fim▁hole｜>", "▁<SUF>", "<SUF>", "[SUFFIX]"),
    "mid": ("<|fim_middle|>", "<fim_middle>", "<fim-middle>", "<｜fim▁end｜>", "▁<MID>", "<MID>"),
}
"""What the tokens around a hole are called, by the role that llama.cpp's metadata gives them."""

SPECIAL_TEXTS: frozenset[str] = frozenset(f"{_FIM} {_REPOSITORY} {_CHAT_AND_ENDS}".split())
"""Token texts of the families in the catalogue, and those that llama.cpp knows by text."""
