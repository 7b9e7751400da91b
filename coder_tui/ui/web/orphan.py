"""An app whose server is gone has nobody to look at it: it ends too. Unsaved text has its recovery copies by then."""

from __future__ import annotations

import os
import threading
import time

_LOOK_S = 1.0
_GRACE_S = 2.0
"""For an app that notices by itself, and for copies of what was typed last."""


def end_with_parent() -> None:
    """From now on. In a thread and without ceremony: what the app writes to its server fails, and may end its loop."""
    threading.Thread(target=_watch, args=(os.getppid(),), name="orphan", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    time.sleep(_GRACE_S)
    os._exit(1)
