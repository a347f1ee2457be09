"""A journal with listeners: each is told of an entry once it is safely written.

Sometimes that is known only later: the answer to a write was lost, and the entry is found there when the journal is
read again. Then it is told then.
"""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.journal.entries import Entry
from bluegreen.ports import Journal

Listener = Callable[[Entry], None]


class Heard:
    """`bluegreen.ports.Journal` around another one. `told`: how many of its entries the listeners know already; all
    that are there now, unless given."""

    def __init__(self, journal: Journal, *listeners: Listener, told: int | None = None) -> None:
        self._journal = journal
        self._listeners = listeners
        self._told = told

    def append(self, entry: Entry) -> None:
        if self._told is None:
            self._told = len(self._journal.entries())
        self._journal.append(entry)
        self.entries()

    def entries(self) -> tuple[Entry, ...]:
        entries = self._journal.entries()
        known = len(entries) if self._told is None else self._told
        self._told = len(entries)
        for entry in entries[known:]:
            for tell in self._listeners:
                tell(entry)
        return entries
