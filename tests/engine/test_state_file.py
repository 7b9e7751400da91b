"""KV states on disk: whole or nothing, for their user only, and never too many."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coder_tui.engine.state_file import State, load, prune, save

MODEL = "model 1"


def state(cells: bytes = b"cells" * 10, tokens: tuple[int, ...] = (1, 2, 3)) -> State:
    return State(tokens, 2, memoryview(cells))


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
        save(folder / f"{number}.kv", MODEL, state(b"x" * size))
        os.utime(folder / f"{number}.kv", (now - age * 86400, now - age * 86400))
    (folder / "other").write_text("not ours")
    sizes = {number: (folder / f"{number}.kv").stat().st_size for number in range(len(files))}
    left = prune(folder, limit, 20.5)
    kept = {number for number in sizes if (folder / f"{number}.kv").exists()}
    assert sum(sizes[number] for number in kept) == left <= limit
    assert all(files[number][1] <= 20 for number in kept)
    gone = {number for number in sizes if number not in kept and files[number][1] <= 20}
    assert not gone or not kept or min(files[one][1] for one in gone) >= max(files[one][1] for one in kept)
    assert (folder / "other").exists()


def test_left_over_temporary_files_go(tmp_path: Path) -> None:
    for name, age in (("old.tmp", 7200), ("new.tmp", 10)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (time.time() - age, time.time() - age))
    assert prune(tmp_path, 0, 1) == 0
    assert list(tmp_path.iterdir()) == [tmp_path / "new.tmp"]
    assert prune(tmp_path / "none", 0, 1) == 0
