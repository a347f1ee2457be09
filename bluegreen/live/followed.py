"""All that is known so far of a rollout that is watched."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from bluegreen.control.standing import Standing, standing
from bluegreen.errors import UserError
from bluegreen.journal.entries import ENTRY, Entry
from bluegreen.journal.fold import fold
from bluegreen.live.source import Source
from bluegreen.plan import Plan
from bluegreen.report.trace import Trace, read_trace

ENTRIES = frozenset({"started", "decided", "failed", "resumed", "left"})
"""The kinds of lines that are a journal's; the others are the world's."""


class Followed:
    """Lines as they came. Any thread may ask. Raises what its source raises. `where`: before the number of a line that
    is damaged."""

    def __init__(self, source: Source, plan: Plan | None = None, where: str = "line ") -> None:
        self.source, self.plan, self._where = source, plan, where
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []
        self._entries: list[Entry] = []
        self._latest: datetime | None = None

    def refresh(self) -> int:
        """Take what has come. Returns how many lines are known. Raises UserError when one is damaged."""
        with self._lock:
            self._take(self.source.more())
            return len(self._lines)

    def replace(self, lines: Iterable[str]) -> None:
        """Know these lines instead: the finished trace, which tells more than what came on the way."""
        with self._lock:
            self.source.more()
            self._lines, self._entries, self._latest = [], [], None
            self._take(lines)

    def trace(self) -> Trace | None:
        """The trace so far; None before anything has happened in it."""
        with self._lock:
            return read_trace(list(self._lines)) if self._latest is not None else None

    def standing(self) -> Standing | None:
        """Where the rollout stands; None before it has begun."""
        with self._lock:
            entries = tuple(self._entries)
        if not entries:
            return None
        inbox = self.source.inbox()
        return standing(entries, inbox.all() if inbox is not None else (), self.source.at_work())

    def now(self) -> datetime | None:
        """The time there; None when nobody has told it yet."""
        return self.source.now() or self._latest

    @property
    def ended(self) -> bool:
        """Whether the rollout has come to its end, or the trace to its own."""
        with self._lock:
            if self._lines and self._lines[0].get("kind") == "header":
                return self._lines[-1].get("kind") == "end"
            return bool(self._entries) and fold(self._entries).finished

    def _take(self, lines: Iterable[str]) -> None:
        for text in lines:
            where = f"{self._where}{len(self._lines) + 1}"
            line = _parsed(text, where)
            self._lines.append(line)
            if line.get("at"):
                at = _time(line["at"], where)
                self._latest = at if self._latest is None else max(self._latest, at)
            if line.get("kind") in ENTRIES:
                self._entries.append(_entry(text, where))


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise UserError(f"{where}: this is not a line of a trace: {text[:80]}: {error}") from error
    if not isinstance(line, dict):
        raise UserError(f"{where}: this is not a line of a trace: {text[:80]}")
    return line


def _entry(text: str, where: str) -> Entry:
    try:
        return ENTRY.validate_json(text)
    except ValidationError as error:
        raise UserError(f"{where}: this is not an entry of a journal: {error.errors()[0]['msg']}") from error


def _time(text: Any, where: str) -> datetime:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise UserError(f"{where}: {text!r} is no time") from error
    if time.tzinfo is None:
        raise UserError(f"{where}: {text!r} has no time zone")
    return time
