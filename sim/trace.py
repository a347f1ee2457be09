"""The trace: the engine's journal with the world's samples, faults and notes in it, one JSON line each. Same seed and
files, same bytes.

Lines are written when somebody wants to read them: most of thousands of runs nobody ever reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from bluegreen.journal.entries import ENTRY, Entry
from sim.clock import EPOCH
from sim.samples import Record


def as_line(content: Mapping[str, Any]) -> bytes:
    """One line of a trace, without its end."""
    return json.dumps(content, separators=(",", ":")).encode()


class Trace:
    """Lines by their time: a stretch of quiet is sampled when it is over."""

    def __init__(self) -> None:
        self._items: list[tuple[datetime, Entry | Record | dict[str, Any]]] = []

    @property
    def lines(self) -> list[bytes]:
        """Oldest first; of the same time in the order in which they were told."""
        return [_written(item) for _, item in sorted(self._items, key=itemgetter(0))]

    def since(self, known: int) -> list[bytes]:
        """The lines that have come since so many were known, in the order in which they were told."""
        return [_written(item) for _, item in self._items[known:]]

    def add(self, kind: str, at: datetime, **content: Any) -> None:
        """One line that is no journal entry."""
        self._items.append((at, {"kind": kind, "at": at.isoformat(), **content}))

    def add_sample(self, sample: Record) -> None:
        self._items.append((EPOCH + timedelta(milliseconds=sample.at), sample))

    def add_entry(self, entry: Entry) -> None:
        self._items.append((entry.at, entry))


def _written(item: Entry | Record | dict[str, Any]) -> bytes:
    match item:
        case dict():
            return as_line(item)
        case Record():
            return as_line(item.line())
        case _:
            return ENTRY.dump_json(item)


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
