"""Every failure that a user is told about.

CoderError                  the task failed (exit 1)
├── UsageError              the command line is wrong, whatever is on disk (exit 2)
├── ConfigError             a settings file, variable or flag is wrong
├── DocumentError           a file cannot be read as text, or a place in it does not exist
├── WriteError              a file could not be written, its old content is intact
│   └── ChangedOnDiskError  it is no longer what was read
├── ChangeError             a change has no place, more than one, or one where nothing may be written
├── PromptTooLongError      what must be sent does not fit the model's window
├── WeightsError            a GGUF file is missing, damaged or not usable
│   ├── NoModelError        no model is there yet
│   ├── DownloadError       weights could not be fetched; what came so far is kept
│   └── NoInfillError       the model has no FIM tokens
├── HistoryError            sessions could not be read or kept
└── EngineError             the engine refused or failed a request
    └── EngineDiedError     the engine's process ended by itself; the next request starts a new one
"""

from __future__ import annotations


class CoderError(Exception):
    """A failure that is told in one line, with a hint on how to mend it.

    `str(error)` is the line: no trailing full stop, no traceback, no escape sequences.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(CoderError):
    exit_code = 2


class ConfigError(CoderError):
    pass


class DocumentError(CoderError):
    pass


class WriteError(CoderError):
    pass


class ChangedOnDiskError(WriteError):
    pass


class ChangeError(CoderError):
    pass


class PromptTooLongError(CoderError):
    pass


class WeightsError(CoderError):
    pass


class NoModelError(WeightsError):
    pass


class DownloadError(WeightsError):
    pass


class NoInfillError(WeightsError):
    pass


class HistoryError(CoderError):
    pass


class StoppedError(CoderError):
    """The user did not want to wait for it."""


class EngineError(CoderError):
    pass


class EngineDiedError(EngineError):
    pass
