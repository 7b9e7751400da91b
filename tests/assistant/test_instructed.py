"""What goes along with an instruction on lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cli.running import git, prompt_text

from coder_tui.assistant import surroundings
from coder_tui.assistant.chat import Attachment
from coder_tui.assistant.instructed import informed
from coder_tui.assistant.opening import Ready
from coder_tui.assistant.rewrite import Rewritten, rewrite
from coder_tui.assistant.selection_edit import Lines
from coder_tui.assistant.surroundings import Surroundings
from coder_tui.config.schema import Settings
from coder_tui.core.prompt import Sampling
from coder_tui.engine.scripted import ScriptedEngine
from coder_tui.weights import gguf_file

RETRY = 'def retry(times, call):\n    """Call until it works."""\n    return call()\n'
NET = f"{RETRY}\n\ndef ping(host):\n    return host\n"
APP = "def load(url):\n    return get(url)\n\n\ndef get(url):\n    return url\n"
SAVED = APP.replace("return url", "return None")
GOOD = "```py\ndef load(url):\n    return retry(3, get)\n```"
WHOLE = APP.replace("get(url)\n", "retry(3, get)\n", 1)


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Lines]:
    """`load` of app.py, which is not saved as it is."""
    git(tmp_path, "init", "-q")
    (tmp_path / "net.py").write_text(NET)
    (tmp_path / "app.py").write_text(SAVED)
    (tmp_path / ".env").write_text("KEY=1\n")
    found = surroundings.whole(tmp_path, Settings())
    yield Lines(APP, 0, 1, "app.py", "py", found)
    found.close()


Asking = Callable[..., tuple[Ready, ScriptedEngine]]


@pytest.fixture
def asking(tiny_qwen: Path) -> Asking:
    def asked(*answers: str, context_tokens: int = 8192) -> tuple[Ready, ScriptedEngine]:
        engine = ScriptedEngine(answers, context_tokens=context_tokens)
        return Ready(engine, gguf_file.inspect(tiny_qwen).info, Settings()), engine

    return asked


def of(lines: Lines) -> Surroundings:
    assert lines.surroundings is not None
    return lines.surroundings


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("call `retry`", ["net.py"]),
        ("use ping() of net.py", ["net.py"]),
        ("retry with the function ping", ["net.py:6-7"]),
        ("what net.py has", ["net.py"]),
        ("see @net.py", ["net.py"]),
        ("see @net.py:6-7", ["net.py:6-7"]),
        ("see @net.py:6", ["net.py:6"]),
        ("see @net.py:60-70, which is not there", ["net.py"]),
        ("handle an empty url, and add a docstring", []),
        ("what does this repository do?", []),
        ("call get() again", ["app.py:5-6"]),
        ("rename load() to fetch()", []),
    ],
)
def test_what_an_instruction_names_goes_along(
    work: Lines, asking: Asking, instruction: str, expected: list[str]
) -> None:
    found = informed(asking()[0], work, instruction)
    assert [one.reference for one in found.attached] == expected
    if expected == ["app.py:5-6"]:
        assert "return url" in found.attached[0].text, "as it is being edited"


def test_of_several_with_one_name_those_that_are_imported_go_along(work: Lines, asking: Asking) -> None:
    folder = of(work).root
    (folder / "other.py").write_text("def retry(once):\n    pass\n\n\ndef pong():\n    pass\n")
    surroundings.whole(folder, Settings()).close()
    references = [one.reference for one in informed(asking()[0], work, "call retry() and pong()").attached]
    assert sorted(references) == ["net.py", "other.py", "other.py:5-6"]
    (folder / "app.py").write_text(f"from net import retry\n\n\n{SAVED}")
    surroundings.whole(folder, Settings()).close()
    references = [one.reference for one in informed(asking()[0], work, "call retry() and pong()").attached]
    assert sorted(references) == ["net.py", "other.py:5-6"]


def test_without_a_repository_the_file_itself_is_there(work: Lines, asking: Asking) -> None:
    found = informed(asking()[0], replace(work, surroundings=None), "call get() and retry()")
    assert [one.reference for one in found.attached] == ["app.py:5-6"]


def test_what_was_attached_and_pinned_goes_along_once(work: Lines, asking: Asking) -> None:
    of(work).toggle_pin("net.py")
    given = replace(work, attached=(Attachment("notes.md", "x\n"),))
    found = informed(asking()[0], given, "call retry() of @net.py, @.env says how")
    assert [one.reference for one in found.attached] == ["net.py", "notes.md"]
    assert found.refused == ("@.env is not sent: may hold secrets",)
    of(work).toggle_exclusion("net.py")
    assert not informed(asking()[0], work, "call retry()").attached


def test_of_a_long_file_that_is_mentioned_an_outline_goes_along(work: Lines, asking: Asking) -> None:
    folder = of(work).root
    body = "".join(f"    x = {at} + {at}\n" for at in range(99))
    (folder / "long.py").write_text("".join(f"def f{at}(a):\n{body}\n\n" for at in range(9)))
    (folder / "data.txt").write_text("".join(f"{at} and {at}\n" for at in range(900)))
    surroundings.whole(folder, Settings()).close()
    found = informed(asking(context_tokens=2048)[0], work, "call f3() of @long.py on what @data.txt has")
    outline, data, named = found.attached
    assert (outline.name, named.name) == ("long.py (outline)", "long.py")
    assert named.text.startswith("def f3(a):\n")
    assert outline.text.startswith("def f0(a): ...\ndef f1(a): ...")
    assert data.text.startswith("0 and 0\n")
    (cut,) = found.refused
    assert cut.startswith("data.txt: lines ")
    assert cut.endswith(" would take long to read and are left out")


def rewritten(ready: Ready, lines: Lines, instruction: str) -> Rewritten:
    return rewrite(ready, lines, instruction, Sampling())


def test_the_model_is_told_before_it_sees_the_lines(work: Lines, asking: Asking) -> None:
    (of(work).root / ".coder.md").write_text("We use tabs.\n")
    ready, engine = asking(GOOD)
    found = rewritten(ready, work, "call `retry`")
    assert (found.text, found.attached, found.cuts) == (WHOLE, ("net.py",), ())
    told, _, asked = prompt_text(engine).partition("<|im_start|>user")
    assert (
        f"We use tabs.\n\nCode that may be of use:\n\nnet.py:\n```py\n{NET[: NET.index('def ping')].rstrip()}" in told
    )
    assert asked.startswith(f"\napp.py:\n```py\n{APP[: APP.index('def get')].rstrip()}")


def test_new_code_is_filled_in_with_it(work: Lines, asking: Asking) -> None:
    ready, engine = asking("def again(url):\n    return retry(3, url)")
    found = rewritten(ready, replace(work, first=2, last=3), "call `retry`")
    assert "def again" in found.text
    assert found.attached == ("net.py",)
    assert "Call until it works." in prompt_text(engine)
    assert not found.cuts


def test_what_does_not_fit_beside_the_lines_is_told(work: Lines, asking: Asking) -> None:
    ready, engine = asking(GOOD, context_tokens=1024)
    large = Attachment("large.py", "".join(f"x{at} = {at}\n" for at in range(900)))
    found = rewritten(ready, replace(work, attached=(large,)), "call it")
    assert found.text == WHOLE
    assert [one.partition(": lines ")[0] for one in found.cuts] == ["large.py"]
    assert "x3 = 3\n" in prompt_text(engine)
    assert "x899" not in prompt_text(engine)


def test_an_answer_that_is_only_the_line_that_changes_is_asked_for_anew(work: Lines, asking: Asking) -> None:
    only = "```py\nreturn retry(3, get)\n```"
    whole = "    # three times\n    return retry(3, get)\n```"
    ready, engine = asking(only, whole)
    found = rewritten(ready, work, "retry")
    assert found.text == WHOLE.replace("    return retry", "    # three times\n    return retry")
    assert (found.tries, found.gone, found.flaws) == (2, (), 0)
    assert prompt_text(engine).endswith("<|im_start|>assistant\n```py\ndef load(url):\n")
    assert [request[1].temperature for request in engine.requests] == [0.0, 0.0]
    same = "    return get(url)\n```"
    assert rewritten(asking(only, same)[0], work, "retry").text == WHOLE, "in its place, where nothing better comes"


def test_what_was_shown_does_not_take_the_place_of_a_definition(work: Lines, asking: Asking) -> None:
    ready, engine = asking(f"```py\n{RETRY}```", "    return retry(3, get)\n```")
    found = rewritten(ready, work, "call `retry`")
    assert (found.text, found.tries, found.flaws) == (WHOLE, 2, 0)
    assert prompt_text(engine).endswith("```py\ndef load(url):\n")
    ready, engine = asking("```py\ndef fetch(url):\n    return retry(3, get)\n```")
    assert rewritten(ready, work, "call `retry`, and name it fetch").gone == ("load",)
    assert len(engine.requests) == 1


def test_where_it_does_not_belong_anywhere_a_definition_is_lost(work: Lines, asking: Asking) -> None:
    other = "```py\nraise ValueError\n```"
    found = rewritten(asking(other, other)[0], work, "retry")
    assert (found.lost, found.gone) == (True, ("load",))
    ready, engine = asking(other)
    assert rewritten(ready, work, "remove the function").gone == ("load",)
    assert len(engine.requests) == 1
    ready, engine = asking("```py\ndef load(url):\n    return get(url)\n```", other)
    assert rewritten(ready, work, "retry").same, "is better than that"
    assert [request[1].temperature for request in engine.requests] == [0.0, 0.4]


def test_an_answer_goes_on_at_the_head_of_the_first_definition(work: Lines, asking: Asking) -> None:
    text = f"import os\n\n\n@cache\n{APP}"
    ready, engine = asking("```py\nx = 1\n```", "    return 1\n```")
    found = rewritten(ready, replace(work, text=text, first=0, last=5), "one")
    assert prompt_text(engine).endswith("assistant\n```py\nimport os\n\n\n@cache\ndef load(url):\n")
    assert found.text == text.replace("get(url)\n", "1\n", 1)
