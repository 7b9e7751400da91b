"""From a cursor to pieces of the repository, with a real index."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from coder_tui.context import index
from coder_tui.context.around import Around, Buffer
from coder_tui.context.exclude import Rules
from coder_tui.context.gather import Gatherer, Wish
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.pieces import Piece, Source
from coder_tui.context.store import Store

FILES = {
    "shop/__init__.py": "from .till import Till\n",
    "shop/till.py": '''\
"""Tills."""
SECRET_TOKEN = "a8f5f167f44f4964e6c998dee827110c"


class Till:
    """Takes money.

    And gives some back.
    """

    def __init__(self, currency: str) -> None:
        self.currency = currency

    def deposit(self, amount: int, *, note: str = "") -> int:
        """Puts money in."""
        return amount

    def _hidden(self): ...


def exchange(amount: int, rate: float) -> float:
    """Converts an amount."""
    return amount * rate


def unrelated(a, b): ...
''',
    "shop/report.py": """\
from .till import Till, exchange


def monthly(till: Till) -> str:
    total = exchange(till.deposit(3), 1.2)
    return f"total {total}"
""",
    "tests/test_report.py": "from shop.report import daily\n\n\ndef test_daily():\n    assert daily(None) == 1\n",
    "shop/use.py": "from shop.report import daily\n\nprint(daily(4))\n",
    "vendor/till.py": "class Till: ...\n",
    "notes.md": "Till exchange\n",
    "shop/print.lua": "function receipt(line)\n  local rounded = roundup(line.amount)\n  return rounded\nend\n",
}
HEAD = "from shop import Till\nfrom shop.till import exchange, SECRET_TOKEN\n\n\n"
BODY = "def daily(till):\n    total = till.deposit(5)\n    x = "


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    git = ["git", "-C", str(folder), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True)
    return folder


@pytest.fixture
def store(tmp_path: Path, root: Path) -> Iterator[Store]:
    made = Store(tmp_path / "index.db")
    index.update(made, root, Rules(root))
    yield made
    made.close()


def around(text: str = HEAD + BODY, path: str = "shop/new.py", after: str = "\n") -> Around:
    return Around(Buffer(text + after, len(text), path))


def found(root: Path, store: Store | None, *sources: Source, at: Around | None = None) -> list[Piece]:
    return Gatherer(Knowledge(root, Rules(root), store)).candidates(at or around(), Wish(sources))


def by_name(pieces: Sequence[Piece], word: str) -> Piece:
    return next(piece for piece in pieces if word in piece.reason)


@pytest.mark.parametrize("with_index", [True, False])
def test_definitions_of_what_is_imported(root: Path, store: Store, with_index: bool) -> None:
    pieces = found(root, store if with_index else None, Source.DEFINITIONS)
    till = by_name(pieces, "Till")
    assert (till.path, till.reason) == ("shop/till.py", "definition of Till, imported and not used yet")
    assert till.text == (
        'class Till:\n    """Takes money."""\n    def __init__(self, currency: str) -> None: ...\n'
        '    def deposit(self, amount: int, *, note: str = "") -> int:\n        """Puts money in."""'
    )
    exchange = by_name(pieces, "exchange")
    assert exchange.text == 'def exchange(amount: int, rate: float) -> float:\n    """Converts an amount."""'
    assert exchange.fuller.endswith("return amount * rate")
    assert not any("SECRET" in piece.text or "unrelated" in piece.text for piece in pieces)
    if not with_index:
        return
    assert not any(piece.path.startswith("vendor") for piece in pieces)


def test_what_javascript_exports_by_default_has_another_name_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "till.js").write_text("export default class Till {\n  deposit(amount) {}\n}\nexport class Other {}\n")
    (tmp_path / "all.js").write_text("export * from './till.js';\nexport * from './drawer.js';\n")
    (tmp_path / "drawer.js").write_text("export class Drawer {}\n")
    text = "import Desk from './till.js';\nimport { Drawer } from './all.js';\nconst a = new Desk();\nnew Drawer();\n"
    (tmp_path / "main.js").write_text(text)
    at = Around(Buffer(text, len(text), "main.js"))
    shown = {piece.reason: piece.text for piece in found(tmp_path, None, Source.DEFINITIONS, at=at)}
    assert shown["definition of Desk, imported and used here"].startswith("export default class Till")
    assert shown["definition of Drawer, imported and used here"].startswith("export class Drawer")


def test_names_of_a_module_that_is_imported_as_a_whole(root: Path, store: Store) -> None:
    text = "import shop.till\nfrom shop import report\n\nreport.mo"
    pieces = found(root, store, Source.MODULES, at=around(text + "\nshop.till.exchange"))
    assert {piece.path for piece in pieces} == {"shop/till.py"}
    assert max(pieces, key=lambda piece: piece.score).text.startswith("def exchange")


def test_how_others_use_it_and_who_calls_what_is_written(root: Path, store: Store) -> None:
    uses = found(root, store, Source.USES)
    assert [(piece.path, piece.reason) for piece in uses] == [
        ("shop/report.py", "uses exchange, which is imported here")
    ]
    assert "exchange(till.deposit(3), 1.2)" in uses[0].text
    at = around("def daily(till):\n    return ", "shop/report.py")
    assert [piece.path for piece in found(root, store, Source.CALLERS, at=at)] == ["shop/use.py"]
    assert [piece.path for piece in found(root, store, Source.TESTS, at=at)] == ["tests/test_report.py"]


def test_tests_and_callers_of_a_method(root: Path, store: Store) -> None:
    at = around("class Till:\n    def deposit(self, amount):\n        return ", "shop/till.py")
    called = found(root, store, Source.CALLERS, at=at)
    assert [piece.path for piece in called] == ["shop/report.py"]
    assert "till.deposit(" in called[0].text
    (root / "tests/test_till.py").write_text("from shop import Till\n\n\ndef test_till():\n    Till().deposit(4)\n")
    index.update(store, root, Rules(root))
    assert [piece.path for piece in found(root, store, Source.TESTS, at=at)] == ["tests/test_till.py"]


def test_code_with_the_same_names(root: Path, store: Store) -> None:
    pieces = found(
        root, store, Source.SIMILAR, at=around(HEAD + "def daily(till):\n    total = exchange(till.deposit(")
    )
    assert pieces
    assert pieces[0].path == "shop/report.py"
    assert all(piece.path.endswith(".py") for piece in pieces)


def test_a_language_without_a_grammar_gets_code_with_the_same_names(root: Path, store: Store) -> None:
    at = around("function refund(line)\n  local rounded = roundup(line.amount)\n  return ", "shop/back.lua")
    known = Knowledge(root, Rules(root), store)
    pieces = Gatherer(known).candidates(at, Wish())
    assert [(piece.source, piece.path) for piece in pieces] == [(Source.SIMILAR, "shop/print.lua")]
    assert not Gatherer(known).candidates(at, Wish((Source.CALLERS,)))
    in_python = Gatherer(known).candidates(around(), Wish())
    assert Source.SIMILAR not in {piece.source for piece in in_python}


def test_changes_in_the_working_tree(root: Path, store: Store) -> None:
    (root / "shop/use.py").write_text("from shop.report import daily\n\nprint(daily(4))\nprint(daily(5))\n")
    pieces = found(root, store, Source.CHANGES)
    assert [piece.path for piece in pieces] == ["shop/use.py"]
    assert "daily(5)" in pieces[0].text
    assert pieces[0].is_volatile


def test_files_that_the_user_names_come_first(root: Path, store: Store) -> None:
    known = Knowledge(root, Rules(root), store)
    wish = Wish((Source.PINNED, Source.DEFINITIONS), ("shop/use.py", "vendor/till.py", "gone.py"))
    packed = Gatherer(known).gather(around(), wish, "", len, 10_000)
    assert max(packed.taken, key=lambda one: one.piece.score).piece.path == "shop/use.py"
    assert "vendor/till.py" not in packed.files


def test_a_file_without_grammar_or_repository_has_no_pieces(tmp_path: Path) -> None:
    known = Knowledge(tmp_path, Rules(tmp_path), None)
    everything = Wish(tuple(Source))
    assert Gatherer(known).candidates(around("x = ", "a.unknown"), everything) == []
    assert Gatherer(known).candidates(around("", ""), everything) == []


def test_while_a_line_is_typed_the_choice_stays(root: Path, store: Store) -> None:
    known = Knowledge(root, Rules(root), store)
    gatherer, wish = Gatherer(known), Wish()
    text = HEAD + BODY
    first = gatherer.gather(around(text), wish, text, len, 600)
    assert first.snippets
    for typed in ("exch", "exchange", "exchange(total, 2.0)"):
        assert gatherer.gather(around(text + typed), wish, text, len, 600) is first
    lines = text + "exchange(total, 2.0)\n"
    for more in ("    y = 1\n", "    monthly = Till('x')\n", "    return "):
        lines += more
        later = gatherer.gather(around(lines), wish, lines, len, 600)
        assert later.snippets[: len(first.snippets)] == first.snippets
    elsewhere = gatherer.gather(around("x = 1\n", "shop/use.py"), wish, "", len, 600)
    assert elsewhere.snippets != first.snippets


def test_a_file_that_changed_since_the_index_is_read_again(root: Path, store: Store) -> None:
    (root / "shop/till.py").write_text("def exchange(amount, rate, fee): ...\n")
    pieces = found(root, store, Source.DEFINITIONS)
    assert by_name(pieces, "exchange").text == "def exchange(amount, rate, fee): ..."


def test_what_became_secret_is_not_sent(root: Path, store: Store) -> None:
    (root / ".coderignore").write_text("/shop/till.py\n")
    assert not [piece for piece in found(root, store, *Source) if piece.path == "shop/till.py"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("class A:\n    def open(self):\n        x = ", "open"),
        ("def outer():\n    pass\n\nx = ", ""),
        ("function area(w) {\n  return ", "area"),
        ("pub fn area(w: i32) -> i32 {\n    ", "area"),
        ("func (t *Till) Open(name string) error {\n\t", "Open"),
        ("public static int area(int w) {\n    if (w > 0) {\n        return ", "area"),
        ("int area(int w) {\n    ", "area"),
        ("if (x) {\n  ", ""),
        ("", ""),
    ],
)
def test_the_name_of_what_is_being_written(text: str, name: str) -> None:
    assert around(text).written == name


def test_names_weigh_less_the_farther_they_are() -> None:
    at = around("alpha = 1\n" + "\n" * 10 + "beta = 2\ngamma = ")
    assert at.names["gamma"] > at.names["beta"] > at.names["alpha"] > 0
    assert "def" not in at.names
