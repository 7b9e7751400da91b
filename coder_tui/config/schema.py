"""Everything that can be set: one frozen dataclass for each section of the settings file.

The text of a setting is data, not a docstring, because `coder config show` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, cast

from coder_tui.config.keymap import KeySettings
from coder_tui.config.kinds import SWITCH, CatalogueName, Choice, Directory, File, Integer, Number, Text, Value, setting


@dataclass(frozen=True, slots=True)
class ModelSettings:
    name: str = setting(
        "auto",
        Text(one_line=True),
        "The model to use: a name from `coder models list` or the path of a GGUF file. "
        '"auto" takes the best one that is installed, a DeepSeek Coder before any other.',
        project=CatalogueName(),
    )
    gpu_layers: int | Literal["auto"] = setting(
        "auto",
        Integer(0, 1000, auto=True),
        'Layers of the model to keep on the GPU: "auto" takes all that fit, 0 stays on the CPU.',
        project=False,
    )
    threads: int | Literal["auto"] = setting(
        "auto",
        Integer(1, 1024, auto=True),
        'CPU threads that compute: "auto" takes one for each core that this process may use.',
        project=False,
    )
    context_tokens: int = setting(
        8192,
        Integer(256, 1_048_576),
        "Size of the context window in tokens; more takes more memory. A model trained for fewer tokens gets those.",
        project=False,
    )
    batch_tokens: int = setting(
        512,
        Integer(16, 8192),
        "Prompt tokens evaluated in one go. Larger is a little faster and takes more memory.",
        project=False,
    )
    flash_attention: Literal["auto", "on", "off"] = setting(
        "auto",
        Choice(("auto", "on", "off")),
        "Flash attention: auto is on where a GPU can; on a CPU where it was measured to be faster.",
        project=False,
    )
    kv_type: Literal["auto", "f16", "q8_0"] = setting(
        "auto",
        Choice(("auto", "f16", "q8_0")),
        "How the KV cache is kept: q8_0 takes half the memory, needs flash attention, and moves nothing as exactly. "
        "auto takes f16 unless it would fill half of the memory that the weights leave.",
        project=False,
    )
    mmap: Literal["auto", "on", "off"] = setting(
        "auto",
        Choice(("auto", "on", "off")),
        "Whether weights are mapped from the file; off reads them into memory, as auto does over a network.",
        project=False,
    )
    stay_minutes: int = setting(
        0,
        Integer(0, 10_080),
        "How long a model stays in memory after a command, for the next one; 0 ends it with each. The app has its own.",
        project=False,
    )


@dataclass(frozen=True, slots=True)
class SuggestSettings:
    max_tokens: int = setting(128, Integer(1, 16_384), "Tokens of a suggestion, at most.")
    prefix_lines: int = setting(
        256, Integer(0, 100_000), "Lines before the cursor that are sent, if `suggest.prompt_tokens` has room for them."
    )
    suffix_lines: int = setting(64, Integer(0, 100_000), "Lines after the cursor that are sent, likewise.")
    prompt_tokens: int | Literal["auto"] = setting(
        "auto",
        Integer(64, 1_048_576, auto=True),
        "Tokens of the file around the cursor that are read before a suggestion: each of them is waited for. "
        '"auto" is what a CPU reads in seven seconds (1024 on two cores) and all that the window holds on a GPU.',
    )
    t_max_ms: int = setting(
        0, Integer(0, 3_600_000), "Milliseconds for a whole suggestion, the prompt included; 0 sets no limit."
    )
    temperature: float = setting(0.0, Number(0, 2), "How freely tokens are chosen; 0 always takes the likeliest.")
    max_wait_ms: int = setting(
        0,
        Integer(0, 3_600_000),
        "While you type: milliseconds until a suggestion must begin to come, later ones are dropped; 0 sets no limit.",
    )
    reuse: Literal["auto", "exact", "moved"] = setting(
        "auto",
        Choice(("auto", "exact", "moved")),
        "What happens in the KV cache to the text behind a change: it is evaluated again (exact), or moved to its new "
        "place, which saves most of the waiting (moved). auto moves where the model allows it and this machine is "
        "faster with it.",
    )
    blend: float | Literal["auto"] = setting(
        "auto",
        Number(0, 1, auto=True),
        "How much the text before the cursor, read as if the file ended there, counts for the line at the cursor; 0 "
        "takes one reading only. auto looks at what stands behind the cursor; 0 with all but the smallest models.",
    )
    adapter: str = setting(
        "off",
        File(("off",)),
        "A LoRA for suggestions, in a GGUF file that is for the weights in use; chats go without it. off uses none.",
        project=False,
    )
    cache_bytes: int = setting(
        4_194_304,
        Integer(0, 1_073_741_824),
        "Memory for suggestions that may be shown again without the model, in bytes; 0 keeps none.",
        project=False,
    )
    speculate: Literal["on", "off"] = setting(
        "on", SWITCH, "Whether the suggestion after the one shown is computed while you read.", project=False
    )


@dataclass(frozen=True, slots=True)
class ContextSettings:
    sources: str = setting(
        "auto",
        Text(one_line=True),
        "What goes along with a suggestion, by commas: pinned, definitions, own, modules, uses, callers, tests, "
        'similar, recent, changes, commits, together. "auto" takes what was found to help.',
    )
    snippet_tokens: int | Literal["auto"] = setting(
        "auto",
        Integer(0, 1_048_576, auto=True),
        "Tokens of other files that go along with a suggestion, at most; 0 sends none. "
        '"auto" is what a CPU reads in about a second, once, and a quarter of the window on a GPU.',
    )
    exclude: str = setting(
        "",
        Text(),
        "Files that are never sent along, as patterns in the form of .gitignore, separated by commas or one a line. "
        "A file .coderignore in the repository does the same.",
    )


@dataclass(frozen=True, slots=True)
class ChatSettings:
    system: str = setting("", Text(), "What the model is told before a chat; empty leaves it to the model's template.")
    max_tokens: int = setting(1024, Integer(1, 131_072), "Tokens of an answer, at most.")
    temperature: float = setting(0.2, Number(0, 2), "How freely tokens are chosen; 0 always takes the likeliest.")
    here: Literal["on", "off"] = setting(
        "on",
        Choice(("on", "off")),
        "Whether the code at the cursor goes along with a question of the app that has nothing else attached.",
    )


@dataclass(frozen=True, slots=True)
class PromptSettings:
    dialect: Literal["auto", "deepseek-preview"] = setting(
        "auto",
        Choice(("auto", "deepseek-preview")),
        'How a hole is marked: "auto" reads it from the model, "deepseek-preview" is the format of the preview README.',
    )
    chat: Literal["auto", "deepseek-preview"] = setting(
        "auto",
        Choice(("auto", "deepseek-preview")),
        'How a chat is laid out: "auto" takes the model\'s template, "deepseek-preview" "Below is an instruction ...".',
    )
    layout: Literal["auto", "comments", "tokens"] = setting(
        "auto",
        Choice(("auto", "comments", "tokens")),
        "How files that go along are told apart: by a comment with their path, or by the model's own tokens where it "
        "has them; auto is what was measured to be better for the model's family.",
    )
    healing: Literal["on", "off"] = setting(
        "on",
        SWITCH,
        "Whether the unfinished word at the cursor is generated again, in tokens of the model's choice; "
        "off takes it as it stands.",
    )


@dataclass(frozen=True, slots=True)
class PathSettings:
    models: str = setting(
        "",
        Directory(),
        "Directory of the weights; empty is a folder in the user's data directory. CODER_MODELS_DIR wins over it.",
        project=False,
    )


@dataclass(frozen=True, slots=True)
class FileSettings:
    max_bytes: int = setting(
        134_217_728, Integer(1024, 4_294_967_296), "The largest file that is read, in bytes.", project=False
    )


@dataclass(frozen=True, slots=True)
class CacheSettings:
    state_bytes: int = setting(
        1_073_741_824,
        Integer(0, 1_099_511_627_776),
        "Disk space for what the model has read, so that it need not read that again for the next command, or in a "
        "file or chat that is opened again, in bytes; 0 keeps nothing. It holds your code, for your eyes only.",
        project=False,
    )
    memory_bytes: int = setting(
        268_435_456,
        Integer(0, 1_099_511_627_776),
        "Memory for what the model has read of other places, files and chats, so that it need not read that again when "
        "you come back, in bytes; never more than the KV cache itself has.",
        project=False,
    )
    state_days: int = setting(14, Integer(1, 3650), "Days after which what was not used goes.", project=False)


@dataclass(frozen=True, slots=True)
class HistorySettings:
    enabled: Literal["on", "off"] = setting(
        "on",
        SWITCH,
        "Whether chats are kept, for `coder sessions` and `coder chat --continue`; on this machine only.",
        project=Choice(("off",)),
    )


@dataclass(frozen=True, slots=True)
class JournalSettings:
    bytes: int = setting(
        268_435_456,
        Integer(0, 1_099_511_627_776),
        "Disk space for what `coder undo` needs: what changed files were and became; 0 keeps nothing.",
        project=False,
    )
    days: int = setting(30, Integer(1, 3650), "Days after which a change can no longer be taken back.", project=False)


@dataclass(frozen=True, slots=True)
class AppSettings:
    theme: str = setting(
        "auto",
        Text(one_line=True),
        'Colours of the terminal app: the name of a theme, or "auto" for its own dark one.',
        project=False,
    )
    suggest: Literal["auto", "manual", "off"] = setting(
        "auto",
        Choice(("auto", "manual", "off")),
        "When suggestions are asked for: auto is while you type, manual only at a key, off never.",
    )
    suggest_not_in: str = setting(
        "",
        Text(one_line=True),
        "Files for which no suggestions come by themselves: patterns and languages with commas between them, as in "
        "*.md,docs/*,yaml.",
    )
    wrap: Literal["on", "off"] = setting("off", SWITCH, "Whether the editor wraps long lines.", project=False)
    places: Literal["on", "off"] = setting(
        "on", SWITCH, "Whether a file opens where the cursor was when it was closed.", project=False
    )
    chat: Literal["auto", "side", "bottom"] = setting(
        "auto",
        Choice(("auto", "side", "bottom")),
        "Where the chat stands; auto is at the side of a wide terminal and at the bottom of a narrow one.",
        project=False,
    )


@dataclass(frozen=True, slots=True)
class Settings:
    model: ModelSettings = ModelSettings()
    suggest: SuggestSettings = SuggestSettings()
    context: ContextSettings = ContextSettings()
    chat: ChatSettings = ChatSettings()
    prompts: PromptSettings = PromptSettings()
    paths: PathSettings = PathSettings()
    files: FileSettings = FileSettings()
    cache: CacheSettings = CacheSettings()
    history: HistorySettings = HistorySettings()
    journal: JournalSettings = JournalSettings()
    app: AppSettings = AppSettings()
    keys: KeySettings = field(default=KeySettings())

    def value(self, key: str) -> Value:
        """The value of a setting by its key, `section.name`."""
        section, _, name = key.partition(".")
        return cast("Value", getattr(getattr(self, section), name))
