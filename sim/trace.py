"""The trace: the engine's journal with the world's samples, faults and notes in it, one JSON line each. Same seed and
files, same bytes.

Lines are written when somebody wants to read them: most of thousands of runs nobody ever reads.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
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
        self._items: list[tuple[datetime, Callable[[], bytes]]] = []

    @property
    def lines(self) -> list[bytes]:
        """Oldest first; of the same time in the order in which they were told."""
        return [write() for _, write in sorted(self._items, key=itemgetter(0))]

    def add(self, kind: str, at: datetime, **content: Any) -> None:
        """One line that is no journal entry."""
        self._items.append((at, partial(as_line, {"kind": kind, "at": at.isoformat(), **content})))

    def add_sample(self, sample: Record) -> None:
        self._items.append((EPOCH + timedelta(milliseconds=sample.at), lambda: as_line(sample.line())))

    def add_entry(self, entry: Entry) -> None:
        self._items.append((entry.at, partial(ENTRY.dump_json, entry)))


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
