"""`coder watch`."""

from __future__ import annotations

import json as json_
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from coder_tui.cli import changes, options, output, runtime
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError

if TYPE_CHECKING:
    from coder_tui.assistant.ai_comments import AiComment
    from coder_tui.assistant.opening import Ready
    from coder_tui.context.exclude import Rules
    from coder_tui.core.prompt import Sampling

_WAKE_MS = 250
"""How often the watcher says that nothing has happened; the first time says that it is there."""


def register(app: typer.Typer) -> None:
    app.command(
        "watch",
        epilog=options.examples(
            "coder watch                      until Ctrl-C",
            "coder watch -C project --json    answers and changes as objects",
        ),
    )(watch)


def watch(
    json: options.Json = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Act on comments that ask, whenever a file of the repository is saved, until Ctrl-C.

    Write `# AI: handle an empty list` into a file, in any editor and as your language writes comments, and save it: the
    function around it or below it is changed, and the comment removed; coder undo takes it back. Where it stands
    between blank lines new code takes its place. `# AI? why is this so slow` is answered on stdout. Files that git
    ignores or that may hold secrets are never read. With --json one object is printed on a line for each.
    """
    from coder_tui.assistant.surroundings import patterns
    from coder_tui.context.exclude import Rules
    from coder_tui.core.prompt import Sampling

    with Status() as status:
        here = runtime.enter(directory, runtime.flags(model, max_tokens, temperature, "chat"))
        root = (here.root or Path.cwd()).resolve()
        sampling = Sampling(temperature=0.0 if temperature is None else temperature, seed=seed)
        rules = Rules(root, patterns(here.settings.context.exclude))
        with runtime.ready(here.settings, status, yes=yes) as ready:
            watching = _Watching(here, root, rules, ready, sampling, status, json=json)
            status.clear()
            for saved in _saved(root):
                for path in saved:
                    watching.look(path)


@dataclass
class _Watching:
    here: runtime.Place
    root: Path
    rules: Rules
    ready: Ready
    sampling: Sampling
    status: Status
    json: bool
    asked: dict[Path, set[str]] = field(default_factory=dict[Path, set[str]])
    """Questions that have been answered; one that goes away and comes back is asked anew."""

    def look(self, path: Path) -> None:
        """Act on what a file asks that has been saved. Failures are told; the watch goes on."""
        from coder_tui.assistant.ai_comments import found

        try:
            text = self._text(path)
            if text is None:
                return
            name = runtime.name_in(self.root, path)
            comments = found(text, name)
            old = self.asked.get(path, set())
            self.asked[path] = old & {one.text for one in comments if one.is_question}
            for comment in comments:
                if comment.is_question and comment.text not in old:
                    self.asked[path].add(comment.text)
                    self._answer(name, text, comment)
            for _ in [one for one in comments if not one.is_question]:
                first = next((one for one in found(text, name) if not one.is_question), None)
                after = None if first is None else self._edit(path, name, text, first)
                if after is None:
                    return
                text = after
        except CoderError as error:
            output.fail(f"{path.name}: {error}", error.hint)

    def _text(self, path: Path) -> str | None:
        """Of a file that may be sent (LF); None for others, and where nothing asks."""
        from coder_tui.context import exclude, repository
        from coder_tui.core.document import to_lf

        if not path.is_relative_to(self.root) or not path.is_file():
            return None
        name = path.relative_to(self.root).as_posix()
        if self.rules.reason(name):
            return None
        try:
            if "AI" not in exclude.read(self.root, name)[0]:
                self.asked.pop(path, None)
                return None
        except (exclude.RefusedError, OSError):
            return None
        if self.here.root is not None and name not in repository.files(self.root):
            return None
        return to_lf(runtime.read(path, self.here.settings).text)

    def _answer(self, name: str, text: str, comment: AiComment) -> None:
        from coder_tui.assistant.chat import Attachment, Question
        from coder_tui.cli.chat import answered, in_context

        output.note(f"{name}:{comment.line + 1}: {comment.text}")
        attached = Attachment(name, text, 0, Path(name).suffix.lstrip("."))
        question = Question(comment.text, (attached,), (), self.ready.settings.chat.system)
        with runtime.surroundings(self.here, self.root / name, wanted=True) as surroundings:
            question = in_context(question, self.ready, surroundings)
        where = f"(It is asked in a comment in line {comment.line + 1} of {name}.)"
        question = replace(question, text=f"{comment.text}\n{where}")
        _, said, _ = answered(self.ready, question, self.sampling, self.status, show=not self.json)
        if self.json:
            self._print({"file": name, "line": comment.line + 1, "question": comment.text, "answer": said})

    def _edit(self, path: Path, name: str, text: str, comment: AiComment) -> str | None:
        """The file after the change; None where it is still asked for."""
        from coder_tui.assistant import ai_comments

        output.note(f"{name}:{comment.line + 1}: {comment.text}")
        with runtime.surroundings(self.here, path, wanted=True) as surroundings:
            done = ai_comments.changed(self.ready, comment, name, self.sampling, self.status.show, surroundings)
        self.status.clear()
        for cut in done.cuts:
            output.note(f"note: {cut}")
        there = changes.place(self.here)
        limit = self.here.settings.files.max_bytes
        reason = f"watch {name}:{comment.line + 1}"
        made = ai_comments.put(there, path, text, done.text, reason=reason, max_bytes=limit)
        for warning in made.warnings:
            output.note(f"warning: {warning}")
        output.note(f"wrote {name}{'; coder undo takes it back' if made.record is not None else ''}")
        if self.json:
            self._print({"file": name, "line": comment.line + 1, "instruction": comment.text, "changed": True})
        return self._text(path)

    def _print(self, value: dict[str, object]) -> None:
        sys.stdout.write(json_.dumps(value) + "\n")
        sys.stdout.flush()


def _saved(root: Path) -> Iterator[list[Path]]:
    """Files that were written, in groups; begins to look before it says so."""
    from watchfiles import Change, DefaultFilter
    from watchfiles import watch as watched

    is_there = False
    # Temporary files of editors and of this program come and go: what is gone again is not looked at.
    for events in watched(
        root, watch_filter=DefaultFilter(), rust_timeout=_WAKE_MS, yield_on_timeout=True, raise_interrupt=True
    ):
        if not is_there:
            is_there = True
            output.note(f"watching {root}; Ctrl-C ends it")
        written = {name for change, name in events if change is not Change.deleted}
        if written:
            yield sorted(Path(os.path.realpath(Path(name).parent)) / Path(name).name for name in written)
