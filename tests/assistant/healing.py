"""A scripted engine whose answers begin as the prompt wants them to."""

from __future__ import annotations

from coder_tui.core.events import Usage
from coder_tui.core.prompt import Limits, Prompt, Purpose, Sampling
from coder_tui.engine.scripted import ScriptedEngine


class Healing(ScriptedEngine):
    """As the real engine: an answer begins with the text that the prompt forces. Scripts hold what comes after it."""

    def begin(self, prompt: Prompt, sampling: Sampling, limits: Limits, purpose: Purpose) -> tuple[list[str], Usage]:
        chunks, usage = super().begin(prompt, sampling, limits, purpose)
        return [prompt.forced, *chunks] if prompt.forced else chunks, usage
