"""From keys to ghosts: when a suggestion is asked for, and what becomes of what comes back. Runs on the app's loop;
the model is asked in a thread of `LiveSuggestions`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from textual.app import App
from textual.timer import Timer

from coder_tui.assistant.ghost import MOST_CHOICES, Choices, Ghost
from coder_tui.assistant.pause import Pause, is_wanted
from coder_tui.core.document import Document, Position
from coder_tui.core.errors import NoInfillError
from coder_tui.core.prompt import Purpose
from coder_tui.core.standins import held, released
from coder_tui.ui.open_file import OpenFile, language_name
from coder_tui.ui.telling import in_thread, tell

if TYPE_CHECKING:
    from coder_tui.assistant.live import Ended, LiveSuggestions, Report
    from coder_tui.assistant.opening import Ready
    from coder_tui.assistant.reading import Hole
    from coder_tui.assistant.surroundings import Surroundings
    from coder_tui.ui.editor.area import CodeArea

_WARM_S = 0.4
"""So long the cursor rests at a new place before that is read."""
_AGAIN_S = 0.25
"""So long nothing is typed along a suggestion before the model is asked whether it still says so."""
_KEPT_S = 120.0
"""So long after what was read of a file was written to disk that is not done again."""
_NONE_OF_THEM = -1
"""No report has this number."""
_FAILED_S = 5.0
"""After a failure none is asked for by itself for so long."""


class Suggesting:
    """The suggestions of an app."""

    def __init__(self, app: App[None], mode: str, not_in: str, say: Callable[[str], None]) -> None:
        """`mode` is `app.suggest`, `not_in` is `app.suggest_not_in`; `say` shows a text in the status bar."""
        self._app, self._say = app, say
        self.mode = mode
        self.not_in = [pattern.strip() for pattern in not_in.split(",") if pattern.strip()]
        """Patterns of files, and languages."""
        self._live: LiveSuggestions | None = None
        self._pause = Pause()
        self._timer: Timer | None = None
        self._number = 0
        """Of the suggestion that is asked for or shown; 0 when none is."""
        self._file: OpenFile | None = None
        self._place = (0, 0)
        self._typed = (0, (0, 0))
        """File and place where something was typed last: the cursor has not moved as long as it is there."""
        self._said = False
        self._is_whole = False
        """Whether no more of what shows is going to come."""
        self._is_again = False
        """Whether the model is asked behind what is left of a ghost."""
        self._choices: Choices | None = None
        self._failed = 0.0
        self.surroundings: Callable[[], Surroundings | None] = lambda: None
        """Where to look for what goes along."""

    def use(self, ready: Ready | None, report: Callable[[Report], None]) -> None:
        """Another model, or none."""
        from coder_tui.assistant.infill import sampling
        from coder_tui.assistant.kept import Turns
        from coder_tui.assistant.live import LiveSuggestions
        from coder_tui.assistant.suggest import Suggester

        old, self._live = self._live, None
        if old is not None:
            self._app.run_worker(in_thread(old.close), exit_on_error=False)
        self._forget()
        if ready is not None:
            # A GPU reads a file again in less time than it takes to write down what it has read.
            suggester = Suggester(ready, None if ready.on_gpu else Turns(Purpose.SUGGEST, _KEPT_S))
            self._live = LiveSuggestions(suggester, sampling(ready.settings, None), report)

    def close(self) -> None:
        if self._live is not None:
            self._live.close()
            self._live = None

    def edited(self, file: OpenFile, *, typed: bool, along: bool) -> None:
        """The text has changed: ask soon, or go on with what is shown."""
        if along:
            self._place = file.area.cursor_location
            if file.area.ghost is None and self.mode != "off":
                self.ask(file)  # all of it was taken: the next one is wanted at once
            elif self.mode == "auto":
                self._end_again()
                self._later(_AGAIN_S, lambda: self._ask_again(file))
            return
        self._pause.key(1000 * time.monotonic())
        self.cancel()
        self._typed = (file.number, file.area.cursor_location)
        if typed and self.mode == "auto" and not self._is_off_for(file):
            left, right = file.area.line_parts()
            if is_wanted(left, right) and time.monotonic() - self._failed > _FAILED_S:
                at_end = file.area.cursor_location[0] == file.area.document.line_count - 1
                wait = self._pause.after(left, right, at_end=at_end)
                self._later(wait / 1000, lambda: self.ask(file))

    def moved(self, file: OpenFile) -> None:
        """The cursor is elsewhere: read that place while nobody waits."""
        ghost, place = file.area.ghost, file.area.cursor_location
        if self._number and file is self._file and (place == self._place or ghost is not None):
            self._place = place  # a ghost that is still there has moved along with what was typed
            return
        if (file.number, place) != self._typed:
            self.cancel()
            if self.mode == "auto" and not self._is_off_for(file):
                self._later(_WARM_S, lambda: self._warm(file))

    def shown(self, file: OpenFile) -> None:
        """The file has come into view or into focus, or there is a model now: read its place while nobody waits."""
        if self.mode == "auto" and self._timer is None and not self._number and not self._is_off_for(file):
            self._later(_WARM_S, lambda: self._warm(file))

    def ask(self, file: OpenFile) -> None:
        """Ask the model for the cursor's place, now."""
        self._stop_timer()
        area = file.area
        if self._live is None or area.read_only or not area.selection.is_empty or not area.has_focus:
            return
        area.show_ghost(None)
        self._choices = None
        self._file, self._place = file, area.cursor_location
        self._number = self._live.ask(self.hole(file))
        self._said = self._is_whole = self._is_again = False
        self._say("waiting …")

    def _ask_again(self, file: OpenFile) -> None:
        """Ask behind what is left of a ghost that was typed along."""
        self._stop_timer()
        area, live = file.area, self._live
        if live is None or area.ghost is None or file is not self._file or not self._is_whole:
            return
        if self._choices is None:  # what somebody has chosen among several stays
            self._is_again = True
            self._number = live.again(self.hole(file), released(area.ghost.text))

    def _end_again(self) -> None:
        """More was typed along: what the model says of the place before is of no use."""
        if self._is_again and self._live is not None:
            self._live.stop()
            self._is_again, self._number = False, _NONE_OF_THEM

    def step(self, by: int) -> None:
        """Show another suggestion in place of the one that shows: one that was there before, else a new one."""
        file = self._file
        ghost = file.area.ghost if file is not None else None
        if file is None or ghost is None or self._live is None:
            return
        choices = self._choices
        if choices is None or not choices.is_of(ghost):
            choices = self._choices = Choices([ghost])
        other = choices.step(by)
        if other is None and not choices.is_asked:
            choices.is_asked = True
            self._number = self._live.others(self.hole(file), released(ghost.text), MOST_CHOICES - 1)
            self._say("others …")
        elif other is not None:
            file.area.show_ghost(other)
            self._say_choice(choices)

    def _say_choice(self, choices: Choices) -> None:
        self._say(f"suggestion {choices.at + 1} of {len(choices.ghosts)}{'' if choices.is_all else ' so far'}")

    def cancel(self) -> None:
        """Nothing is wanted any more."""
        self._stop_timer()
        if self._number and self._live is not None:
            self._live.stop()
        self._forget()

    def is_shown_out(self) -> bool:
        """Whether what was asked for has been shown, and is not any more."""
        return bool(self._number and self._said and self._file is not None and self._file.area.ghost is None)

    def take(self, report: Report) -> None:
        """What the model says, on the app's loop."""
        from coder_tui.assistant.live import Ended, Failed, Instead, More, Waiting

        if report.number != self._number or self._file is None:
            return
        area = self._file.area
        if isinstance(report, Waiting):
            self._say(f"reading {report.done}/{report.total} tokens" if report.done < report.total else "writing …")
        elif self._choices is not None and self._choices.is_asked and isinstance(report, More | Ended):
            self._choose(self._choices, area, report.text if isinstance(report, More) else "")
        elif isinstance(report, More | Instead):
            self._show(area, held(report.text), begins=isinstance(report, Instead))
        elif isinstance(report, Ended) and self._choices is None:
            self._ended(report)
        elif isinstance(report, Failed):
            self._app.log(f"suggestion failed: {report.error}")
            self._failed = time.monotonic()
            self._forget()
            if isinstance(report.error, NoInfillError):
                self.mode = "off"
            tell(self._app, report.error)

    def _show(self, area: CodeArea, text: str, *, begins: bool) -> None:
        """More of a ghost, or another one in its place."""
        if area.ghost is not None:
            area.show_ghost(replace(area.ghost, text=text) if begins else area.ghost.more(text))
        elif not self._said and area.cursor_location == self._place:
            area.show_ghost(Ghost(text, *self._place))
            self._said = True

    def _choose(self, choices: Choices, area: CodeArea, text: str) -> None:
        """Another suggestion that was wished for, an empty one at their end. Where what shows has changed since, it is
        nothing any more."""
        if area.ghost is None or not choices.is_of(area.ghost):
            return
        if text:
            area.show_ghost(choices.add(held(text)))
        else:
            choices.end()
        self._say_choice(choices)

    def _ended(self, report: Ended) -> None:
        self._is_whole = True
        usage = report.usage
        if not report.known:
            self._pause.answered(report.first_ms)
        if not self._said:
            self._say("no suggestion")
        elif report.known:
            self._say("suggestion known before")
        else:
            speed = f" {usage.tokens_per_second:.0f} tok/s" if usage.tokens_per_second else ""
            counts = f"{usage.cached_tokens} cached {usage.evaluated_tokens} read"
            self._say(f"{counts} {report.first_ms:.0f} ms{speed}")

    def _forget(self) -> None:
        self._number, self._said, self._choices = 0, False, None
        if self._file is not None:
            self._file.area.show_ghost(None)
        self._file = None
        self._say("")

    def _warm(self, file: OpenFile) -> None:
        self._stop_timer()
        if self._live is not None and not self._number and file.area.has_focus and not file.area.read_only:
            self._live.warm(self.hole(file))

    def _later(self, seconds: float, then: Callable[[], None]) -> None:
        self._stop_timer()
        self._timer = self._app.set_timer(seconds, then)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None

    def toggle_language(self, file: OpenFile) -> bool:
        """No suggestions by themselves in files of this language any more, or again; whether they come now."""
        name = language_name(file)
        self.cancel()
        if name in self.not_in:
            self.not_in.remove(name)
            return True
        self.not_in.append(name)
        return False

    def _is_off_for(self, file: OpenFile) -> bool:
        names = (file.path_name, file.name, language_name(file))
        return any(fnmatch(name, pattern) for pattern in self.not_in for name in names)

    def hole(self, file: OpenFile) -> Hole:
        """The cursor's place, with the text as the editor has it."""
        from coder_tui.assistant.reading import Hole

        line, column = file.area.cursor_location
        document = Document(released(file.area.text))
        return Hole(document, Position(line, column), file.path_name, surroundings=self.surroundings())
