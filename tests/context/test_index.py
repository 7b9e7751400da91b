"""The index follows what happens to a repository, and a damaged one is made again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.context import index
from coder_tui.context.exclude import Rules
from coder_tui.context.store import Store, remove


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost")
    subprocess.run(["git", "-C", str(root), *identity, *arguments], check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "core.py").write_text("class Till:\n    def open(self): ...\n")
    (folder / "main.py").write_text("from core import Till\n\nTill().open()\n")
    (folder / ".env").write_text("KEY=1\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path / "cache" / "index.db")
    yield made
    made.close()


def update(store: Store, root: Path) -> index.Updated:
    return index.update(store, root, Rules(root))


def contents(store: Store) -> dict[str, object]:
    """All that others can ask."""
    entries = {path: store.entry(path) for path in store.states()}
    names = {s.name for entry in entries.values() if entry is not None for s in entry.facts.symbols}
    return {
        "entries": entries,
        "defined": {name: store.definitions(name, 99) for name in sorted(names)},
        "mentioned": {name: sorted(store.mentioning(name, 99)) for name in sorted(names)},
        "imported": {path: store.imported(path) for path in sorted(entries)},
        "importers": {path: store.importers(path) for path in sorted(entries)},
    }


def fresh(tmp_path: Path, root: Path) -> dict[str, object]:
    """The same of an index that is made from nothing."""
    path = tmp_path / "fresh.db"
    remove(path)
    store = Store(path)
    try:
        update(store, root)
        return contents(store)
    finally:
        store.close()


def test_what_is_known_after_an_update(store: Store, root: Path) -> None:
    assert update(store, root) == index.Updated(3, 3, 0)
    assert store.imported("main.py") == ["core.py"]
    assert store.importers("core.py") == ["main.py"]
    assert [(path, one.name) for path, one in store.definitions("Till", 9)] == [("core.py", "Till")]
    assert store.mentioning("Till", 9) == ["core.py", "main.py"]
    assert sorted(store.paths()) == ["core.py", "main.py"]
    entry = store.entry(".env")
    assert entry is not None
    assert entry.refused == "may hold secrets"
    assert update(store, root) == index.Updated(3, 0, 0)


def test_it_follows_a_change_a_rename_and_a_deletion(store: Store, root: Path, tmp_path: Path) -> None:
    update(store, root)
    (root / "core.py").rename(root / "base.py")
    (root / "main.py").write_text("from base import Till as T, gone\n")
    (root / ".env").unlink()
    assert update(store, root).removed == 2
    assert store.importers("base.py") == ["main.py"]
    assert contents(store) == fresh(tmp_path, root)


def test_a_new_file_can_be_what_an_old_import_meant(store: Store, root: Path) -> None:
    (root / "main.py").write_text("import extra\n")
    update(store, root)
    assert store.imported("main.py") == []
    (root / "extra.py").write_text("x = 1\n")
    index.update_some(store, root, Rules(root), ["extra.py"])
    assert store.imported("main.py") == ["extra.py"]


def test_a_csharp_namespace_is_found_wherever_it_is(store: Store, root: Path) -> None:
    (root / "src").mkdir()
    (root / "src/Till.cs").write_text("namespace Shop.Core;\npublic class Till {}\n")
    (root / "Page.cs").write_text("using Shop.Core;\nnamespace Shop.Web { class Page {} }\n")
    update(store, root)
    assert store.importers("src/Till.cs") == ["Page.cs"]


def test_it_follows_a_branch_switch_and_a_rebase(store: Store, root: Path, tmp_path: Path) -> None:
    update(store, root)
    git(root, "checkout", "-q", "-b", "other")
    (root / "core.py").write_text("class Shop: ...\n")
    (root / "new.py").write_text("from core import Shop\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "other")
    update(store, root)
    git(root, "checkout", "-q", "main")
    (root / "more.py").write_text("y = 1\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "more")
    update(store, root)
    assert contents(store) == fresh(tmp_path, root)
    git(root, "rebase", "-q", "main", "other")
    update(store, root)
    assert store.importers("core.py") == ["main.py", "new.py"]
    assert contents(store) == fresh(tmp_path, root)


def test_one_saved_file_is_enough(store: Store, root: Path, tmp_path: Path) -> None:
    update(store, root)
    (root / "main.py").write_text("import core\n\ndef run(): ...\n")
    index.update_some(store, root, Rules(root), ["main.py", "never/was.py"])
    assert contents(store) == fresh(tmp_path, root)
    (root / "main.py").unlink()
    index.update_some(store, root, Rules(root), ["main.py"])
    assert contents(store) == fresh(tmp_path, root)


def test_files_that_change_together(store: Store, root: Path) -> None:
    for number in range(3):
        for name in ("core.py", "main.py"):
            (root / name).write_text(f"x = {number}\n")
        git(root, "commit", "-qam", "both")
    update(store, root)
    assert store.together("core.py", 5) == [("main.py", 4)]


def test_an_update_that_is_stopped_goes_on_later(store: Store, root: Path, tmp_path: Path) -> None:
    for number in range(200):
        (root / f"file{number}.py").write_text(f"def f{number}(): ...\n")
    turns = iter([True, False])
    assert not index.update(store, root, Rules(root), lambda: next(turns)).is_whole
    assert 0 < len(store.states()) < 203
    update(store, root)
    assert contents(store) == fresh(tmp_path, root)


@pytest.mark.parametrize("damage", [b"", b"not a database at all, but long enough to be read as one" * 9, None])
def test_a_damaged_index_is_made_again(tmp_path: Path, root: Path, damage: bytes | None) -> None:
    path = tmp_path / "index.db"
    store = Store(path)
    update(store, root)
    store.close()
    data = path.read_bytes()
    path.write_bytes(data[:5000] if damage is None else damage)
    again = Store(path)
    try:
        with_errors = False
        try:
            update(again, root)
        except sqlite3.DatabaseError:  # found out only when it was read
            with_errors = True
        if with_errors:
            again.close()
            remove(path)
            again = Store(path)
            update(again, root)
        assert again.importers("core.py") == ["main.py"]
    finally:
        again.close()


def test_an_index_of_another_version_is_made_again(tmp_path: Path, root: Path) -> None:
    path = tmp_path / "index.db"
    store = Store(path)
    update(store, root)
    store.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    again = Store(path)
    assert again.states() == {}
    again.close()


def test_others_can_read_while_one_writes(tmp_path: Path, root: Path) -> None:
    writer, reader = Store(tmp_path / "index.db"), Store(tmp_path / "index.db")
    update(writer, root)
    with writer.writing():
        writer.remove(["core.py"])
        assert reader.importers("core.py") == ["main.py"]
    assert reader.entry("core.py") is None
    writer.close()
    reader.close()


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "cache" / "index.db")
    assert (tmp_path / "cache/index.db").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700
    store.close()


def test_without_git_a_folder_is_looked_at_but_not_all_below_it(tmp_path: Path) -> None:
    deep = tmp_path / "plain/a/b/c/d"
    deep.mkdir(parents=True)
    for folder in (deep, deep.parent, tmp_path / "plain"):
        (folder / "x.py").write_text("x = 1\n")
    (tmp_path / "plain/.hidden").mkdir()
    (tmp_path / "plain/.hidden/y.py").write_text("y = 1\n")
    assert index.listed(tmp_path / "plain") == ("a/b/c/x.py", "x.py")
    (tmp_path / "plain/a/.gitignore").write_text("c/\n*.log\n")
    (tmp_path / "plain/a/b/y.log").write_text("")
    (tmp_path / "plain/a/b/z.py").write_text("")
    assert index.listed(tmp_path / "plain") == ("a/.gitignore", "a/b/z.py", "x.py")


NAMES = st.sampled_from(["a.py", "b.py", "pkg/__init__.py", "pkg/c.py", "d.js"])
TEXTS = st.sampled_from(
    [
        "",
        "import a\n",
        "from pkg import c\n\nclass A:\n    x = 1\n",
        "from . import b\nfrom .c import B\n",
        "def f(): ...\n",
        "import './b'\n",
    ]
)


@settings(max_examples=25)
@given(st.lists(st.tuples(NAMES, st.none() | TEXTS, st.booleans()), max_size=12))
def test_step_by_step_it_is_what_it_would_be_at_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str | None, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("steps")
    root = folder / "root"
    root.mkdir()
    store = Store(folder / "index.db")
    try:
        for at, (name, text, some) in enumerate(steps):
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink(missing_ok=True)
            else:
                path.write_text(text)
                os.utime(path, ns=(at * 10**9, at * 10**9))
            if some:
                index.update_some(store, root, Rules(root), [name])
            else:
                update(store, root)
        update(store, root)
        assert contents(store) == fresh(folder, root)
    finally:
        store.close()


def test_many_may_open_it_for_the_first_time_at_once(tmp_path: Path) -> None:
    for number in range(5):
        path = tmp_path / f"{number}" / "index.db"
        with ThreadPoolExecutor(8) as pool:
            stores = list(pool.map(lambda _, path=path: Store(path), range(8)))
        stores[0].set_meta("x", "y")
        assert {store.meta("x") for store in stores} == {"y"}
        for store in stores:
            store.close()
