"""Where the program keeps its files. Nothing here creates anything: who writes makes the directory."""

from __future__ import annotations

import os
from pathlib import Path

PROJECT_FILE = ".coder.toml"
"""Name of a project's settings file, at the root of its repository."""

VARIABLES = (
    "CODER_CONFIG_DIR", "CODER_DATA_DIR", "CODER_STATE_DIR", "CODER_CACHE_DIR", "CODER_RUNTIME_DIR", "CODER_MODELS_DIR",
)  # fmt: skip
"""Environment variables that move a directory; each wins over the platform's own place."""

_APP = "coder"


def config_dir() -> Path:
    """Where the user's settings file lies."""
    from platformdirs import user_config_path

    return _from_environment("CODER_CONFIG_DIR") or user_config_path(_APP, appauthor=False)


def data_dir() -> Path:
    """What the user would miss: weights, sessions."""
    from platformdirs import user_data_path

    return _from_environment("CODER_DATA_DIR") or user_data_path(_APP, appauthor=False)


def state_dir() -> Path:
    """What only this machine needs: the log, the undo journal."""
    from platformdirs import user_state_path

    return _from_environment("CODER_STATE_DIR") or user_state_path(_APP, appauthor=False)


def cache_dir() -> Path:
    """What can be made again."""
    from platformdirs import user_cache_path

    return _from_environment("CODER_CACHE_DIR") or user_cache_path(_APP, appauthor=False)


def runtime_dir() -> Path:
    """What is there while a process of ours runs: the socket of the engine that commands share. In the user's own cache
    where the system has no place for it: anybody may write to a common folder for temporary files."""
    system = _from_environment("XDG_RUNTIME_DIR")
    return _from_environment("CODER_RUNTIME_DIR") or (system / _APP if system else cache_dir() / "run")


def models_dir(configured: str = "") -> Path:
    """Where weights are: CODER_MODELS_DIR, else `configured` (the setting `paths.models`), else in the data folder."""
    chosen = _from_environment("CODER_MODELS_DIR")
    if chosen is None and configured:
        chosen = Path(configured).expanduser()
    return chosen or data_dir() / "models"


def log_file() -> Path:
    """What llama.cpp and the engine's process have to say."""
    return state_dir() / "coder.log"


def sessions_file() -> Path:
    """Chats."""
    return data_dir() / "sessions.db"


def themes_dir() -> Path:
    """The user's own colours for the terminal app."""
    return user_file().parent / "themes"


def journal_dir() -> Path:
    """What was changed in files, so that it can be taken back."""
    return state_dir() / "journal"


def places_file() -> Path:
    """Where the cursor was in files."""
    return state_dir() / "places.json"


def states_dir() -> Path:
    """What models have read, for the next time."""
    return cache_dir() / "states"


def facts_dir() -> Path:
    """What is known of the files of models."""
    return cache_dir() / "models"


def user_file() -> Path:
    """The user's settings."""
    return config_dir() / "config.toml"


def _from_environment(variable: str) -> Path | None:
    """Absolute, so that it means the same after a change of directory and in the engine's process."""
    text = os.environ.get(variable, "")
    return Path(text).expanduser().absolute() if text else None
