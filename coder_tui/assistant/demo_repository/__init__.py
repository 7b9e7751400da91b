"""The files of `coder demo`: a sort with a hole in it, and a small project in three files.

Modelled on two examples of the DeepSeek-Coder README, code insertion and repository-level completion, in words of our
own. They end in `.txt` because they are unfinished on purpose.
"""

from __future__ import annotations

from importlib.resources import files

NAMES = ("sort.py", "utils.py", "model.py", "main.py")


def content(name: str) -> str:
    """The text of one of NAMES."""
    return files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
