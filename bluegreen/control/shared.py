"""An inbox in a team's table. Commands are numbered as they arrive, so that their order is the same for everybody."""

from __future__ import annotations

from bluegreen.control.inbox import COMMAND
from bluegreen.errors import Busy
from bluegreen.lease.store import ABSENT, Conflict, Key, Store, Write
from bluegreen.model import Command

TRIES = 20


class SharedInbox:
    """`bluegreen.control.inbox.Inbox` of one rollout."""

    def __init__(self, store: Store, rollout_id: str) -> None:
        self._store, self._partition = store, f"rollout#{rollout_id}"

    def send(self, command: Command) -> None:
        for _ in range(TRIES):
            sent = self.all()
            if any(other.id == command.id for other in sent):
                return
            key = Key(self._partition, f"command#{len(sent) + 1:08d}")
            try:
                self._store.write(Write(key, {"command": COMMAND.dump_json(command)}, ABSENT))
            except Conflict:
                continue  # somebody else got this number
            return
        raise Busy("too many commands are being sent at the same time")

    def all(self) -> tuple[Command, ...]:
        found = self._store.range(self._partition, "command#")
        return tuple(COMMAND.validate_json(item["command"]) for _, item in found if isinstance(item["command"], bytes))
