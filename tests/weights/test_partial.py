"""The unfinished file: whatever was vouched for is there again."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coder_tui.weights import partial
from coder_tui.weights.partial import Partial, staging

CONTENT = bytes(range(256)) * 200


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("write"), st.integers(1, 3000)),
            st.tuples(st.just("crash"), st.integers(0, 5000)),
            st.tuples(st.just("close"), st.just(0)),
            st.tuples(st.just("cut"), st.integers(0, 20_000)),
        ),
        max_size=12,
    )
)
def test_it_is_always_a_beginning_of_the_content(steps: list[tuple[str, int]]) -> None:
    """Through writes, orderly ends, and crashes that leave any number of unvouched bytes of garbage."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(partial, "RECORD_EVERY_BYTES", 2000)
        final = Path(folder) / "toy.gguf"
        one = Partial(final, "abc").__enter__()
        for step, size in steps:
            if step == "write":
                one.write(CONTENT[one.offset : one.offset + size])
            elif step == "cut":
                one.cut(min(size, one.offset))
            else:
                if step == "close":
                    one.__exit__(None, None, None)
                else:
                    os.close(one._file)
                    with one.path.open("ab") as file:
                        file.write(b"\xff" * size)
                one = Partial(final, "abc").__enter__()
            assert one.path.read_bytes() == CONTENT[: one.offset]
        one.__exit__(None, None, None)


def test_it_goes_on_from_what_was_vouched_for(tmp_path: Path) -> None:
    with Partial(tmp_path / "x", "abc") as one:
        one.write(b"12345")
    with Partial(tmp_path / "x", "abc") as one:
        assert one.offset == 5
        one.write(b"678")
        one.publish()
    assert (tmp_path / "x").read_bytes() == b"12345678"


def test_another_file_of_the_same_name_begins_anew(tmp_path: Path) -> None:
    with Partial(tmp_path / "x", "abc") as one:
        one.write(b"12345")
    with Partial(tmp_path / "x", "def") as one:
        assert one.offset == 0


@pytest.mark.parametrize("state", ["", "[]", "null", '{"sha256": "abc"}', '{"sha256": "abc", "offset": "5"}', "\0\0"])
def test_a_damaged_state_file_vouches_for_nothing(tmp_path: Path, state: str) -> None:
    with Partial(tmp_path / "x", "abc") as one:
        one.write(b"12345")
    (staging(tmp_path / "x") / "state.json").write_text(state)
    with Partial(tmp_path / "x", "abc") as one:
        assert one.offset == 0


@pytest.mark.parametrize(("offset", "expected"), [(99, 5), (-3, 0), (2, 2)])
def test_the_state_cannot_claim_more_than_there_is(tmp_path: Path, offset: int, expected: int) -> None:
    with Partial(tmp_path / "x", "abc") as one:
        one.write(b"12345")
    (staging(tmp_path / "x") / "state.json").write_text(json.dumps({"sha256": "abc", "offset": offset}))
    with Partial(tmp_path / "x", "abc") as one:
        assert one.offset == expected
