"""A journal with listeners: each is told of an entry once it is safely written."""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.journal.entries import Entry
from bluegreen.ports import Journal

Listener = Callable[[Entry], None]


class Heard:
    """`bluegreen.ports.Journal` around another one."""

    def __init__(self, journal: Journal, *listeners: Listener) -> None:
        self._journal = journal
        self._listeners = listeners

    def append(self, entry: Entry) -> None:
        self._journal.append(entry)
        for tell in self._listeners:
            tell(entry)

    def entries(self) -> tuple[Entry, ...]:
        return self._journal.entries()
