"""Where a watched rollout's lines come from, and who hears its operators.

Told     a rollout of this process tells them as it writes them
OfKept   a journal, here or in a team's table, is asked now and then
OfTrace  a trace is read as it grows
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Protocol

from bluegreen.clock import SystemClock
from bluegreen.control.inbox import Inbox
from bluegreen.control.kept import AtWork, Kept, KeptHere
from bluegreen.errors import UserError
from bluegreen.journal.entries import ENTRY, Entry
from bluegreen.journal.tail import Tail

SOON, NOW_AND_THEN = timedelta(seconds=0.5), timedelta(seconds=2)


class Source(Protocol):
    """Something that is watched. Its methods may raise OperatingError, and UserError when it is damaged."""

    @property
    def every(self) -> timedelta:
        """How often it is worth asking."""
        ...

    def more(self) -> Sequence[str]:
        """The lines of a trace, or of a journal, that have come since the last time."""
        ...

    def inbox(self) -> Inbox | None:
        """Where its engine finds commands; None when nobody would read them."""
        ...

    def at_work(self) -> AtWork:
        """Whether an engine works on it."""
        ...

    def now(self) -> datetime | None:
        """The time there; None when only its lines tell it."""
        ...


class Told:
    """What a rollout of this process tells; any thread may tell, one listens."""

    every = SOON

    def __init__(
        self, inbox: Inbox | None, now: Callable[[], datetime] | None = None, engine: AtWork | None = None
    ) -> None:
        self._inbox, self._now = inbox, now
        self._lines: SimpleQueue[str] = SimpleQueue()
        self.engine = engine or AtWork(None)
        """Whether it is at work, as far as that is to be shown."""

    def line(self, line: str) -> None:
        """Tell one line of a trace."""
        self._lines.put(line)

    def entry(self, entry: Entry) -> None:
        """Tell an entry of a journal."""
        self._lines.put(ENTRY.dump_json(entry).decode())

    def more(self) -> Sequence[str]:
        lines = []
        try:
            while True:
                lines.append(self._lines.get_nowait())
        except Empty:
            return lines

    def inbox(self) -> Inbox | None:
        return self._inbox

    def at_work(self) -> AtWork:
        return self.engine

    def now(self) -> datetime | None:
        return self._now() if self._now is not None else None


class OfKept:
    """A journal."""

    def __init__(self, kept: Kept) -> None:
        self._kept, self._known = kept, 0
        self.every = SOON if isinstance(kept, KeptHere) else NOW_AND_THEN

    def more(self) -> Sequence[str]:
        entries = self._kept.entries()
        news, self._known = entries[self._known :], len(entries)
        return [ENTRY.dump_json(entry).decode() for entry in news]

    def inbox(self) -> Inbox | None:
        return self._kept.inbox()

    def at_work(self) -> AtWork:
        return self._kept.at_work()

    def now(self) -> datetime | None:
        return SystemClock().now()


class OfTrace:
    """A trace. One of a drill names the journal beside it, whose engine hears operators; that of a rehearsal which is
    over has none."""

    every = SOON

    def __init__(self, path: Path) -> None:
        self._tail, self._kept = Tail(path), journal_of(path)

    def more(self) -> Sequence[str]:
        return self._tail.lines()

    def inbox(self) -> Inbox | None:
        return self._kept.inbox() if self._kept is not None else None

    def at_work(self) -> AtWork:
        return self._kept.at_work() if self._kept is not None and self._kept.path.exists() else AtWork(None)

    def now(self) -> datetime | None:
        return None


def is_trace(path: Path) -> bool:
    """Whether it is a trace, not a journal. Raises UserError when it cannot be read."""
    return _header(path) is not None


def journal_of(trace: Path) -> KeptHere | None:
    """The journal that a trace is about, when its engine can be reached."""
    name = (_header(trace) or {}).get("journal")
    return KeptHere(trace.with_name(Path(name).name)) if isinstance(name, str) else None


def _header(path: Path) -> dict[str, object] | None:
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline() or "null")
    except OSError as error:
        raise UserError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: is not UTF-8 text") from error
    except (json.JSONDecodeError, RecursionError):
        return None
    return first if isinstance(first, dict) and first.get("kind") == "header" else None
