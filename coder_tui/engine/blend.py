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
        """Log-probabilities of the mean of both readings' probabilities: what one of them is sure of is not overruled
        by the other's doubt, as it would be by the mean of their logarithms."""
        import numpy as np

        found = _probabilities(whole, 1 - self._weight)
        found += _probabilities(aside, self._weight)
        np.maximum(found, np.finfo(np.float32).tiny, out=found)
        np.log(found, out=found)
        return found


def _probabilities(logits: npt.NDArray[np.float32], total: float) -> npt.NDArray[np.float32]:
    """Of all tokens; `total` together."""
    import numpy as np

    found: npt.NDArray[np.float32] = np.exp(logits - logits.max())
    found *= np.float32(total / found.sum())
    return found
