from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from engine.asking import ask, prompt
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from coder_tui.core.events import StopReason
from coder_tui.core.prompt import Sampling
from coder_tui.engine.client import LlamaEngine
from coder_tui.engine.sampler import Sampler
from coder_tui.engine.spelling import Spelling, Vocabulary, openings, settled

PIECES = st.lists(st.binary(max_size=4).map(lambda raw: bytes(byte % 3 + 97 for byte in raw)), max_size=30)
WANTED = st.binary(min_size=1, max_size=6).map(lambda raw: bytes(byte % 3 + 97 for byte in raw))
FORCED = st.text(st.sampled_from("retun x=(\n") | st.characters(exclude_categories=["Cs"]), max_size=12)
ONE_ENGINE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def by_force(pieces: Sequence[bytes], wanted: bytes) -> set[int]:
    return {
        token for token, piece in enumerate(pieces) if piece and (wanted.startswith(piece) or piece.startswith(wanted))
    }


@given(PIECES, WANTED)
def test_compatible_tokens(pieces: list[bytes], wanted: bytes) -> None:
    found = Vocabulary(enumerate(pieces)).compatible(wanted)
    assert len(found) == len(set(found))
    assert set(found) == by_force(pieces, wanted)


@given(PIECES, WANTED, st.data())
def test_compatible_tokens_spell_the_text(pieces: list[bytes], wanted: bytes, data: st.DataObject) -> None:
    """Whatever is chosen among them, byte by byte at worst."""
    pieces = [*pieces, b"a", b"b", b"c"]
    vocabulary, spelling, spelled = Vocabulary(enumerate(pieces)), Spelling(wanted), b""
    while spelling.rest:
        piece = pieces[data.draw(st.sampled_from(sorted(vocabulary.compatible(spelling.rest))))]
        spelling.accept(piece)
        spelled += piece
    assert spelled.startswith(wanted)


class _Words:
    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.pieces = pieces

    def tokens(self, text: str) -> Sequence[int]:
        """The longest piece first; nothing where there is none."""
        rest, found = text.encode(), list[int]()
        while rest:
            known = [token for token, piece in enumerate(self.pieces) if piece and rest.startswith(piece)]
            if not known:
                break
            found.append(max(known, key=lambda token: len(self.pieces[token])))
            rest = rest.removeprefix(self.pieces[found[-1]])
        return found

    def spelled(self, token: int) -> bytes:
        return self.pieces[token]

    def vocabulary(self) -> Vocabulary:
        return Vocabulary(enumerate(self.pieces))


@given(st.lists(st.binary(max_size=3).map(lambda raw: bytes(byte % 3 + 97 for byte in raw)), min_size=1), WANTED)
@example([b"c"] * 200 + [b"a"], b"ab")
def test_the_likeliest_of_the_compatible_tokens_is_chosen(pieces: list[bytes], wanted: bytes) -> None:
    logits = np.random.default_rng(len(pieces)).permutation(len(pieces)).astype(np.float32)
    words = _Words(pieces)
    begun = openings(wanted, words)
    able = by_force(pieces, wanted)
    apt = {token for token in able if pieces[token].startswith(wanted) or pieces[token] in begun} if begun else able
    chosen = Sampler(Sampling()).choose(logits, Spelling(wanted), words)
    assert chosen == max(apt or able or range(len(pieces)), key=lambda token: logits[token])


def test_a_text_is_spelled_as_its_tokenizer_would() -> None:
    """The model would rather end the block: four spaces and a word, where eight stand already."""
    words = _Words([b"    ", b"       ", b"        ", b" ", b" x", b"x", b"           "])
    likely = np.array([9, 5, 4, 8, 0, 0, 3], dtype=np.float32)
    for sampling in (Sampling(), Sampling(temperature=0.01, seed=1)):
        sampler = Sampler(sampling)
        assert words.spelled(sampler.choose(likely, Spelling(b" " * 8), words)) in {b" " * 7, b" " * 8}
        assert words.spelled(sampler.choose(likely, Spelling(b" " * 4), words)) == b" " * 4
        sampler.close()


@given(st.text(st.sampled_from("\n\r a"), max_size=6), st.booleans())
def test_line_ends_are_settled_where_nothing_else_could_come(text: str, merges: bool) -> None:
    pieces = [b"\n", b"\r", b" ", b"a", b"\n\n", b"\r\n", b"  ", b"e", b"x", b"_", b"1", b"(", b"="]
    words = _Words([*pieces, b"\n ", b"\n\n\n"] if merges else pieces)
    begun = b"".join(map(words.spelled, settled(text.encode(), words)))
    assert text.encode().startswith(begun)
    assert not begun.strip(b"\r\n")
    if not text.strip("\r\n"):
        assert not begun, "more line ends may follow"
    elif not merges:
        assert begun == text.encode()[: len(text) - len(text.lstrip("\r\n"))]
    elif text.startswith("\n "):
        assert not begun, "a token has both"


def test_what_no_tokenizer_begins_so_is_spelled_all_the_same() -> None:
    words = _Words([b"\xc3", b"\xa4", b"a"])
    assert openings("ä".encode()[1:], words) == ()
    assert Sampler(Sampling()).choose(np.zeros(3, dtype=np.float32), Spelling(b"\xa4"), words) == 1


@ONE_ENGINE
@given(FORCED, st.integers(0, 2**32))
def test_a_generation_begins_with_what_is_forced(engine: LlamaEngine, forced: str, seed: int) -> None:
    for sampling in (Sampling(), Sampling(temperature=1.5, seed=seed)):
        answer = ask(engine, prompt("def f():\n", forced=forced), sampling, max_tokens=len(forced.encode()) + 1)
        assert answer.text.startswith(forced)
        assert all(answer.deltas)


def test_text_that_is_no_utf_8_is_spelled_as_far_as_it_can_be(engine: LlamaEngine) -> None:
    assert ask(engine, prompt("x", forced="a\udcff")).text.startswith("a?")


def test_the_last_token_may_go_past_the_end(engine: LlamaEngine) -> None:
    """The tiny vocabulary has `return`: `retur` must not be spelled letter by letter only."""
    seen = {
        ask(engine, prompt("x", forced="retur"), Sampling(temperature=3.0, seed=seed), max_tokens=1).text
        for seed in range(40)
    }
    assert "return" in seen


def test_a_line_end_that_is_forced_is_part_of_the_prompt(engine: LlamaEngine) -> None:
    """Also for those that draw several answers, or end at a line end."""
    forced = prompt("def f():", forced="\n    re")
    free = ask(engine, prompt("def f():\n", forced="    re"), Sampling())
    answer = ask(engine, forced, Sampling())
    assert answer.text == f"\n{free.text}"
    assert answer.usage.prompt_tokens == free.usage.prompt_tokens
    drawn = ask(engine, forced, Sampling(temperature=1.0, seed=1, choices=2))
    assert drawn.deltas[:2] == ["\n", "\n"]
    assert ask(engine, forced, stop_strings=("\n",)).reason is StopReason.STOP
    assert ask(engine, forced, max_tokens=0).text == ""
