"""Where files were left."""

from __future__ import annotations

from pathlib import Path

import pytest

from coder_tui.assistant.last_places import LastPlaces

A, B = Path("/one/a.py"), Path("/one/b.py")


def test_the_place_where_a_file_was_left(tmp_path: Path) -> None:
    file = tmp_path / "state" / "places.json"
    places = LastPlaces(file)
    assert places.of(A) is None
    places.leave({A: (4, 2), B: (0, 0)})
    places.leave({A: (9, 1)})
    assert (LastPlaces(file).of(A), LastPlaces(file).of(B)) == ((9, 1), (0, 0))
    assert file.stat().st_mode & 0o777 == 0o600


def test_of_two_processes_each_keeps_its_own(tmp_path: Path) -> None:
    one, other = LastPlaces(tmp_path / "places.json"), LastPlaces(tmp_path / "places.json")
    one.leave({A: (1, 1)})
    other.leave({B: (2, 2)})
    assert (one.of(A), one.of(B)) == ((1, 1), (2, 2))


def test_those_left_longest_ago_are_forgotten(tmp_path: Path) -> None:
    places = LastPlaces(tmp_path / "places.json")
    places.leave({A: (1, 1), B: (2, 2)})
    places.leave({A: (3, 3)})
    places.leave({Path(f"/many/{number}"): (number, 0) for number in range(999)})
    assert (places.of(B), places.of(A)) == (None, (3, 3))


def test_nothing_of_what_git_asks_about(tmp_path: Path) -> None:
    places = LastPlaces(tmp_path / "places.json")
    places.leave({Path("/one/.git/COMMIT_EDITMSG"): (3, 0)})
    assert not (tmp_path / "places.json").exists()


@pytest.mark.parametrize(
    "written", ["", "[]", "{", '{"/one/a.py": [1]}', '{"/one/a.py": [-1, true]}', "\0", "[" * 9999]
)
def test_what_is_damaged_is_as_good_as_none(tmp_path: Path, written: str) -> None:
    file = tmp_path / "places.json"
    file.write_text(written)
    places = LastPlaces(file)
    assert places.of(A) is None
    places.leave({A: (1, 2)})
    assert places.of(A) == (1, 2)


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    places = LastPlaces(tmp_path / "file" / "places.json")
    places.leave({A: (1, 1)})
    assert places.of(A) is None
