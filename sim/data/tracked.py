"""Items of two stores that are followed one by one: who wrote what where, what of it was copied, and what readers saw.

Each way carries writes in the order of their time, or later where a hazard delays some. What becomes of one where it
arrives is the copier's own decision (`bluegreen/sync/judging.py`), so a rehearsal judges what `bluegreen sync` does.
Where nobody compares versions, as in a dual write without an order, what arrives last stays.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import floor, inf
from typing import NamedTuple

from bluegreen.model import Slot
from bluegreen.sync.change import Change
from bluegreen.sync.judging import There, judge
from bluegreen.sync.marks import Image, Marks, Stamp
from sim.data.history import Applied, Event, History, Promoted, Read, Wrote

AGAIN = 10_000
"""What was carried so shortly before the copier stopped is carried once more: how far it is, it writes down later."""


class Deed(NamedTuple):
    """Something that somebody did at a store: when (ms), in which, to which item. A write may stay there alone, or be
    copied so much later (ms) than those that were made beside it."""

    at: float
    slot: Slot
    key: int
    reads: bool = False
    alone: bool = False
    late: int = 0


class Copy(NamedTuple):
    """A write on its way: from when on it is carried (`ready`, ms), in the order of writing."""

    ready: float
    number: int
    change: Change


Arrives = Mapping[Slot, Callable[[float], float]]
"""By the slot that wrote: when what was written at a moment arrives at the other store; never: infinite."""


@dataclass(slots=True)
class Tracked:
    """Both stores' items. `live` serves first, and wins when versions are equal. `versions`: they are compared."""

    live: Slot
    versions: bool = True
    items: dict[tuple[Slot, int], Image] = field(default_factory=dict)
    waiting: dict[Slot, list[Copy]] = field(default_factory=lambda: {slot: [] for slot in Slot})
    carried: dict[Slot, deque[tuple[float, Copy]]] = field(default_factory=lambda: {slot: deque() for slot in Slot})
    events: list[Event] = field(default_factory=list)
    told: set[str] = field(default_factory=set)
    """Writes that lost a conflict, which is counted, or that never left their store, which was in nobody's hands."""
    stale: int = 0
    """Reads that showed less than anybody had been told is safe by then."""
    conflicts: int = 0
    alone: Slot | None = None
    """The only slot that is left."""
    unordered: bool = False
    """Something was overwritten that nobody has compared."""
    _newest: dict[int, int] = field(default_factory=dict)
    _promoted: bool = False

    @property
    def marks(self) -> Marks:
        return Marks(self.live, self.live.other)

    def go_on(self, deeds: Iterable[Deed], arrives: Arrives, until: float) -> None:
        """All that happens up to a moment, in the order of time. `deeds` are in that order."""
        for deed in deeds:
            self._carry(arrives, deed.at)
            if deed.reads:
                self._read(deed)
            else:
                self._write(deed)
        self._carry(arrives, until)
        if self.alone is not None and not self.waiting[self.alone.other] and not self._promoted:
            self._promoted = True
            self.events.append(Promoted(self.alone, floor(until)))

    def again(self, slot: Slot, stopped: float) -> None:
        """Whoever carries the slot's writes is back, and begins where it last wrote down how far it was."""
        for arrived, copy in self.carried[slot]:
            if arrived >= stopped - AGAIN:
                heappush(self.waiting[slot], copy)
        self.carried[slot].clear()

    def forget(self, slot: Slot, before: float) -> int:
        """Nobody keeps the slot's writes from before any more: so many will never be copied."""
        kept = [copy for copy in self.waiting[slot] if copy.ready >= before]
        gone, self.waiting[slot] = len(self.waiting[slot]) - len(kept), sorted(kept)
        return gone

    def differing(self) -> int:
        """How many items are not the same in both stores."""
        keys = {key for _, key in self.items}
        return sum(self._id((Slot.BLUE, key)) != self._id((Slot.GREEN, key)) for key in keys)

    def history(self, truth: Slot, *, at: int, confirmed: bool = False) -> History:
        """Up to now (`at`, in ms), when `truth` is what everybody uses, and what it holds when all that is on its way
        has arrived.
        `confirmed`: somebody took upon himself what only the other store has."""
        end = Tracked(self.live, self.versions, dict(self.items), events=[*self.events], told=set(self.told))
        end.waiting = {slot: [*copies] for slot, copies in self.waiting.items()}
        end.go_on((), dict.fromkeys(Slot, lambda ready: max(at, ready)), inf)
        given = {event.id for event in end.events if isinstance(event, Wrote) and event.side == truth.other}
        final: dict[str, dict[str, tuple[str, ...]]] = {slot: {} for slot in Slot}
        for slot, key in end.items:
            final[slot][str(key)] = (end._id((slot, key)),)
        return History(truth, end.events, final, end.told | (given if confirmed else set()))

    # -- how

    def _write(self, deed: Deed) -> None:
        where, there = (deed.slot, deed.key), self.items.get((deed.slot, deed.key))
        version = max(floor(deed.at), self.marks.version_of(there) + 1)
        order = 2 * version + (deed.slot is self.live)  # of equal versions the live slot's is the newer
        number = len(self.events)
        image = self.marks.marked({"write": {"S": f"w{number}"}}, version, self.marks.seen(there))
        at = floor(deed.at)
        self.events += [
            Wrote(str(deed.key), f"w{number}", order, deed.slot, at, at),
            Applied(str(deed.key), f"w{number}", deed.slot, at),
        ]
        self._newest[deed.key] = max(order, self._newest.get(deed.key, 0))
        base = None if there is None else self.marks.stamp(there, deed.slot)
        change = Change(_key(deed.key), image, Stamp(version, deed.slot), base, self.marks.seen(image))
        self.items[where] = image
        if deed.alone:
            self.told.add(f"w{number}")
        else:
            heappush(self.waiting[deed.slot], Copy(deed.at + deed.late, number, change))

    def _read(self, deed: Deed) -> None:
        there = self.items.get((deed.slot, deed.key))
        self.events.append(Read(str(deed.key), () if there is None else (_write_of(there),), deed.slot, floor(deed.at)))
        self.stale += self._order(deed.slot, there) < self._newest.get(deed.key, 0)

    def _carry(self, arrives: Arrives, until: float) -> None:
        """What arrives up to a moment, both ways in the order of time."""
        while True:
            ahead = [(arrives[slot](copies[0].ready), slot) for slot, copies in self.waiting.items() if copies]
            at, slot = min(ahead, default=(inf, Slot.BLUE))
            if not ahead or at > until:
                return
            copy = heappop(self.waiting[slot])
            self._arrive(slot, copy.change, at)
            self.carried[slot].append((at, copy))
            while self.carried[slot][0][0] < at - AGAIN:
                self.carried[slot].popleft()

    def _arrive(self, slot: Slot, change: Change, at: float) -> None:
        """At the other slot's store."""
        assert change.image is not None, "nobody deletes here"
        where = (slot.other, int(change.key["id"]["N"]))
        there = self.items.get(where)
        verdict = judge(change, There(there), self.marks)
        if not self.versions:
            self.unordered |= not verdict.takes or verdict.conflict
        elif verdict.conflict:
            self._give_up(change.image if there is None or not verdict.takes else there)
        if verdict.takes or not self.versions:
            self.items[where] = self.marks.marked(change.image, change.stamp.version, change.stamp)
            self.events.append(Applied(str(where[1]), _write_of(change.image), slot.other, floor(at)))

    def _give_up(self, image: Image) -> None:
        """A write that lost a conflict. It may meet the other one twice, once in each store."""
        self.conflicts += _write_of(image) not in self.told
        self.told.add(_write_of(image))

    def _order(self, slot: Slot, image: Image | None) -> int:
        if image is None:
            return 0
        stamp = self.marks.stamp(image, slot)
        return 2 * stamp.version + (stamp.side == self.live)

    def _id(self, where: tuple[Slot, int]) -> str:
        there = self.items.get(where)
        return "" if there is None else _write_of(there)


def _key(key: int) -> Image:
    return {"id": {"N": str(key)}}


def _write_of(image: Image) -> str:
    return str(image["write"]["S"])
