"""What Textual does not promise to keep of its Markdown. It takes 40 ms that the first picture does without."""

from __future__ import annotations

from textual.widgets._markdown import MarkdownFence

__all__ = ["MarkdownFence"]
