"""coder: a coding assistant for the terminal that runs DeepSeek Coder weights in its own process."""

from __future__ import annotations

__version__ = "0.1.0"
