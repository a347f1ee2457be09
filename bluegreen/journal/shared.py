"""The journal in a table that a team shares.

An entry is written together with a check of the lease's fence: an engine that lost the lease can write nothing, so the
journal has one writer at a time, no gap and no double. Entries are compressed; what is still too large for one item
(DynamoDB: 400 KB) becomes several, written together. The service's list of rollouts is kept in the same writes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from itertools import groupby

from pydantic import ValidationError

from bluegreen.errors import Busy, Refused, UserError
from bluegreen.journal.entries import ENTRY, Decided, Entry, Started
from bluegreen.lease.shared import SharedLease
from bluegreen.lease.store import ABSENT, Conflict, Item, Key, Store, Write

PART = 250_000
"""Bytes of an entry in one item: well below DynamoDB's 400 KB, whatever the item's names add."""
PARTS = 15
"""A transaction is at most 4 MB (Amazon DynamoDB API Reference, TransactWriteItems)."""


class SharedJournal:
    """`bluegreen.ports.Journal` on a table, for the engine that has the lease."""

    def __init__(self, store: Store, lease: SharedLease, rollout_id: str) -> None:
        self._store, self._lease, self.rollout_id = store, lease, rollout_id
        self._entries: list[Entry] = []
        self._stale = True

    def append(self, entry: Entry) -> None:
        if self._stale:
            self._refresh()
        self._stale = True  # until the answer says that it was written
        try:
            self._store.write(self._lease.check, *self._parts(entry), *self._listed(entry))
        except Conflict as error:
            if self._lease.key in error.at:
                raise self._lease.lost() from error
            raise Busy("this entry is in the journal already: an earlier answer was lost") from error
        self._entries.append(entry)
        self._stale = False

    def entries(self) -> tuple[Entry, ...]:
        if self._stale:
            self._refresh()
        return tuple(self._entries)

    def _refresh(self) -> None:
        self._entries = list(shared_entries(self._store, self.rollout_id))
        self._stale = False

    def _parts(self, entry: Entry) -> list[Write]:
        data = zlib.compress(ENTRY.dump_json(entry))
        parts = [data[i : i + PART] for i in range(0, len(data), PART)]
        if len(parts) > PARTS:
            raise Refused(f"an entry of {len(data)} bytes does not fit into one transaction")
        number, fence = len(self._entries), self._lease.holder.fence
        return [
            Write(entry_key(self.rollout_id, number, i), {"data": part, "parts": len(parts), "fence": fence}, ABSENT)
            for i, part in enumerate(parts)
        ]

    def _listed(self, entry: Entry) -> list[Write]:
        """The line in the service's list: at the start, and again with the end."""
        match entry:
            case Started():
                start, end, ended = entry, "", ""
            case Decided() if entry.decision.rollout.finished:
                start = started(self._entries)
                end, ended = str(entry.decision.rollout.end), entry.at.isoformat()
            case _:
                return []
        item: Item = {"started": start.at.isoformat(), "by": start.by, "end": end, "ended": ended}
        return [Write(listed_key(self._lease.service, self.rollout_id), item)]


def entry_key(rollout_id: str, number: int, part: int) -> Key:
    """Where one part of an entry is; entries and parts count from 0."""
    return Key(f"rollout#{rollout_id}", f"entry#{number:08d}#{part:02d}")


def listed_key(service: str, rollout_id: str) -> Key:
    """Where a service's list of rollouts names this one."""
    return Key(f"service#{service}", f"rollout#{rollout_id}")


def started(entries: Iterable[Entry]) -> Started:
    """A journal's first entry. Raises UserError when it is another."""
    first = next(iter(entries), None)
    if not isinstance(first, Started):
        raise UserError("a journal begins with its start; this one does not")
    return first


def shared_entries(store: Store, rollout_id: str) -> tuple[Entry, ...]:
    """All entries, for whoever only reads. Raises UserError when something is missing between them."""
    found = store.range(f"rollout#{rollout_id}", "entry#")
    entries = []
    for number, (name, items) in enumerate(groupby(found, lambda at: at[0].sort.split("#")[1])):
        parts = [item for _, item in items]
        if int(name) != number or len(parts) != parts[0]["parts"]:
            raise UserError(f"{rollout_id}: entry {number} of its journal is missing or not whole; nothing was changed")
        entries.append(_entry(rollout_id, number, parts))
    return tuple(entries)


def _entry(rollout_id: str, number: int, parts: list[Item]) -> Entry:
    data = b"".join(part["data"] for part in parts if isinstance(part["data"], bytes))
    try:
        return ENTRY.validate_json(zlib.decompress(data))
    except (ValidationError, zlib.error) as error:
        raise UserError(f"{rollout_id}: entry {number} of its journal is damaged; nothing was changed") from error
