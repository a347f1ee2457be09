"""What must outlive the copier, in a table of its own: positions and counts of each direction, the newest delete of
each item, and what was overwritten.

The table has the same form as a team's (`bluegreen.lease.store`), and may be the same one. Positions are written
together with a check of the lease, so that a copier that lost it moves none; with them go the counts, so that a record
is counted once. Deletes and overwritten writes need no lease: each is written only where it is not known yet.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock
from typing import Any, NamedTuple

from bluegreen.lease.shared import SharedLease, lease_key
from bluegreen.lease.store import ABSENT, Conflict, Item, Key, Store, Write
from bluegreen.sync.change import milliseconds
from bluegreen.sync.counts import Count, Loss
from bluegreen.sync.marks import Image, Marks, Stamp
from bluegreen.sync.shards import Position

LARGEST = 350_000
"""An item may have 400 KB; what is longer than this is remembered without its content."""
TOGETHER = 90
"""A transaction takes 100 items."""


def text_of(image: Image) -> str:
    """An item or a key as text: the same for the same, and readable. Bytes are in base64."""
    return json.dumps(image, sort_keys=True, separators=(",", ":"), default=_encoded)


def image_of(text: str) -> Image:
    """What `text_of` made into text. Only keys come back: text, numbers and bytes."""
    found: dict[str, dict[str, str]] = json.loads(text)
    return {
        name: {kind: b64decode(value) if kind == "B" else value for kind, value in attribute.items()}
        for name, attribute in found.items()
    }


def _encoded(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else b64encode(value).decode()


class Begun(NamedTuple):
    """A direction as it was left: which stream, since when, when its shards were last listed, and how far the baseline
    is (the text of a key, empty at the beginning, None at its end)."""

    stream: str
    begun: datetime
    looked: datetime
    baseline: str | None


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A write that was lost: by which loss, of which item, its stamp, when it was noticed, and its content as text."""

    loss: Loss
    key: str
    stamp: str
    at: datetime
    content: str


@dataclass(slots=True)
class State:
    """Everything about one sync, in one store. `keep`: how long deletes are remembered, when the table removes items by
    its attribute `expires`."""

    store: Store
    name: str
    lease: SharedLease | None = None
    keep: timedelta = timedelta(days=7)
    known_losses: dict[str, int] = field(default_factory=dict)
    """How many there were when `losses` was asked last, and those since."""
    _lock: Lock = field(default_factory=Lock)

    @property
    def _partition(self) -> str:
        return f"sync#{self.name}"

    # -- positions and counts, under the lease -------------------------------------------------------------------------

    def begun(self, direction: str) -> Begun | None:
        """How a direction was left, or None when it never began."""
        found = self.store.get(Key(self._partition, f"{direction}#begun"))
        if found is None or found["forgotten"]:
            return None
        baseline = None if found["baseline_done"] else str(found["baseline"])
        return Begun(str(found["stream"]), _time(found["begun"]), _time(found["looked"]), baseline)

    def positions(self, direction: str) -> dict[str, Position]:
        """How far each shard was read."""
        prefix = f"{direction}#shard#"
        return {
            key.sort.removeprefix(prefix): Position(str(item["sequence"]), _time(item["fresh"]), bool(item["done"]))
            for key, item in self.store.range(self._partition, prefix)
            if not item["gone"]
        }

    def totals(self, direction: str) -> dict[str, int]:
        """What was done in a direction so far. Losses are those of `losses`."""
        found = self.store.get(Key(self._partition, f"{direction}#totals")) or {}
        return {count: int(found.get(count, 0)) for count in Count}

    def save(
        self, direction: str, begun: Begun, positions: Mapping[str, Position | None], totals: Mapping[str, int]
    ) -> None:
        """Write down how far a direction is: of the positions only those that have changed, None for a shard that is of
        no interest any more. One page of records moves one position, which is written together with its counts; only
        new shards can be more than one write takes. Raises LeaseLost."""
        writes = [
            Write(Key(self._partition, f"{direction}#shard#{shard}"), _position(at)) for shard, at in positions.items()
        ]
        while len(writes) > TOGETHER:
            self._write(*writes[:TOGETHER])
            del writes[:TOGETHER]
        start = Write(Key(self._partition, f"{direction}#begun"), _begun(begun))
        self._write(*writes, start, Write(Key(self._partition, f"{direction}#totals"), dict(totals)))

    def forget(self, direction: str) -> None:
        """Let the direction begin anew; what was counted, deleted and overwritten stays known. Raises LeaseLost."""
        key = Key(self._partition, f"{direction}#begun")
        if (there := self.store.get(key)) is not None:
            for shard in self.positions(direction):
                self._write(Write(Key(self._partition, f"{direction}#shard#{shard}"), _position(None)))
            self._write(Write(key, {**there, "forgotten": True}))

    def _write(self, *writes: Write) -> None:
        assert self.lease is not None, "only a copier with a lease moves positions"
        try:
            self.store.write(*writes, self.lease.check)
        except Conflict as error:
            if lease_key(self.lease.service) in error.at:
                raise self.lease.lost() from error
            raise

    # -- deletes -------------------------------------------------------------------------------------------------------

    def buried(self, key: Image) -> Stamp | None:
        """The newest delete of an item that is remembered."""
        found = self.store.get(self._grave(key))
        return None if found is None else Stamp(int(found["version"]), str(found["side"]))

    def bury(self, key: Image, stamp: Stamp, marks: Marks, now: datetime) -> None:
        """Remember a delete, unless a newer one is remembered."""
        expires = milliseconds(now + self.keep) // 1000
        item: Item = {"version": stamp.version, "side": stamp.side, "item": text_of(key), "expires": expires}
        there = self.buried(key)
        while there is None or marks.newer(stamp, there):
            known: Item = {} if there is None else {"version": there.version, "side": there.side}
            try:
                return self.store.write(Write(self._grave(key), item, known or ABSENT))
            except Conflict:
                there = self.buried(key)
        return None

    def _grave(self, key: Image) -> Key:
        return Key(f"{self._partition}#{sha256(text_of(key).encode()).hexdigest()}", "deleted")

    # -- what was overwritten ------------------------------------------------------------------------------------------

    def lose(self, loss: Loss, key: Image, stamp: str, image: Image | None, now: datetime) -> None:
        """Keep a write that is about to be overwritten, or was. Once: the same stamp of the same item is known."""
        digest = sha256(text_of(key).encode()).hexdigest()
        kept = Key(f"{self._partition}#overwritten", f"{loss}#{digest}#{stamp}")
        item: Item = {"key": text_of(key), "stamp": stamp, "at": now.isoformat(), "content": _packed(image)}
        with self._lock:
            while self.store.get(kept) is None:
                if self._lose(Write(kept, item, ABSENT), loss):
                    return

    def _lose(self, write: Write, loss: Loss) -> bool:
        """Together with its number, so that each is counted once."""
        counter = Key(f"{self._partition}#overwritten", f"count#{loss}")
        there = self.store.get(counter)
        count = Write(counter, {"n": 1 if there is None else int(there["n"]) + 1}, ABSENT if there is None else there)
        try:
            self.store.write(write, count)
        except Conflict:
            return False
        assert count.item is not None, "it is written"
        self.known_losses[loss] = int(count.item["n"])
        return True

    def losses(self) -> dict[str, int]:
        """How many writes were overwritten that another one did not know of, both ways together."""
        found = {loss: self.store.get(Key(f"{self._partition}#overwritten", f"count#{loss}")) for loss in Loss}
        self.known_losses = {loss: 0 if item is None else int(item["n"]) for loss, item in found.items()}
        return self.known_losses

    def overwritten(self) -> Iterator[Overwritten]:
        """All of them, conflicts first."""
        for loss in Loss:
            for _, item in self.store.range(f"{self._partition}#overwritten", f"{loss}#"):
                content = item["content"]
                text = zlib.decompress(content).decode() if isinstance(content, bytes) else ""
                yield Overwritten(loss, str(item["key"]), str(item["stamp"]), _time(item["at"]), text)


def _packed(image: Image | None) -> bytes:
    packed = zlib.compress(text_of(image or {}).encode())
    return packed if len(packed) <= LARGEST else zlib.compress(b"too large to be kept")


def _position(at: Position | None) -> Item:
    if at is None:
        return {"sequence": "", "fresh": "", "done": True, "gone": True}
    return {"sequence": at.sequence, "fresh": at.fresh.isoformat(), "done": at.done, "gone": False}


def _begun(begun: Begun) -> Item:
    return {
        "stream": begun.stream,
        "begun": begun.begun.isoformat(),
        "looked": begun.looked.isoformat(),
        "baseline": begun.baseline or "",
        "baseline_done": begun.baseline is None,
        "forgotten": False,
    }


def _time(value: object) -> datetime:
    return datetime.fromisoformat(str(value))
