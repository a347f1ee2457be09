"""The trace: the engine's journal with the world's samples, faults and notes in it, one JSON line each. Same seed and
files, same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bluegreen.journal.entries import ENTRY, Entry


def as_line(content: Mapping[str, Any]) -> bytes:
    """One line of a trace, without its end."""
    return json.dumps(content, separators=(",", ":")).encode()


class Trace:
    """Lines, oldest first."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []

    def add(self, kind: str, at: datetime | None = None, **content: Any) -> None:
        """One line that is no journal entry."""
        head: dict[str, Any] = {"kind": kind} if at is None else {"kind": kind, "at": at.isoformat()}
        self.add_json(head | content)

    def add_json(self, content: Mapping[str, Any]) -> None:
        self.lines.append(as_line(content))

    def add_entry(self, entry: Entry) -> None:
        self.lines.append(ENTRY.dump_json(entry))


class TraceJournal:
    """`bluegreen.ports.Journal` in a trace. It outlives the engine, as a file would."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._entries: list[Entry] = []

    def append(self, entry: Entry) -> None:
        self._entries.append(entry)
        self._trace.add_entry(entry)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._entries)
