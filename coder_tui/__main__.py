"""The `coder` command, and `python -m coder_tui`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line; whatever happens, the user sees a line and never a traceback."""
    from coder_tui.cli import output
    from coder_tui.core.errors import CoderError

    _forgiving_streams()
    try:
        from coder_tui.cli.app import app

        app(prog_name="coder")
    except CoderError as error:
        output.fail(str(error), error.hint)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        output.fail(f"{error.strerror or error}{where}".lower())
        sys.exit(1)


def _forgiving_streams() -> None:
    """A locale that cannot write a character gets a question mark, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
