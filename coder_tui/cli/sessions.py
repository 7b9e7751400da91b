"""`coder sessions list, search, show, export, delete, fork`."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from coder_tui.cli import options, output, runtime
from coder_tui.core.errors import CoderError, HistoryError, UsageError
from coder_tui.core.plain import plain

if TYPE_CHECKING:
    from coder_tui.assistant.kept import Kept
    from coder_tui.assistant.recorder import Recorder
    from coder_tui.history.sessions import Said, Session, Sessions

app = typer.Typer(
    name="sessions",
    help="Chats that were kept: list, search, read, export, delete, go on from the middle of one.",
    no_args_is_help=True,
    epilog=options.examples(
        "coder sessions list", 'coder sessions search "quick sort"', "coder sessions show 3f2a1c9e"
    ),
)
All = Annotated[bool, typer.Option("--all", "-a", help="Of all repositories, not only of this one.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="Of a session, or as much of it as tells it apart.")]
_SHORT = 8


@app.command("list", epilog=options.examples("coder sessions list", "coder sessions list --all --json"))
def list_(all_: All = False, json: options.Json = False, directory: options.Directory = None) -> None:
    """The chats of this repository, the latest first: id, when, messages, what the model keeps of it on disk, title."""
    here = runtime.enter(directory)
    with opened() as sessions:
        found = sessions.all(None if all_ else str(here.root or ""))
        if json:
            output.write_json({"sessions": [_facts(one) for one in found]})
            return
        if not found:
            output.note("no chat has been kept here")
        for one in found:
            output.write_row(_start(one), one.title)


@app.command("search", epilog=options.examples('coder sessions search "quick sort"'))
def search(
    words: Annotated[str, typer.Argument(metavar="WORDS", help="All of them must be in a message.")],
    all_: All = False,
    json: options.Json = False,
    directory: options.Directory = None,
) -> None:
    """Messages in which words occur."""
    here = runtime.enter(directory)
    with opened() as sessions:
        found = sessions.search(words, None if all_ else str(here.root or ""))
    if json:
        rows = [
            {"id": one.session.id, "title": one.session.title, "message": one.place, "excerpt": _unmarked(one.excerpt)}
            for one in found
        ]
        output.write_json({"found": rows})
        return
    if not found:
        output.note("nothing found")
    from rich.text import Text

    for one in found:
        line = Text(f"{one.session.id[-_SHORT:]}  ")
        for at, part in enumerate(one.excerpt.replace("\n", " ").replace("\x03", "\x02").split("\x02")):
            line.append(plain(part), "bold" if at % 2 else "")
        output.console().print(line, soft_wrap=True)


@app.command("show", epilog=options.examples("coder sessions show 3f2a1c9e"))
def show(id: Id, json: options.Json = False, directory: options.Directory = None) -> None:  # noqa: A002 - as users see it
    """A chat, all of it."""
    runtime.enter(directory)
    _export(id, json=json)


@app.command("export", epilog=options.examples("coder sessions export 3f2a1c9e --json"))
def export(id: Id, json: options.Json = False, directory: options.Directory = None) -> None:  # noqa: A002 - as above
    """A chat as Markdown, or with --json as an object, with what was attached."""
    runtime.enter(directory)
    _export(id, json=json, attached=True)


@app.command("delete", epilog=options.examples("coder sessions delete 3f2a1c9e", "coder sessions delete --all --yes"))
def delete(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Of sessions.")] = None,
    all_: Annotated[bool, typer.Option("--all", "-a", help="All that were kept, of all repositories.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    json: options.Json = False,
    directory: options.Directory = None,
) -> None:
    """Forget chats, for good."""
    from coder_tui.assistant.kept import forget_chats

    if bool(ids) == all_:
        raise UsageError("say which chats: ID... or --all")
    runtime.enter(directory)
    with opened() as sessions:
        found = sessions.all() if all_ else list({one.id: one for one in map(sessions.find, ids or ())}.values())
        if not yes and output.can_ask():
            typer.confirm(f"forget {len(found)} chat{'s' if len(found) != 1 else ''} for good?", abort=True, err=True)
        elif not yes and all_:
            raise UsageError("--all without a terminal needs --yes")
        sessions.delete(*(one.id for one in found))
    _forget_damaged(all_=all_)
    forget_chats([one.id for one in found])
    if json:
        output.write_json({"deleted": [one.id for one in found]})
    output.note(f"forgot {len(found)} chat{'s' if len(found) != 1 else ''}")


def _forget_damaged(*, all_: bool) -> None:
    """Databases that were set aside hold chats too: with all others they go, else it is said where they are."""
    from coder_tui.config import paths
    from coder_tui.history.schema import set_aside

    for path in set_aside(paths.sessions_file()):
        if all_:
            path.unlink(missing_ok=True)
        else:
            output.note(f"note: {path}, which was damaged and set aside, may still hold what was said")


@app.command("fork", epilog=options.examples("coder sessions fork 3f2a1c9e --messages 4"))
def fork(
    id: Id,  # noqa: A002 - what users see
    messages: Annotated[int | None, typer.Option("--messages", min=1, help="Only the first so many messages.")] = None,
    json: options.Json = False,
    directory: options.Directory = None,
) -> None:
    """A new chat that begins like another; its id is printed, for `coder chat --session`."""
    runtime.enter(directory)
    with opened() as sessions:
        old = sessions.find(id).id
        new = sessions.fork(old, messages)
        count = sessions.find(new).messages
    if json:
        output.write_json({"id": new, "of": old, "messages": count})
    else:
        output.write(f"{new}\n")


@contextmanager
def recorded(here: runtime.Place, *, go_on: bool, session: str | None, private: bool) -> Iterator[Recorder]:
    """What keeps a chat; nothing with `private`, or where `history.enabled` is off. Raises HistoryError when there is
    no chat to go on with."""
    from coder_tui.assistant.recorder import Recorder

    root, wanted = str(here.root or ""), here.settings.history.enabled == "on" and not private
    if not wanted:
        if go_on or session:
            raise CoderError("chats are not kept (history.enabled is off): there is none to go on with")
        yield Recorder(None)
        return
    with contextlib.ExitStack() as stack:
        try:
            sessions = stack.enter_context(opened())
        except HistoryError as error:
            raise HistoryError(str(error), hint=error.hint or "coder chat --private goes without them") from error
        name = _named(sessions, root, go_on=go_on, session=session)
        settings = {"temperature": here.settings.chat.temperature, "system": here.settings.chat.system}
        yield Recorder(sessions, root, runtime.model_name(here.settings), settings, name)


def read_before(recorder: Recorder) -> Kept | None:
    """What a model has read of the chat that goes on; a new one begins with what it has in common with the latest
    one here, if the same model was asked there."""
    from coder_tui.assistant.kept import Kept, chat_key
    from coder_tui.core.prompt import Purpose

    sessions, session = recorder.sessions, recorder.session
    if sessions is None:
        return None
    if not session:
        session = next((one.id for one in sessions.all(recorder.root, 1) if one.model == recorder.model), "")
    return Kept(Purpose.CHAT, chat_key(session), lambda: chat_key(recorder.session))


def chosen(here: runtime.Place, *, go_on: bool, session: str | None) -> str:
    """The id of the chat to go on with; empty for a new one. Raises HistoryError when there is none."""
    if not go_on and not session:
        return ""
    if here.settings.history.enabled == "off":
        raise CoderError("chats are not kept (history.enabled is off): there is none to go on with")
    with opened() as sessions:
        return _named(sessions, str(here.root or ""), go_on=go_on, session=session)


def _named(sessions: Sessions, root: str, *, go_on: bool, session: str | None) -> str:
    if session:
        return sessions.find(session).id
    if not go_on:
        return ""
    latest = sessions.all(root, 1)
    if not latest:
        raise HistoryError("no chat has been kept here to go on with", hint="coder sessions list --all")
    return latest[0].id


@contextmanager
def opened() -> Iterator[Sessions]:
    """The database; what the user must know of it is told."""
    from coder_tui.config import paths
    from coder_tui.history.sessions import Sessions

    sessions = Sessions(paths.sessions_file())
    told = sessions.notice
    if told:
        output.note(f"warning: {told}")
    try:
        yield sessions
    finally:
        if sessions.notice != told:  # damage was found on the way
            output.note(f"warning: {sessions.notice}")
        sessions.close()


def _export(wanted: str, *, json: bool, attached: bool = False) -> None:
    with opened() as sessions:
        session = sessions.find(wanted)
        messages = sessions.messages(session.id)
    if json:
        output.write_json({**_facts(session), "messages": [asdict(one) for one in messages]})
        return
    parts = [f"# {session.title}", *(_markdown(one, attached=attached) for one in messages)]
    output.write("\n\n".join(parts) + "\n")


def _markdown(said: Said, *, attached: bool) -> str:
    who = "You" if said.role == "user" else "Answer"
    state = "" if said.is_whole else " (cut off)"
    files: list[str] = []
    for one in said.attachments:
        fence = "```"
        while fence in one.text:
            fence += "`"
        name = Path(one.name).name if not attached else one.name
        files.append(
            f"{name}:\n{fence}{one.language}\n{one.text.rstrip()}\n{fence}" if attached else f"*{name} attached*"
        )
    return "\n\n".join([f"## {who}{state}", *files, said.text.strip()])


def _facts(session: Session) -> dict[str, object]:
    """`messages` is their number, `state_bytes` the size of what a model has read of it and keeps on disk."""
    from coder_tui.assistant.kept import chat_bytes

    return {**asdict(session), "state_bytes": chat_bytes(session.id)}


def _start(session: Session) -> str:
    """What a list tells of it before its title."""
    from coder_tui.assistant.kept import chat_bytes

    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(session.updated))
    size = chat_bytes(session.id) / 2**20
    held = f"{size:5.1f} MiB" if size else " " * 9
    return f"{session.id[-_SHORT:]}  {when}  {session.messages:3}  {held}  "


def _unmarked(excerpt: str) -> str:
    return excerpt.replace("\x02", "").replace("\x03", "")
