"""Pulling from a hub that answers, lies, breaks, or is not there."""

from __future__ import annotations

import dataclasses
import errno
import shutil
from pathlib import Path
from typing import Any

import pytest

from coder_tui.core.errors import DownloadError
from coder_tui.weights import hub
from coder_tui.weights.catalog import CatalogEntry
from coder_tui.weights.partial import staging
from coder_tui.weights.progress import Progress, Step
from coder_tui.weights.pull import pull
from coder_tui.weights.sources import Source


def fetch(entry: CatalogEntry, folder: Path, **options: object) -> tuple[Path, list[Progress]]:
    heard: list[Progress] = []
    path = pull(entry, folder, heard.append, source=Source.HUB, **options)
    return path, heard


def test_a_whole_file_gets_its_name_and_leaves_nothing_else(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path
) -> None:
    path, heard = fetch(entry, tmp_path / "models")
    assert path == tmp_path / "models" / "toy.gguf"
    assert path.read_bytes() == model_hub.content
    assert [child.name for child in path.parent.iterdir()] == ["toy.gguf"]
    done = [one.done for one in heard if one.step is Step.DOWNLOADING]
    assert done == sorted(done)
    assert done[-1] == len(model_hub.content)
    assert heard[-1].step is Step.CHECKING


def test_it_asks_for_the_pinned_revision_and_sends_the_token(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    fetch(entry, tmp_path)
    assert model_hub.requests[0]["path"] == "/acme/toy/resolve/abc/toy.gguf"
    headers = {name.lower(): value for name, value in model_hub.requests[0].items()}
    assert headers["authorization"] == "Bearer hf_secret"
    assert headers["accept-encoding"] == "identity"


def test_the_token_does_not_follow_to_another_host(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    model_hub.redirect = model_hub.url.replace("127.0.0.1", "localhost") + "/storage/toy"
    assert fetch(entry, tmp_path)[0].read_bytes() == model_hub.content
    assert [("Authorization" in request) for request in model_hub.requests] == [True, False]


def test_what_is_there_is_not_fetched_again(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    fetch(entry, tmp_path)
    fetch(entry, tmp_path)
    assert len(model_hub.requests) == 1


def test_a_file_of_the_wrong_size_is_fetched_again(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    (tmp_path / entry.file).write_bytes(model_hub.content[:-1])
    path, _ = fetch(entry, tmp_path)
    assert path.read_bytes() == model_hub.content


def test_broken_connections_are_gone_on_from(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.breaks = [50_000, 50_001, 120_000]
    path, heard = fetch(entry, tmp_path)
    assert path.read_bytes() == model_hub.content
    begins = [int(request["Range"][6:-1]) for request in model_hub.requests[1:]]
    assert begins == [50_000, 50_001, 120_000]
    assert sum("trying again" in one.note for one in heard) == 1


def test_a_connection_that_goes_on_breaking_is_an_error_and_what_came_is_kept(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path
) -> None:
    model_hub.breaks = [30_000 + 100 * n for n in range(hub.ATTEMPTS)]
    with pytest.raises(DownloadError, match="the connection to the model hub was lost") as caught:
        fetch(entry, tmp_path)
    assert "goes on where it stopped" in (caught.value.hint or "")
    assert not (tmp_path / entry.file).exists()
    count = len(model_hub.requests)
    path, _ = fetch(entry, tmp_path)
    assert path.read_bytes() == model_hub.content
    assert model_hub.requests[count]["Range"] == "bytes=30400-"


def test_a_server_without_ranges_is_begun_anew(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.breaks, model_hub.ranges = [60_000], False
    path, _ = fetch(entry, tmp_path)
    assert path.read_bytes() == model_hub.content


def test_a_range_from_elsewhere_is_not_appended(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.breaks, model_hub.shift = [60_000], 1
    path, _ = fetch(entry, tmp_path)
    assert path.read_bytes() == model_hub.content
    assert "Range" not in model_hub.requests[-1]


def test_a_wrong_byte_is_one_line_and_nothing_stays(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    wrong = bytearray(model_hub.content)
    wrong[100_000] ^= 1
    model_hub.content = bytes(wrong)
    with pytest.raises(DownloadError, match=r"what was downloaded is not toy\.gguf .* it was deleted") as caught:
        fetch(entry, tmp_path)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / entry.file).exists()
    assert sum(path.stat().st_size for path in staging(tmp_path / entry.file).rglob("partial")) == 0
    model_hub.content = model_hub.content[:100_000] + bytes([wrong[100_000] ^ 1]) + model_hub.content[100_001:]
    assert fetch(entry, tmp_path)[0].exists()


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_of_another_length_is_refused_before_it_is_fetched(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, change: Any
) -> None:
    model_hub.content = model_hub.content[:change] if change < 0 else model_hub.content + b"x"
    with pytest.raises(DownloadError, match="the catalogue says 200000"):
        fetch(entry, tmp_path)
    assert not (tmp_path / entry.file).exists()


def test_another_file_is_known_by_the_hubs_own_hash(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.etag = "0" * 64
    with pytest.raises(DownloadError, match="another file"):
        fetch(entry, tmp_path)
    assert model_hub.requests == []


def test_an_estimated_size_leaves_the_decision_to_the_hash(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    guess = dataclasses.replace(entry, size_bytes=entry.size_bytes + 64, size_exact=False)
    assert fetch(guess, tmp_path)[0].read_bytes() == model_hub.content


def test_a_file_of_estimated_size_that_is_all_there_is_only_checked(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guess = dataclasses.replace(entry, size_bytes=entry.size_bytes + 64, size_exact=False)
    with monkeypatch.context() as patch:
        patch.setattr("coder_tui.weights.pull.sha256_of", interrupt)
        with pytest.raises(KeyboardInterrupt):
            fetch(guess, tmp_path)
    fetch(guess, tmp_path)
    assert [request.get("Range") for request in model_hub.requests] == [None, "bytes=200000-"]


def interrupt(*_: object) -> str:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("status", "words"), [(404, "no such file"), (401, "HF_TOKEN"), (503, "status 503")])
def test_a_hub_that_says_no(model_hub: Any, entry: CatalogEntry, tmp_path: Path, status: int, words: str) -> None:
    model_hub.head_status = status
    with pytest.raises(DownloadError, match=words):
        fetch(entry, tmp_path)


def test_a_hub_whose_storage_says_no(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.status = 500
    with pytest.raises(DownloadError, match="status 500"):
        fetch(entry, tmp_path)


def test_a_compressed_answer_is_not_taken_for_the_file(model_hub: Any, entry: CatalogEntry, tmp_path: Path) -> None:
    model_hub.compressed = True
    with pytest.raises(DownloadError, match="compressed"):
        fetch(entry, tmp_path)


def test_nobody_listens(entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DownloadError, match=r"the model hub: .*refused"):
        fetch(entry, tmp_path)


def test_a_hub_that_never_answers_is_given_up(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "ANSWER_S", 0.05)
    monkeypatch.setattr(model_hub, "answer_head", lambda _: model_hub.go.wait(20))
    with pytest.raises(DownloadError, match="no answer within"):
        fetch(entry, tmp_path)


def test_offline_is_obeyed(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(DownloadError, match="HF_HUB_OFFLINE"):
        fetch(entry, tmp_path)
    assert model_hub.requests == []


def test_too_little_space_is_said_before_anything_is_fetched(
    model_hub: Any, entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(DownloadError, match=r"not enough space in .*: 200 kB are needed, 1 kB are free") as caught:
        fetch(entry, tmp_path)
    assert "CODER_MODELS_DIR" in (caught.value.hint or "")
    assert model_hub.requests == []


def test_a_directory_that_cannot_be_made(entry: CatalogEntry, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DownloadError, match=r"cannot write to .*file"):
        fetch(entry, tmp_path / "file" / "models")


def test_quota_is_a_full_disk_too(entry: CatalogEntry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr("coder_tui.weights.partial.Partial.__enter__", refuse)
    with pytest.raises(DownloadError, match="is full"):
        fetch(entry, tmp_path)
