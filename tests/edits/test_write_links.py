"""Writing through links: hard ones, and symbolic ones that stay in the repository or leave it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from edits.writing import LIMIT, insert, opened

from coder_tui.core.document import Span
from coder_tui.core.errors import WriteError
from coder_tui.edits.files import read
from coder_tui.edits.write import apply


def test_another_name_of_the_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    document = opened(path)
    os.link(path, tmp_path / "b.py")
    warnings = apply(document, [(Span(0, 0), "x")], repository=None)
    assert warnings == (f"{path} had 2 names (hard links); the others keep the old content",)
    assert (tmp_path / "b.py").read_text() == "one\ntwo\n"


def test_a_link_inside_the_repository_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    opened(tmp_path / "src/real.py")
    link = tmp_path / "link.py"
    link.symlink_to("src/real.py")
    insert(read(link, max_bytes=LIMIT), 0, "x", repository=tmp_path)
    assert link.is_symlink()
    assert (tmp_path / "src/real.py").read_text() == "xone\ntwo\n"


@pytest.mark.parametrize("place", ["link.py", "folder/secret.py", "folder/../secret.py", "hook.py"])
def test_a_link_out_of_the_repository_is_refused(tmp_path: Path, place: str) -> None:
    repository, outside = tmp_path / "repository", tmp_path / "outside"
    (repository / ".git/hooks").mkdir(parents=True)
    (outside / "below").mkdir(parents=True)
    for path in (outside / "secret.py", outside / "below/secret.py", repository / ".git/hooks/pre-commit"):
        path.write_text("secret\n")
    (repository / "link.py").symlink_to(outside / "secret.py")
    (repository / "folder").symlink_to(outside / "below")
    (repository / "hook.py").symlink_to(".git/hooks/pre-commit")
    alias = tmp_path / "alias"
    alias.symlink_to(repository)
    for root in (repository, alias):
        document = read(root / place, max_bytes=LIMIT)
        with pytest.raises(WriteError, match="through a link that leads out of") as caught:
            insert(document, 0, "x", repository=repository)
        assert caught.value.hint == "--follow writes there"
    insert(document, 0, "x", repository=repository, follow=True)
    assert (alias / place).read_text() == "xsecret\n"


def test_outside_of_a_repository_a_link_may_lead_to_its_own_directory(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    opened(tmp_path / "here/real.py")
    opened(tmp_path / "there.py")
    near, far = tmp_path / "here/near.py", tmp_path / "here/far.py"
    near.symlink_to("real.py")
    far.symlink_to("../there.py")
    insert(read(near, max_bytes=LIMIT), 0, "x")
    assert (tmp_path / "here/real.py").read_text() == "xone\ntwo\n"
    with pytest.raises(WriteError, match="leads out of its directory"):
        insert(read(far, max_bytes=LIMIT), 0, "x")


def test_a_file_beside_the_repository_is_no_link_out_of_it(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    path = tmp_path / "notes.py"
    insert(opened(path), 0, "x", repository=tmp_path / "repository")
    assert path.read_text() == "xone\ntwo\n"
