"""KV states on disk: whole or nothing, for their user only, and never too many."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_tui.engine.state_file import State, fingerprint_of_file, load, prune, save

MODEL = "model 1"
ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from coder_tui.engine.state_file import State, save
number = int(sys.argv[2])
for _ in range(40):
    save(Path(sys.argv[1]), "model 1", State([number] * 9, number, memoryview(bytes([number]) * 100_000)))
"""


def state(cells: bytes = b"cells" * 10, tokens: tuple[int, ...] = (1, 2, 3)) -> State:
    return State(tokens, 2, memoryview(cells))


def name(number: int) -> str:
    return f"{number:032x}.kv"


@given(st.lists(st.integers(0, 2**31 - 1), max_size=50), st.binary(max_size=200), st.text(max_size=20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_saved_comes_back(tmp_path: Path, tokens: list[int], cells: bytes, fingerprint: str) -> None:
    path = tmp_path / "deep" / "x.kv"
    size = save(path, fingerprint, State(tokens, len(tokens), memoryview(cells)))
    assert path.stat().st_size == size
    found = load(path, fingerprint)
    assert found is not None
    assert (list(found.tokens), found.exact, bytes(found.cells)) == (tokens, len(tokens), cells)
    assert list(path.parent.iterdir()) == [path]


def test_any_damage_makes_it_none(tmp_path: Path) -> None:
    path = tmp_path / "x.kv"
    save(path, MODEL, state())
    whole = path.read_bytes()
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    damaged += [whole[:at] for at in range(len(whole))] + [whole + b"x"]
    for data in damaged:
        path.write_bytes(data)
        assert load(path, MODEL) is None
        assert not path.exists(), "a broken file stays"


def test_of_another_model(tmp_path: Path) -> None:
    save(tmp_path / "x.kv", MODEL, state())
    assert load(tmp_path / "x.kv", "model 2") is None
    assert load(tmp_path / "none.kv", MODEL) is None


def test_nobody_else_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "states" / "x.kv"
    save(path, MODEL, state())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_links_are_not_followed(tmp_path: Path) -> None:
    save(tmp_path / "x.kv", MODEL, state())
    (tmp_path / "link.kv").symlink_to(tmp_path / "x.kv")
    assert load(tmp_path / "link.kv", MODEL) is None
    assert load(tmp_path / "x.kv", MODEL) is not None


def test_a_failure_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.kv"
    save(path, MODEL, state())

    def refuse(_self: Path, _target: Path) -> Path:
        raise OSError(28, "no space")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no space"):
        save(path, MODEL, state(b"new"))
    assert list(tmp_path.iterdir()) == [path]
    found = load(path, MODEL)
    assert found is not None
    assert bytes(found.cells) == b"cells" * 10


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 40)), max_size=12), st.integers(0, 3000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pruning(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[int, int]], limit: int) -> None:
    folder, now = tmp_path_factory.mktemp("states"), time.time()
    for number, (size, age) in enumerate(files):
        save(folder / name(number), MODEL, state(b"x" * size))
        os.utime(folder / name(number), (now - age * 86400, now - age * 86400))
    (folder / "other").write_text("not ours")
    sizes = {number: (folder / name(number)).stat().st_size for number in range(len(files))}
    left = prune(folder, limit, 20.5)
    kept = {number for number in sizes if (folder / name(number)).exists()}
    assert sum(sizes[number] for number in kept) == left <= limit
    assert all(files[number][1] <= 20 for number in kept)
    gone = {number for number in sizes if number not in kept and files[number][1] <= 20}
    assert not gone or not kept or min(files[one][1] for one in gone) >= max(files[one][1] for one in kept)
    assert (folder / "other").exists()


def test_left_over_temporary_files_go(tmp_path: Path) -> None:
    old, new = (f"{number:032x}-{number:016x}.tmp" for number in (1, 2))
    for file, age in ((old, 7200), (new, 10)):
        (tmp_path / file).write_bytes(b"x")
        os.utime(tmp_path / file, (time.time() - age, time.time() - age))
    assert prune(tmp_path, 0, 1) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / new]
    assert prune(tmp_path / "none", 0, 1) == 0


def test_other_files_stay(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"x")
    files = [tmp_path / file for file in ("notes.tmp", "mine.kv", f"{1:032x}.kvx", f"{1:032x}.tmp")]
    for file in [*files, target]:
        file.write_bytes(b"x")
        os.utime(file, (0, 0))
    (tmp_path / name(2)).symlink_to(target)
    (tmp_path / name(3)).mkdir()
    before = sorted(tmp_path.iterdir())
    assert prune(tmp_path, 0, 1) == 0
    assert sorted(tmp_path.iterdir()) == before


def test_what_another_process_removed_counts_as_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        save(tmp_path / name(number), MODEL, state())
        os.utime(tmp_path / name(number), (number, number))
    size = (tmp_path / name(0)).stat().st_size
    unlink = Path.unlink

    def late(path: Path, missing_ok: bool = False) -> None:
        unlink(path)
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", late)
    assert prune(tmp_path, 3 * size, 10**6) == 3 * size
    assert sorted(tmp_path.iterdir()) == [tmp_path / name(number) for number in (1, 2, 3)]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.kv")
    assert load(tmp_path / "x.kv", MODEL) is None
    assert (tmp_path / "x.kv").exists()


def test_a_state_whose_time_cannot_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_place: object) -> None:
        raise OSError(30, "read-only file system")

    save(tmp_path / "x.kv", MODEL, state())
    monkeypatch.setattr(os, "utime", refuse)
    assert load(tmp_path / "x.kv", MODEL) is not None


def test_two_processes_write_the_same_state(tmp_path: Path) -> None:
    path = tmp_path / "x.kv"
    save(path, MODEL, State([3] * 9, 3, memoryview(b"\3" * 100_000)))
    command = [sys.executable, "-c", WRITER, str(path)]
    writers = [subprocess.Popen([*command, str(number)], cwd=ROOT) for number in (1, 2)]
    running = True
    while running:
        running = any(writer.poll() is None for writer in writers)
        found = load(path, MODEL)
        assert found is not None, "a reader saw part of a state"
        assert found.cells == bytes([found.exact]) * 100_000
        assert list(found.tokens) == [found.exact] * 9
    assert [writer.wait() for writer in writers] == [0, 0]
    assert found.exact in (1, 2)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [0, 10, 1 << 20, 3 << 20])
def test_another_file_has_another_fingerprint(tmp_path: Path, size: int) -> None:
    path = tmp_path / "model.gguf"
    found = set[str]()
    for content in (bytes(size), b"x" + bytes(size), bytes(size) + b"x", b"y" + bytes(size), bytes(size) + b"y"):
        path.write_bytes(content)
        os.utime(path, (1, 1))
        assert fingerprint_of_file(path) == fingerprint_of_file(path)
        found.add(fingerprint_of_file(path))
    assert len(found) == (5 if size else 3)
    os.utime(path, (2, 2))
    assert fingerprint_of_file(path) not in found
