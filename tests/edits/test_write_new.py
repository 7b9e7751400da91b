"""Files that are made, and files that are taken away again."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from coder_tui.config import atomic
from coder_tui.core.errors import ChangedOnDiskError, WriteError
from coder_tui.edits.journal import digest
from coder_tui.edits.write import create, remove


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were written through to the disk, from now on."""
    found, real = list[str](), os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            found.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


@pytest.fixture(params=["exclusive", "plain"])
def no_links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As FAT has it; `plain` as where a rename cannot spare what is there."""

    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", link)
    if request.param == "plain":
        monkeypatch.setattr(atomic, "_renamed", lambda *_: False)


@pytest.mark.usefixtures("no_links")
def test_without_hard_links(tmp_path: Path) -> None:
    create(tmp_path / "a.py", b"x\n")
    assert (tmp_path / "a.py").read_bytes() == b"x\n"
    with pytest.raises(WriteError, match="is there already"):
        create(tmp_path / "a.py", b"y\n")
    (tmp_path / "gone.py").symlink_to("nowhere")
    with pytest.raises(WriteError, match="is there already"):
        create(tmp_path / "gone.py", b"y\n")
    assert (tmp_path / "a.py").read_bytes() == b"x\n"
    assert names(tmp_path) == ["a.py", "gone.py"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
def test_a_power_cut_finds_what_was_made_and_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found, below = synced(monkeypatch), tmp_path / "one" / "two"
    create(below / "a.py", b"x\n")
    assert found == [str(below), str(below.parent), str(tmp_path)]
    found.clear()
    remove(below / "a.py", digest=digest(b"x\n"), folders=2)
    assert found == [str(below), str(below.parent), str(tmp_path)]
    assert names(tmp_path) == []


def test_a_folder_with_something_else_in_it_stays(tmp_path: Path) -> None:
    below = tmp_path / "one" / "two"
    create(below / "a.py", b"x\n")
    (below.parent / "mine").touch()
    remove(below / "a.py", digest=digest(b"x\n"), folders=2)
    assert names(below.parent) == ["mine"]


def test_only_what_is_known_is_taken_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"mine\n")
    with pytest.raises(ChangedOnDiskError, match="has changed since; it stays as it is"):
        remove(path, digest=digest(b"x\n"))
    real = Path.rename

    def late(self: Path, target: Path) -> Path:
        self.write_bytes(b"mine, in the last moment\n")
        return real(self, target)

    path.write_bytes(b"x\n")
    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(ChangedOnDiskError):
        remove(path, digest=digest(b"x\n"))
    assert path.read_bytes() == b"mine, in the last moment\n"
    assert names(tmp_path) == ["a.py"]


def test_what_was_made_anew_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"x\n")
    real = Path.rename

    def late(self: Path, target: Path) -> Path:
        self.write_bytes(b"mine\n")
        done = real(self, target)
        self.write_bytes(b"mine, saved again\n")
        return done

    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(ChangedOnDiskError):
        remove(path, digest=digest(b"x\n"))
    assert path.read_bytes() == b"mine, saved again\n"
    assert names(tmp_path) == ["a.py"]
