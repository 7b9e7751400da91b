"""What of a repository a question is about, with a real index."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from coder_tui.context import described, index
from coder_tui.context.exclude import Rules
from coder_tui.context.knowledge import Knowledge
from coder_tui.context.store import Store
from coder_tui.context.subjects import subjects

MANY = "".join(f"    def part_{at}(self) -> int:\n        return {at}\n\n" for at in range(30))
FILES = {
    "README.md": "# Shop\n\nTills and their money.\n",
    "shop/till.py": f'''\
class Till:
    """Takes money."""

    limit = 3

    def deposit(self, amount: int) -> int:
        """Puts money in."""
        return amount

{MANY}

def exchange(amount: int, rate: float) -> float:
    """Converts an amount between currencies."""
    return amount * rate


def open(path): ...
''',
    "shop/rates.py": (
        'def rate_table(day):\n    """Rates at which currencies are converted."""\n\n\ndef deposit(x): ...\n'
    ),
    "shop/charge.py": (
        'def charge(amount):\n    """Takes an amount.\n\n'
        + "".join(f"    line {at} of many\n" for at in range(20))
        + '    """\n    return -amount\n'
    ),
    "shop/keys.py": 'def token():\n    return "ghp_a8f5f167f44f4964e6c998dee827110c0123"\n',
    "shop/a.py": "def helper(): ...\ndef open(path): ...\n",
    "shop/b.py": "def helper(): ...\ndef open(path): ...\n",
    "shop/over.ts": "export function pick(a: string): string;\nexport function pick(a: any) {\n  return a;\n}\n",
    "shop/Drawer.java": """\
package shop;

/**
 * A drawer with money in it.
 * It is closed at night.
 */
public class Drawer {
  private int coins;

  /** Of coins. */
  static class Stack {
    int height() { return 1; }
  }

  /** An empty one. */
  public Drawer() {}

  public Drawer(int coins) {
    this.coins = coins;
  }

  /**
   * Counts them.
   */
  private int countCoins() {
    return coins;
  }

  /* By
     hand. */
  public void pull() {}
}
""",
    "shop/Long.java": "/**\n * Has much to say. And more.\n"
    + " * a line\n" * 40
    + " */\npublic class LongOne {\n  void go() {}\n}\n",
    "shop/safe.rs": "/// Where it is kept.\npub struct Safe {\n    coins: u8,\n}\n\nimpl Safe {\n"
    "    /// Normalizes a price.\n    pub fn normalize_price(&self) -> u8 {\n        1\n    }\n}\n"
    "\npub struct Options {\n"
    + "".join(f"    /// The {at}th.\n    pub option_{at}: bool,\n" for at in range(40))
    + "}\n",
    "tests/test_till.py": 'def exchange():\n    """Converts nothing."""\n\n\ndef test_currencies_converted(): ...\n',
}


@pytest.fixture
def known(tmp_path: Path) -> Iterator[Knowledge]:
    root = tmp_path / "repository"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    store = Store(tmp_path / "index.db")
    index.update(store, root, Rules(root))
    found = Knowledge(root, Rules(root), store)
    yield found
    found.close()


def places(question: str, known: Knowledge) -> list[str]:
    return [f"{one.path} {one.name}".rstrip() for one in subjects(question, known)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What does the class Till do?", ["shop/till.py Till"]),
        ("how does exchange work?", ["shop/till.py exchange", "tests/test_till.py exchange"]),
        ("what is Till.deposit for?", ["shop/till.py Till", "shop/till.py Till.deposit"]),
        ("explain rates.py", ["shop/rates.py"]),
        ("explain shop/rates.py and `rate_table`", ["shop/rates.py", "shop/rates.py rate_table"]),
        ("how does Till in till.py deposit?", ["shop/till.py", "shop/till.py Till", "shop/till.py Till.deposit"]),
        ("does the class Drawer count its coins?", ["shop/Drawer.java Drawer", "shop/Drawer.java Drawer.countCoins"]),
        ("what is in Drawer.java about coins?", ["shop/Drawer.java", "shop/Drawer.java Drawer.countCoins"]),
        ("what is this project about?", ["README.md"]),
        ("where are currencies converted?", ["shop/rates.py rate_table", "shop/till.py exchange"]),
        ("where is it tested that currencies are converted?", ["tests/test_till.py test_currencies_converted"]),
        ("how do I open a path?", ["shop/till.py open", "shop/a.py open", "shop/b.py open"]),
        ("how does open work?", ["shop/till.py open", "shop/a.py open", "shop/b.py open"]),
        ("what does token() return?", []),  # there is a credential in it
        ("write a haiku about the sea", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_questions_are_about(question: str, expected: list[str], known: Knowledge) -> None:
    assert sorted(places(question, known)) == sorted(expected)


def test_a_plain_word_that_several_files_define_is_no_name(known: Knowledge) -> None:
    assert all("its name and description" in one.reason for one in subjects("how does open work?", known))
    assert [one.reason for one in subjects("what is `helper`?", known)] == [
        "definition of helper, which is asked about"
    ] * 2


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("why are currencies converted here?", []),
        ("where are currencies converted?", ["shop/rates.py rate_table", "shop/till.py exchange"]),
        ("why does it need a rate?", []),
        ("how is a rate found?", ["shop/rates.py rate_table"]),
        ("why does this call exchange?", ["shop/till.py exchange", "tests/test_till.py exchange"]),
    ],
)
def test_what_is_attached_is_meant_first(question: str, expected: list[str], known: Knowledge) -> None:
    found = subjects(question, known, attached=True)
    assert sorted(f"{one.path} {one.name}" for one in found) == sorted(expected)


def test_in_a_repository_that_is_too_large_nothing_is_found_and_the_index_lives_on(
    known: Knowledge, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(described, "_LONGEST_S", -1.0)
    monkeypatch.setattr(described, "_STEPS", 1)
    assert places("where are currencies converted?", known) == []
    assert places("how does exchange work?", known) != []
    monkeypatch.undo()
    assert places("where are currencies converted?", known) != []


def test_a_class_in_short_has_its_head_and_its_members(known: Knowledge) -> None:
    (till,) = subjects("What does the class Till do?", known)
    assert till.text == FILES["shop/till.py"].partition("\n\n\ndef exchange")[0].rstrip("\n")
    assert till.outline.startswith(
        'class Till:\n    """Takes money."""\n\n    limit = 3\n    def deposit(self, amount: int) -> int: ...\n'
    )
    assert till.outline.count("def part_") == till.text.count("def part_") == 30
    assert 2 * till.outline.count("\n") < till.text.count("\n")


def test_a_rust_type_is_what_it_holds_and_what_it_does(known: Knowledge) -> None:
    holds, does = subjects("What does the struct Safe do?", known)
    assert (holds.text, holds.outline) == ("/// Where it is kept.\npub struct Safe {\n    coins: u8,\n}", "")
    assert does.text.startswith("impl Safe {\n    /// Normalizes")
    assert does.outline == "impl Safe {\n    pub fn normalize_price(&self) -> u8\n}"


def test_a_type_without_methods_has_all_its_fields_in_short(known: Knowledge) -> None:
    (options,) = subjects("what is in the struct Options?", known)
    assert options.outline.split("\n")[:2] == ["pub struct Options {", "    pub option_0: bool,"]
    assert options.outline.count("pub option_") == 40


def test_british_spelling_finds_american_names(known: Knowledge) -> None:
    assert places("where do you normalise a price?", known) == ["shop/safe.rs Safe.normalize_price"]


def test_members_come_first_and_a_class_last(known: Knowledge) -> None:
    assert places("how does a Drawer count?", known) == [
        "shop/Drawer.java Drawer.countCoins",
        "shop/Drawer.java Drawer",
    ]
    assert places("what is Till.deposit for?", known) == ["shop/till.py Till.deposit", "shop/till.py Till"]


def test_what_documents_it_goes_along(known: Knowledge) -> None:
    count, drawer = subjects("how does a Drawer count?", known)
    assert count.text.startswith("  /**\n   * Counts them.\n   */\n  private int countCoins() {\n")
    assert (drawer.first_line, count.first_line) == (2, 21)
    assert drawer.text == FILES["shop/Drawer.java"].partition("\n\n")[2].rstrip("\n")
    head, _, members = drawer.outline.partition("private int coins;\n")
    assert head == "/**\n * A drawer with money in it.\n * It is closed at night.\n */\npublic class Drawer {\n  "
    assert members.startswith("    public Drawer()\n    public Drawer(int coins)\n")
    by_hand, _ = subjects("what does Drawer.pull do?", known)
    assert by_hand.text == "  /* By\n     hand. */\n  public void pull() {}"


def test_a_comment_that_is_too_long_is_said_in_a_sentence(known: Knowledge) -> None:
    (one,) = subjects("what is LongOne?", known)
    assert one.text == "public class LongOne {\n  void go() {}\n}"
    assert one.outline == "// Has much to say.\npublic class LongOne {\n    void go()\n}"


def test_a_function_in_short_has_its_body(known: Knowledge) -> None:
    (charge,) = subjects("how does charge work?", known)
    assert charge.text.count("\n") == 24
    assert (
        charge.outline
        == '''\
def charge(amount):
    """Takes an amount.

    line 0 of many
    line 1 of many
    line 2 of many
    """
    return -amount'''
    )


def test_a_file_in_short_is_what_it_defines(known: Knowledge) -> None:
    (rates,) = subjects("explain rates.py", known)
    assert rates.text == FILES["shop/rates.py"].rstrip("\n")
    assert rates.outline.split("\n")[0] == "def rate_table(day):"


def test_of_overloads_the_one_with_a_body_is_meant(known: Knowledge) -> None:
    (pick,) = subjects("what does pick() do?", known)
    assert "return a;" in pick.text


def test_without_an_index_files_are_still_known(known: Knowledge) -> None:
    known.close()
    assert places("explain rates.py", known) == ["shop/rates.py"]
    assert places("where are currencies converted?", known) == []
