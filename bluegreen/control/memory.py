"""An inbox in this process: for operators of a rehearsal, whose engine nobody else could reach."""

from __future__ import annotations

import threading

from bluegreen.model import Command


class MemoryInbox:
    """`bluegreen.control.inbox.Inbox` that lives as long as its process. Any thread may send and read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: dict[str, Command] = {}

    def send(self, command: Command) -> None:
        with self._lock:
            self._sent.setdefault(command.id, command)

    def all(self) -> tuple[Command, ...]:
        with self._lock:
            return tuple(self._sent.values())
