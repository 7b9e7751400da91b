"""Going from file to file while typing: what was read of each is there again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from assistant.healing import Healing

from coder_tui.assistant.infill import sampling
from coder_tui.assistant.kept import Kept, Turns, file_key
from coder_tui.assistant.live import LiveSuggestions
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.reading import Hole
from coder_tui.assistant.suggest import Suggester
from coder_tui.core.document import Document, Position
from coder_tui.core.prompt import Purpose, Segment

Make = Callable[..., tuple[Ready, Healing]]
TEXT = "def area(w, h):\n    return \n"


class Keeping(Healing):
    """Notes what is saved and restored."""

    def __init__(self) -> None:
        super().__init__(["w * h\n"] * 20)
        self.calls: list[str] = []

    def save_state(self, purpose: Purpose, path: Path, max_bytes: int, of: Sequence[Segment] = ()) -> int:
        assert purpose is Purpose.SUGGEST
        assert max_bytes > 0
        assert not of
        self.calls.append(f"save {path.name}")
        return 9

    def restore_state(self, purpose: Purpose, path: Path) -> int:
        assert purpose is Purpose.SUGGEST
        self.calls.append(f"restore {path.name}")
        return 9


@pytest.fixture
def model(ready: Make) -> Ready:
    return replace(ready()[0], engine=Keeping())


def calls(model: Ready) -> list[str]:
    assert isinstance(model.engine, Keeping)
    return model.engine.calls


def hole(path: str) -> Hole:
    return Hole(Document(TEXT), Position(1, 11), path)


def state(model: Ready, path: str) -> str:
    return Kept(Purpose.SUGGEST, file_key(model.info.name, Path(path))).path.name


def test_back_in_a_file_it_is_not_read_again(model: Ready) -> None:
    suggester = Suggester(model, Turns(Purpose.SUGGEST))
    for path in ("a.py", "a.py", "b.py", "a.py"):
        suggester.warm(hole(path))
    suggester.close()
    a, b = state(model, "a.py"), state(model, "b.py")
    assert calls(model) == [f"restore {a}", f"save {a}", f"restore {b}", f"save {b}", f"restore {a}", f"save {a}"]


def test_what_was_kept_lately_is_not_written_again_but_at_the_end(model: Ready) -> None:
    suggester = Suggester(model, Turns(Purpose.SUGGEST, pause_s=1000))
    for path in ("a.py", "b.py", "a.py", "b.py", "a.py"):
        suggester.warm(hole(path))
    a, b = state(model, "a.py"), state(model, "b.py")
    assert [one for one in calls(model) if one.startswith("save")] == [f"save {a}", f"save {b}"]
    suggester.close()
    suggester.close()
    assert [one for one in calls(model) if one.startswith("save")] == [f"save {a}", f"save {b}", f"save {a}"]


def test_who_types_at_once_in_another_file_does_not_wait(model: Ready) -> None:
    suggester = Suggester(model, Turns(Purpose.SUGGEST))
    suggester.warm(hole("a.py"))
    list(suggester.suggest(hole("b.py"), sampling(model.settings, None)))
    assert calls(model) == [f"restore {state(model, 'a.py')}"]
    suggester.warm(hole("b.py"))
    assert len(calls(model)) == 1, "it is what the cache holds"
    suggester.close()
    assert calls(model)[1:] == [f"save {state(model, 'b.py')}"]


@pytest.mark.parametrize("path", ["", ".env", "deploy/id_rsa"])
def test_nothing_is_kept_of_what_may_be_secret(model: Ready, path: str) -> None:
    suggester = Suggester(model, Turns(Purpose.SUGGEST))
    suggester.warm(hole(path))
    suggester.warm(hole("a.py"))
    suggester.warm(hole(path))
    suggester.close()
    a = state(model, "a.py")
    assert calls(model) == [f"restore {a}", f"save {a}"]


def test_files_of_one_name_are_told_apart_by_their_folders() -> None:
    assert file_key("model", Path("/one/a.py")) != file_key("model", Path("/two/a.py"))


def test_without_turns_nothing_is_kept(model: Ready) -> None:
    suggester = Suggester(model)
    suggester.warm(hole("a.py"))
    suggester.close()
    assert calls(model) == []


def test_the_end_of_the_app_keeps_what_was_read(model: Ready) -> None:
    suggester = Suggester(model, Turns(Purpose.SUGGEST))
    suggester.warm(hole("a.py"))
    LiveSuggestions(suggester, sampling(model.settings, None), lambda _: None).close()
    assert calls(model)[-1] == f"save {state(model, 'a.py')}"
