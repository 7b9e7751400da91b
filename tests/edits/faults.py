"""Ending a process, or failing a call, at the n-th thing that it does to the disk."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

CALLS = ("open", "write", "fsync", "rename", "replace", "unlink", "mkdir", "rmdir", "link", "fchmod", "fchown", "close")
"""Of the module `os`; pathlib, shutil and open() end there or are patched by name below."""


@contextmanager
def intercepted(decide: Callable[[int, str], None]) -> Iterator[list[str]]:
    """Asks `decide` before each call; gives the names of the calls that were made."""
    made: list[str] = []
    kept = {name: getattr(os, name) for name in CALLS}

    def wrap(name: str) -> Callable[..., object]:
        real = kept[name]

        def call(*arguments: object, **options: object) -> object:
            made.append(name)
            decide(len(made), name)
            return real(*arguments, **options)

        return call

    try:
        for name in CALLS:
            setattr(os, name, wrap(name))
        yield made
    finally:
        for name, real in kept.items():
            setattr(os, name, real)


def count(work: Callable[[], object]) -> int:
    """How many calls it makes."""
    with intercepted(lambda *_: None) as made:
        work()
    return len(made)


def killed(work: Callable[[], object], at: int) -> bool:
    """Do it in a process of its own that is killed before its call number `at`; whether it came so far."""
    child = os.fork()
    if child == 0:

        def decide(number: int, _: str) -> None:
            if number == at:
                os.kill(os.getpid(), signal.SIGKILL)

        try:
            with intercepted(decide):
                work()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def failing_from(work: Callable[[], object], at: int, code: int) -> BaseException | None:
    """Do it here with every call from number `at` on failing, as on a disk that is gone; what it raised."""

    def decide(number: int, name: str) -> None:
        if number >= at and name != "close":
            raise OSError(code, os.strerror(code))

    with intercepted(decide):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - that is what is looked at
            return error
    return None


def failing(work: Callable[[], object], at: int, code: int) -> BaseException | None:
    """Do it here with call number `at` failing; what it raised."""

    def decide(number: int, name: str) -> None:
        if number == at and name != "close":
            raise OSError(code, os.strerror(code))

    with intercepted(decide):
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - that is what is looked at
            return error
    return None
