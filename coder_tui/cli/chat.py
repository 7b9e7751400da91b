"""`coder chat ["question"]`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime, terminal_app
from coder_tui.cli.status import Status
from coder_tui.core.errors import CoderError, HistoryError, UsageError
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from coder_tui.assistant.chat import Attachment, Fitted, Question
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.recorder import Recorder
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.core.events import Finished
    from coder_tui.core.prompt import Sampling


def register(app: typer.Typer) -> None:
    app.command(
        "chat",
        epilog=options.examples(
            'coder chat "how do I reverse a list in place?"',
            'coder chat -f utils.py:10-40 -f main.py "why is this slow?"',
            'coder chat "how does quick_sort work?"   its definition goes along; @utils.py sends a file',
            'coder chat --staged "review this"',
            'coder chat --continue "and in C?"         goes on with the latest chat here',
            'pytest 2>&1 | coder chat "what is broken?"',
            "coder chat                             the app, at its chat",
            "coder chat --lines                     line by line, Ctrl-D ends it",
        ),
    )(chat)


def chat(
    question: Annotated[str | None, typer.Argument(metavar="QUESTION", help="What to ask.", show_default=False)] = None,
    file: options.Attached = None,
    staged: Annotated[bool, typer.Option("--staged", help="Attach what is staged in git.")] = False,
    go_on: Annotated[bool, typer.Option("--continue", help="Go on with the latest chat here.")] = False,
    session: Annotated[
        str | None, typer.Option("--session", metavar="ID", help="Go on with this chat (coder sessions list).")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="Keep nothing of this chat on disk.")] = False,
    lines: Annotated[
        bool, typer.Option("--lines", help="Without a question: line by line instead of the app.")
    ] = False,
    system: Annotated[
        str | None, typer.Option("--system", metavar="TEXT", help="What the model is told first.")
    ] = None,
    json: options.Json = False,
    model: options.ModelOption = None,
    temperature: options.Temperature = None,
    seed: options.Seed = None,
    max_tokens: options.MaxTokens = None,
    no_context: options.NoContext = False,
    yes: options.Yes = False,
    directory: options.Directory = None,
) -> None:
    """Ask about code. The answer streams: rendered on a terminal, plain text in a pipe.

    In a git repository what the question is about goes along: files that it mentions as @PATH, definitions that it
    names, else those that have its words; and what .coder.md tells. What is piped in goes along as an attachment;
    without a question it is the question. What does not fit the model's window is cut, attachments at their ends, and
    said on stderr.
    """
    from coder_tui.assistant.chat import Attachment, Question
    from coder_tui.cli import sessions
    from coder_tui.core.document import to_lf
    from coder_tui.core.prompt import Sampling

    if private and (go_on or session):
        raise UsageError("--private keeps nothing, and so it cannot go on with a chat that is kept")
    flags = runtime.flags(model, max_tokens, temperature, "chat") | {"chat.system": system}
    with Status() as status:
        here = runtime.enter(directory, flags)
        attachments = tuple(_attachments(here, file or [], staged=staged))
        piped = "" if sys.stdin.isatty() else to_lf(runtime.read_stdin(here.settings).text)
        if question is None and piped:
            question, piped = piped, ""
        if piped:
            attachments = (*attachments, Attachment("standard input", piped))
        if question is None and (json or not output.can_ask()):
            raise UsageError("there is no question", hint='coder chat "what does this do?" -f FILE')
        if question is not None and not question.strip():
            raise UsageError("the question is empty")
        if question is None and not (lines or no_context or seed is not None) and terminal_app.is_possible():
            status.clear()
            _in_app(here, attachments, go_on=go_on, session=session, private=private)
            return
        sampling = Sampling(temperature=here.settings.chat.temperature, seed=seed)
        wanted = not no_context and here.root is not None
        with (
            sessions.recorded(here, go_on=go_on, session=session, private=private) as recorder,
            runtime.surroundings(here, here.root, wanted=wanted) as surroundings,
            runtime.ready(
                here.settings,
                status,
                yes=yes,
                kept=sessions.read_before(recorder),
            ) as ready,
        ):
            talk = _Talk(ready, sampling, status, surroundings, recorder)
            if question is None:
                _line_by_line(talk, attachments)
            else:
                system = here.settings.chat.system
                _once(talk, Question(question, attachments, recorder.earlier, system), json=json)


def _in_app(
    here: runtime.Place, attachments: tuple[Attachment, ...], *, go_on: bool, session: str | None, private: bool
) -> None:
    """The app, at its chat."""
    from dataclasses import replace

    from coder_tui.cli import sessions

    name = "" if private else sessions.chosen(here, go_on=go_on, session=session)
    settings = here.settings
    if private:
        settings = replace(settings, history=replace(settings.history, enabled="off"))
    terminal_app.start(here.root or Path.cwd(), here.root, settings, chat=terminal_app.AtChat(attachments, name))


@dataclass(frozen=True, slots=True)
class _Talk:
    """What all questions of a chat have in common."""

    ready: Ready
    sampling: Sampling
    status: Status
    surroundings: Surroundings | None
    recorder: Recorder


def answered(
    ready: Ready,
    question: Question,
    sampling: Sampling,
    status: Status,
    *,
    show: bool,
    recorder: Recorder | None = None,
) -> tuple[Fitted, str, Finished]:
    """Ask: what was sent, the whole answer, how it ended. With `show` it streams to stdout."""
    fitted = _fit(ready, question)
    if recorder is not None:
        recorder.asked(question.text, fitted.attachments)
    return fitted, *_answer(ready, fitted, sampling, status, show=show, recorder=recorder)


def _once(talk: _Talk, question: Question, *, json: bool) -> None:
    fitted, text, finished = _asked(talk, question, show=not json)
    if json:
        output.write_json(
            {
                "text": text,
                "attachments": [one.reference for one in fitted.attachments],
                "cuts": list(fitted.cuts),
                "usage": runtime.usage_json(finished.usage),
                "stop_reason": finished.reason.value,
                "model": talk.ready.info.name,
                "session": talk.recorder.session or None,
            }
        )
    _refuse_lost(talk.recorder)


def _asked(talk: _Talk, question: Question, *, show: bool) -> tuple[Fitted, str, Finished]:
    """The answer to a question, which is kept as it comes."""
    asked = in_context(question, talk.ready, talk.surroundings)
    found = [one.reference for one in asked.attachments if one not in question.attachments]
    if found and show and sys.stderr.isatty():
        output.note(f"with {', '.join(found)}")
    return answered(talk.ready, asked, talk.sampling, talk.status, show=show, recorder=talk.recorder)


def _refuse_lost(recorder: Recorder) -> None:
    """Raises HistoryError where a chat that has been shown could not be kept."""
    if recorder.trouble:
        raise HistoryError(recorder.trouble, hint=recorder.hint)


def _fit(ready: Ready, question: Question) -> Fitted:
    """Fitted into the window; what was cut is said."""
    from coder_tui.assistant.chat import fit

    fitted = fit(ready, question, max_tokens=ready.settings.chat.max_tokens)
    for cut in fitted.cuts:
        output.note(f"note: {cut}")
    return fitted


def _answer(
    ready: Ready, fitted: Fitted, sampling: Sampling, status: Status, *, show: bool, recorder: Recorder | None
) -> tuple[str, Finished]:
    """Stream the answer to where it belongs; the whole of it and how it ended."""
    from coder_tui.assistant.chat import answer
    from coder_tui.cli.markdown import stream
    from coder_tui.core.events import Delta, Finished, PromptProgress, StopReason

    raw, text = "", ""
    finished: Finished | None = None
    try:
        with stream(show=show) as out:
            for event in answer(ready, fitted, sampling):
                if isinstance(event, PromptProgress) and event.done < event.total:
                    status.show(f"reading {event.done} of {event.total} tokens ...")
                elif isinstance(event, Delta):
                    status.clear()
                    raw += event.text
                    more, text = plain(raw)[len(text) :], plain(raw)  # of all of it: CR and LF may come apart
                    out.feed(more)
                    if recorder is not None:
                        recorder.said(text)
                elif isinstance(event, Finished):
                    finished = event
    finally:  # Ctrl-C too
        if recorder is not None:
            recorder.ended(text, finished)
    if finished is None:
        raise TypeError("a generation ends with Finished")
    if show and finished.reason in (StopReason.LENGTH, StopReason.WINDOW):
        output.note(
            "note: the answer was cut off here; for more: --max-tokens, or coder config set model.context_tokens"
        )
    return text, finished


def in_context(question: Question, ready: Ready, surroundings: Surroundings | None) -> Question:
    """The question with what the repository has to say to it."""
    from coder_tui.assistant.chat_context import with_context

    return question if surroundings is None else with_context(question, ready, surroundings)


def _line_by_line(talk: _Talk, attachments: tuple[Attachment, ...]) -> None:
    """A chat until Ctrl-D. Ctrl-C ends an answer, at the prompt the chat."""
    from coder_tui.assistant.chat import Question
    from coder_tui.prompts.chat import Message

    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - gives input() its line editing and history
    output.note("Ctrl-C stops an answer, Ctrl-D ends the chat.")
    earlier, lost = talk.recorder.earlier, ""
    while (line := _ask()) is not None:
        if not line.strip():
            continue
        question = Question(line, attachments, earlier, talk.ready.settings.chat.system)
        try:
            fitted, text, _ = _asked(talk, question, show=True)
        except KeyboardInterrupt:
            output.note("\nstopped")
            continue
        except CoderError as error:
            output.fail(str(error), error.hint)
            continue
        earlier, attachments = (*fitted.messages, Message("assistant", text)), ()
        if talk.recorder.trouble != lost:
            lost = talk.recorder.trouble
            output.note(f"warning: {lost}")
    _refuse_lost(talk.recorder)


def _ask() -> str | None:
    """A line from the user; None at the end of input."""
    try:
        return input("> ")
    except EOFError:
        output.note("")
        return None


def _attachments(here: runtime.Place, files: list[str], *, staged: bool) -> Iterator[Attachment]:
    from coder_tui.assistant.chat import Attachment
    from coder_tui.context import repository

    yield from runtime.attached(here, files)
    if staged:
        if here.root is None:
            raise CoderError("this is not a git repository, nothing is staged")
        yield Attachment("staged changes", repository.staged_diff(here.root), language="diff")
