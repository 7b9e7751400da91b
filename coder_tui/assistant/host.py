"""The model behind an app: loaded in a thread of its own while the app is used, exchanged, and ended with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Union

from coder_tui.config.schema import Settings
from coder_tui.core.errors import CoderError, NoModelError
from coder_tui.core.prompt import ModelInfo

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no model of the wanted name."""

    error: NoModelError


@dataclass(frozen=True, slots=True)
class Loading:
    """A model is being loaded."""

    name: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A model could not be loaded."""

    error: CoderError


@dataclass(frozen=True, slots=True)
class Restarted:
    """The engine has ended by itself, and was started again."""

    error: CoderError


_QUIET_S = 20.0
"""So long after a model is loaded, and after a try that was in somebody's way, its speed is measured."""
State = Union[Missing, Loading, Broken, Restarted, "Ready"]
"""What becomes of a model; Ready is one that answers."""
Open = Callable[..., "AbstractContextManager[Ready]"]


class ModelHost:
    """Holds one model at a time. States are told on the host's own threads, in their order."""

    def __init__(
        self,
        settings: Settings,
        told: Callable[[State], None],
        *,
        find: Callable[[Settings], Path],
        log_file: Path | None,
        open_model: Open | None = None,
    ) -> None:
        """`find` gives the file that settings mean; it raises NoModelError where that is not there yet."""
        self._settings = settings
        self._told = told
        self._find = find
        self._log_file = log_file
        self._open = open_model
        self._over: threading.Event | None = None
        self._thread: threading.Thread | None = None

    def start(self, settings: Settings | None = None) -> None:
        """Load the model that the settings name, in place of the one that is there."""
        if settings is not None:
            self._settings = settings
        before, self._over = self._thread, threading.Event()
        self._thread = threading.Thread(
            target=self._hold, args=(self._settings, self._over, before), name="model", daemon=True
        )
        self._thread.start()

    def release(self) -> None:
        """Let go of the model, without waiting for its end; `start` may follow."""
        if self._over is not None:
            self._over.set()

    def close(self, wait_s: float = 5.0) -> None:
        """Let go of the model and wait for the end of its process."""
        self.release()
        if self._thread is not None:
            self._thread.join(wait_s)

    def _hold(self, settings: Settings, over: threading.Event, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()
        try:
            path = self._find(settings)
            if over.is_set():
                return

            def loading(info: ModelInfo) -> None:
                self._told(Loading(info.name))

            from coder_tui.assistant.opening import opened  # 40 ms that the app's first picture need not wait for

            with (self._open or opened)(path, settings, log_file=self._log_file, typing=True, loading=loading) as ready:
                if not over.is_set():
                    self._told(ready)
                    _watch(ready, lambda error: self._told(Restarted(error)))
                while not over.wait(_QUIET_S) and not _is_measured(ready):
                    pass
                over.wait()
        except NoModelError as error:
            self._told(Missing(error))
        except CoderError as error:
            if not over.is_set():
                self._told(Broken(error))


def _watch(ready: Ready, told: Callable[[CoderError], object]) -> None:
    from coder_tui.engine.client import LlamaEngine

    if isinstance(ready.engine, LlamaEngine):
        ready.engine.restarted = told


def _is_measured(ready: Ready) -> bool:
    """Measure the model's speed here, if that is not known for sure yet, for the next start; False to try again later,
    since somebody was waiting for the model."""
    from coder_tui.assistant import calibration
    from coder_tui.engine.client import LlamaEngine

    engine, settings = ready.engine, ready.settings.model
    if not isinstance(engine, LlamaEngine):
        return True
    found, on_gpu = calibration.known(ready.path, settings), ready.on_gpu
    if calibration.is_whole(found, settings, on_gpu=on_gpu) and calibration.is_sure(found, on_gpu=on_gpu):
        return True
    return calibration.measure(engine, ready.path, settings, thorough=True) is not None
