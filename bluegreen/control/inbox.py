"""Commands on their way to the engine.

An inbox only grows. A command counts as taken once a journal entry holds its id: an engine that dies between taking it
and writing that down takes it again, and one that takes over from another engine does not obey it twice.
"""

from __future__ import annotations

from typing import Protocol

from pydantic import TypeAdapter

from bluegreen.errors import OperatingError, UserError
from bluegreen.journal.entries import Decided
from bluegreen.model import Command
from bluegreen.ports import Journal

COMMAND: TypeAdapter[Command] = TypeAdapter(Command)
SENDS = 3


class Inbox(Protocol):
    """Where commands wait. Every method may raise OperatingError."""

    def send(self, command: Command) -> None:
        """Put it there for good. Safe to repeat: a command whose id is there is not put there again."""
        ...

    def all(self) -> tuple[Command, ...]:
        """Every command that was ever sent, in the order in which they arrived."""
        ...


class Waiting(Protocol):
    """Whatever holds commands: an inbox, or a signal that was received."""

    def all(self) -> tuple[Command, ...]: ...


class Taker:
    """`bluegreen.ports.Control` of the engine that writes `journal`."""

    def __init__(self, journal: Journal, *sources: Waiting) -> None:
        self._journal, self._sources = journal, sources
        self._written: set[str] = set()
        self._read = 0

    def take(self) -> tuple[Command, ...]:
        entries = self._journal.entries()
        for entry in entries[self._read :]:
            if isinstance(entry, Decided):
                self._written |= {command.id for command in entry.seen.commands}
        self._read = len(entries)
        return tuple(command for source in self._sources for command in source.all() if command.id not in self._written)


def deliver(inbox: Inbox, command: Command) -> None:
    """Put it there: it may be asked again, it does not arrive twice. Raises UserError when nobody knows whether it
    arrived."""
    for attempt in range(SENDS):
        try:
            inbox.send(command)
        except OperatingError as error:
            if attempt == SENDS - 1:
                raise UserError(f"nobody knows whether it was sent: {error}. Ask again") from error
        else:
            return
