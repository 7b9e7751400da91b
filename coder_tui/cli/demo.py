"""`coder demo`: a repository to try it on, and the main job done on it, in a minute."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from coder_tui.assistant.opening import Ready
    from coder_tui.core.events import Usage

_HOLE_LINE = 7
_QUESTION = "In two sentences: what does this class do?"


def register(app: typer.Typer) -> None:
    app.command("demo", epilog=options.examples("coder demo", "coder demo --model small --yes"))(demo)


def demo(
    where: Annotated[
        Path | None, typer.Option("--into", metavar="DIR", help="Make the repository here.", show_default=False)
    ] = None,
    model: options.ModelOption = None,
    yes: options.Yes = False,
) -> None:
    """Try coder: a throw-away repository, a hole filled, a file completed from two others, a question answered."""
    with Status() as status:
        here = runtime.enter(None, runtime.flags(model, 64, 0.0))
        with runtime.ready(here.settings, status, yes=yes) as ready:
            root = _repository(where)
            output.write(f"A repository to play with is in {root}\nThe model is {ready.info.name}.\n")
            _infill(ready, root, status)
            _complete(ready, root, status)
            _chat(ready, root, status)
    output.write(
        f"""
What to try next:
  cd {root}
  coder infill sort.py:{_HOLE_LINE} --diff          the first step again, as a diff; --write applies it
  coder complete main.py -f utils.py -f model.py
  coder chat -f main.py "what is missing here?"
  coder models list                     larger models, DeepSeek Coder among them
  coder doctor                          what this machine can do
"""
    )


def _repository(where: Path | None) -> Path:
    from coder_tui.assistant import demo_repository
    from coder_tui.context import repository

    if where is not None and where.exists() and any(where.iterdir()):
        raise CoderError(f"{where} is not empty", hint="name a directory that does not exist yet")
    root = Path(tempfile.mkdtemp(prefix="coder-demo-")) if where is None else where.absolute()
    root.mkdir(parents=True, exist_ok=True)
    for name in demo_repository.NAMES:
        (root / name).write_text(demo_repository.content(name), encoding="utf-8")
    repository.create(root, "the files of coder demo")
    return root


def _infill(ready: Ready, root: Path, status: Status) -> None:
    from coder_tui.assistant import infill
    from coder_tui.assistant.reading import Hole
    from coder_tui.cli.streaming import highlighted, printed
    from coder_tui.core.document import Position

    _heading(f"1. A hole in sort.py: coder infill sort.py:{_HOLE_LINE}")
    document = runtime.read(root / "sort.py", ready.settings)
    position = Position(_HOLE_LINE - 1, 0)
    at = document.offset(position)
    output.write(document.text[:at])
    with highlighted():
        hole = Hole(document, position, "sort.py")
        result = printed(infill.infill(ready, hole, infill.sampling(ready.settings, None)), status, show=True)
    output.write(document.text[at:].lstrip("\n"))
    _figures(result.usage)


def _complete(ready: Ready, root: Path, status: Status) -> None:
    from coder_tui.assistant import infill
    from coder_tui.assistant.complete import complete
    from coder_tui.cli.streaming import highlighted, printed

    _heading("2. main.py goes on, knowing the other two: coder complete main.py -f utils.py -f model.py")
    here = runtime.Place(root, ready.settings)
    document = runtime.read(root / "main.py", ready.settings)
    snippets = runtime.snippets(here, [root / "utils.py", root / "model.py"])
    output.write(document.text)
    with highlighted():
        events = complete(ready, document, infill.sampling(ready.settings, None), path="main.py", snippets=snippets)
        result = printed(events, status, show=True)
    _figures(result.usage)


def _chat(ready: Ready, root: Path, status: Status) -> None:
    from coder_tui.assistant.chat import Attachment, Question
    from coder_tui.cli.chat import answered
    from coder_tui.core.prompt import Sampling

    _heading(f'3. A question: coder chat -f model.py "{_QUESTION}"')
    text = (root / "model.py").read_text(encoding="utf-8")
    question = Question(_QUESTION, (Attachment("model.py", text, language="py"),))
    short = replace(ready, settings=replace(ready.settings, chat=replace(ready.settings.chat, max_tokens=160)))
    *_, finished = answered(short, question, Sampling(), status, show=True)
    _figures(finished.usage)


def _heading(text: str) -> None:
    from rich.text import Text

    output.write("\n")
    output.console().print(Text(text, "bold"), soft_wrap=True)


def _figures(usage: Usage) -> None:
    from rich.text import Text

    line = (
        f"({usage.evaluated_tokens} prompt tokens read, {usage.completion_tokens} written; "
        f"first after {usage.ttft_ms:.0f} ms, then {usage.tokens_per_second:.0f} a second)"
    )
    output.console().print(Text(line, "dim"), soft_wrap=True)
