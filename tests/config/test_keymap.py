from __future__ import annotations

from dataclasses import replace

import pytest

from coder_tui.config.keymap import KeySettings, Where, actions, conflicts
from coder_tui.config.kinds import Keys
from coder_tui.config.load import load
from coder_tui.core.errors import ConfigError


def test_the_table_has_no_conflicts_as_it_comes() -> None:
    assert conflicts(actions(KeySettings())) == ()


def test_a_conflict_names_both_actions() -> None:
    table = actions(replace(KeySettings(), save="ctrl+p", undo="ctrl+l"))
    assert sorted(map(str, conflicts(table))) == [
        'ctrl+l means both "Chat" and "Undo": change one of them in [keys]',
        'ctrl+p means both "Open a file" and "Save": change one of them in [keys]',
    ]


def test_places_apart_share_keys() -> None:
    assert conflicts(actions(replace(KeySettings(), tree_new="s", block_save="s", apply="ctrl+p"))) == ()
    assert conflicts(actions(replace(KeySettings(), accept="ctrl+z"))) == ()
    assert len(conflicts(actions(replace(KeySettings(), accept="ctrl+p")))) == 1


def test_keys_of_dialogs_count_there_alone() -> None:
    """A dialog takes all keys; a bar is beside what counts everywhere."""
    assert conflicts(actions(replace(KeySettings(), list_down="ctrl+s", close_help="ctrl+p", answer_save="n"))) == ()
    [bar] = conflicts(actions(replace(KeySettings(), find_case="ctrl+s")))
    assert {bar.first.name, bar.second.name} == {"save", "find_case"}
    [dialog] = conflicts(actions(replace(KeySettings(), answer_delete="s")))
    assert {dialog.first.name, dialog.second.name} == {"answer_save", "answer_delete"}


def test_every_action_has_a_title_and_a_place() -> None:
    for action in actions(KeySettings()):
        assert action.title
        assert isinstance(action.where, Where)
        assert action.keys or action.listed  # the palette has those without a key


def test_keys_come_from_the_settings() -> None:
    loaded = load(None, {}, environment={"CODER_KEYS_SAVE": "ctrl+o, alt+w"})
    assert next(one for one in actions(loaded.settings.keys) if one.name == "save").keys == ("ctrl+o", "alt+w")
    with pytest.raises(ConfigError, match=r"CODER_KEYS_SAVE must be names of keys|must be"):
        load(None, {}, environment={"CODER_KEYS_SAVE": "ctrl+"})


@pytest.mark.parametrize("text", ["", "a", "A", "f1", "ctrl+@", "ctrl+shift+k", "ctrl+s,alt+full_stop"])
def test_names_of_keys(text: str) -> None:
    assert Keys().parse(text) == text


@pytest.mark.parametrize("text", ["ctrl+", "hyper+x", "ctrl s", ",", "ctrl+s,,f1"])
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ValueError, match="ctrl"):
        Keys().parse(text)
