"""What two readings of a prompt say together of the next token (`core.prompt.Aside`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coder_tui.core.prompt import Aside
from coder_tui.engine.bias import grown, last_line

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Blend:
    """For one request; `follow` is told the tokens as they come."""

    def __init__(self, aside: Aside | None, before: str) -> None:
        """`before` is the end of the prompt: the line at the cursor, or more."""
        self._weight = aside.weight if aside is not None else 0.0
        self._line = last_line(before)
        self.is_on = self._weight > 0
        """Whether the second reading still has a say: as far as the end of the line at the cursor. It does not know
        what stands behind the cursor, nor when to stop."""

    def follow(self, piece: bytes) -> None:
        """A token with these bytes was generated."""
        self._line, is_over = grown(self._line, piece)
        self.is_on = self.is_on and not is_over

    def mixed(self, whole: npt.NDArray[np.float32], aside: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Logits from those of both. They need no common scale: what is added to all of them changes nothing."""
        import os

        if os.environ.get("XARI"):
            import numpy as np

            def l(x):
                m = x.max()
                return x - m - np.log(np.exp(x - m).sum())

            return np.logaddexp(l(whole) + np.log(1 - self._weight), l(aside) + np.log(self._weight))
        return (1 - self._weight) * whole + self._weight * aside
