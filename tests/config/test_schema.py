from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coder_tui.config.kinds import CatalogueName, Choice, Directory, File, Integer, Kind, Number, Text
from coder_tui.config.known import settings_by_key
from coder_tui.config.schema import Settings
from coder_tui.config.toml import literal, parse

KINDS: list[Kind] = [
    Text(),
    Text(one_line=True),
    CatalogueName(),
    Directory(),
    File(("off",)),
    Choice(("auto", "x")),
    Integer(1, 9),
    Integer(0, 100, auto=True),
    Number(0, 2),
]
VALUES = st.one_of(
    st.text(max_size=10), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.integers(), max_size=2)
)


def test_every_default_is_allowed_and_told() -> None:
    for setting in settings_by_key().values():
        assert setting.kind.check(setting.default) == setting.default
        assert Settings().value(setting.key) == setting.default
        assert setting.text.endswith(".")
        assert setting.kind.expects


def test_variables_tell_keys_apart() -> None:
    settings = settings_by_key().values()
    assert len({setting.variable for setting in settings}) == len(settings)
    assert settings_by_key()["suggest.t_max_ms"].variable == "CODER_SUGGEST_T_MAX_MS"


@pytest.mark.parametrize(
    "key", ["paths.models", "suggest.adapter", "files.max_bytes", "model.threads", "model.gpu_layers"]
)
def test_what_describes_the_machine_is_not_for_projects(key: str) -> None:
    assert settings_by_key()[key].project is None


@pytest.mark.parametrize("kind", KINDS)
@given(VALUES)
def test_a_kind_takes_a_value_as_it_is_or_refuses_it(kind: Kind, value: object) -> None:
    try:
        checked = kind.check(value)
    except ValueError as error:
        assert str(error) == kind.expects  # noqa: PT017 - either outcome is right, and each has its rule
    else:
        assert checked == value
        assert not isinstance(value, bool)
        assert kind.check(checked) == checked


@pytest.mark.parametrize("kind", KINDS)
@given(st.text(max_size=8) | st.integers(-5, 200).map(str) | st.floats().map(str))
def test_a_word_is_read_as_a_value_that_passes(kind: Kind, text: str) -> None:
    try:
        value = kind.parse(text)
    except ValueError as error:
        assert str(error) == kind.expects  # noqa: PT017
    else:
        assert kind.check(value) == value
        # What is shown is what TOML reads back.
        assert parse(f"value = {literal(value)}".encode(), "x") == {"value": value}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Integer(1, 9), " 7 ", 7),
        (Integer(1, 9, auto=True), "auto", "auto"),
        (Number(0, 2), "1", 1.0),
        (Number(0, 2), "5e-1", 0.5),
        (Choice(("a", "b")), "b", "b"),
        (Text(), "two\nlines", "two\nlines"),
        (Directory(), "~/models", "~/models"),
    ],
)
def test_words_that_are_values(kind: Kind, text: str, value: object) -> None:
    assert kind.parse(text) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Integer(1, 9), "auto"),
        (Integer(1, 9), "10"),
        (Integer(1, 9), "2.0"),
        (Number(0, 2), "nan"),
        (Number(0, 2), "-0.1"),
        (Choice(("a", "b")), "A"),
        (Text(one_line=True), "two\nlines"),
        (Directory(), "models"),
        (CatalogueName(), "../x"),
        (CatalogueName(), "x.GGUF"),
        (CatalogueName(), "/etc/passwd"),
        (CatalogueName(), "~x"),
        (CatalogueName(), ""),
    ],
)
def test_words_that_are_not(kind: Kind, text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind.parse(text)
