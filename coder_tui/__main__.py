"""The `coder` command, and `python -m coder_tui`: whatever happens, the user sees a line and never a traceback."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import NoReturn, TextIO

from coder_tui import __version__

_INTERRUPTED = 130


def main() -> None:
    """Run the command line and exit."""
    try:
        _prepare()
        _run()
    except KeyboardInterrupt:
        _interrupted()
    except SystemExit as ended:
        if ended.code == _INTERRUPTED:
            _interrupted()
        raise
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the end takes no time; Ctrl-C in it would show as a traceback
        sys.excepthook = _unforeseen  # not before: typer has one of its own
        _drain()


def _run() -> None:
    from coder_tui.cli import output
    from coder_tui.core.errors import CoderError

    try:
        if sys.argv[1:] in (["--version"], ["-V"]):  # without the commands, which take 80 ms to import
            output.write(f"coder {__version__}\n")
            return
        from coder_tui.cli import starting

        opened = starting.opened_by(sys.argv[1:])
        if opened is not None:
            starting.run(*opened)
            return
        from coder_tui.cli.app import app

        app(prog_name="coder")
    except CoderError as error:
        output.fail(str(error), error.hint)
        sys.exit(error.exit_code)
    except OSError as error:
        output.fail(_words(error))
        sys.exit(1)


def _prepare() -> None:
    """Standard streams that are open and forgiving, and no other way out than through the cleaning up."""
    _open_missing_streams()
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # what is not in the locale's encoding becomes a question mark
    sys.unraisablehook = _unraisable
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # nohup ignores SIGHUP, and so it stays
            signal.signal(number, _ended)


def _unraisable(about: sys.UnraisableHookArgs) -> None:
    """A signal that came where Python cannot raise it, in a callback of its import system say, would be lost."""
    lost = about.exc_value
    number = signal.SIGINT if isinstance(lost, KeyboardInterrupt) else getattr(lost, "number", None)
    if number is not None:
        from threading import Timer

        again = Timer(0.01, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(about)


def _open_missing_streams() -> None:
    """Streams that were closed (`<&-`) end at once, and the next file that is opened does not get their numbers.

    What would be printed on a closed stdout is lost, so writing to it fails, as with other programs.
    """
    for number, flags in enumerate((os.O_RDONLY, os.O_RDONLY, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)  # the lowest number that is free
    if sys.stdin is None:
        sys.stdin = os.fdopen(0, closefd=False)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def _ended(number: int, _frame: FrameType | None) -> NoReturn:
    """Told to end: as with Ctrl-C, nothing half done and no process is left behind."""
    raise _ToldToEnd(number)


class _ToldToEnd(SystemExit):
    """By a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number


def _interrupted() -> NoReturn:
    """End after Ctrl-C. Python's own end would now and then be one by the signal instead of with exit code 130: it
    keeps in mind that Ctrl-C came while a dataclass was being made."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _drain()
    os._exit(_INTERRUPTED)


def _drain() -> None:
    """Write out what is still in the buffers, so that Python has nothing to complain about at exit."""
    ending = sys.exc_info()[1]
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            _silence(stream)
            told = isinstance(ending, SystemExit) and ending.code
            if not told and not isinstance(error, BrokenPipeError):  # who closed the pipe has read enough
                from coder_tui.cli import output

                output.fail(f"the output could not be written: {_words(error)}")
                sys.exit(1)


def _silence(stream: TextIO) -> None:
    """What is left in a buffer goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _words(error: OSError) -> str:
    where = f" ({error.filename})" if error.filename else ""
    return f"{(error.strerror or str(error)).lower()}{where}"


def _unforeseen(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A bug: the traceback goes to the log, a line to the user."""
    import contextlib
    import traceback

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, KeyboardInterrupt):  # while a class was being made, which Python tells as a RuntimeError
            _interrupted()
        if isinstance(cause, SystemExit) and isinstance(cause.code, int):  # told to end at such a moment
            os._exit(cause.code)
        cause = cause.__cause__ or cause.__context__
    from coder_tui.cli import output
    from coder_tui.config import paths

    log = paths.log_file()
    with contextlib.suppress(OSError):
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            traceback.print_exception(kind, error, trace, file=file)
    output.fail(f"coder has met a fault of its own: {kind.__name__}: {error}", f"what led to it is in {log}")


if __name__ == "__main__":
    main()
