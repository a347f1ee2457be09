"""Two stores, one of each slot, that something of the team's keeps together: every write goes to its own slot's store,
and reaches the other a moment later. Each way is a position, as a replica's is.

Counted: writes that never reach the other store, writes to an item that the other side had changed and nobody here had
heard of yet (one of the two is given up), reads of such items, items that differ. A sample is followed one by one
(`tracked.py`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from math import exp
from typing import TYPE_CHECKING, NamedTuple

import simpy

from bluegreen.model import Slot
from sim.clock import ms, now_ms
from sim.data.hazards import Hazards
from sim.data.replica import Replica
from sim.data.tracked import Deed, Tracked

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from sim.data.spec import DataSpec

MINUTE = 60_000
SAMPLE = 200
"""So many items are compared each minute, as `bluegreen sync` does by default."""


class Told(NamedTuple):
    """What is published of one minute: when it began (ms), seconds, items of the sample, writes since the start."""

    at: int
    lag: float
    divergent: float
    conflicts: float
    drops: float = 0.0
    stamped: float = 0.0


class Together:
    """Both ways. Moments are milliseconds of the environment. `rng` draws the counts, `sample` the tracked items."""

    def __init__(
        self,
        spec: DataSpec,
        hazards: Hazards,
        rng: Generator,
        sample: Generator,
        *,
        live: Slot = Slot.BLUE,
        env: simpy.Environment,
        settle: Callable[[], None],
    ) -> None:
        self._spec, self._hazards, self._rng, self._sample, self._env = spec, hazards, rng, sample, env
        self._ways = {slot: Replica(spec.replica, env, settle) for slot in Slot}
        self._recent: dict[Slot, deque[tuple[int, int, int]]] = {slot: deque() for slot in Slot}
        self._stopped: int | None = None
        self._speed = spec.replica.speed
        self._differing = 0.0
        self.tracked = Tracked(live, spec.versions)
        self.apart = dict.fromkeys(Slot, 0)
        """Writes that only the slot's own store has, and that nobody will bring to the other."""
        self.forgotten = dict.fromkeys(Slot, 0)
        """Of these, the ones that nobody read for so long that they are kept no more. Whoever copies stands then."""
        self.conflicts = 0
        self.drops = 0
        """Writes without a version that were overwritten; the other ones are conflicts."""
        self.stamped = 0
        """Writes without a version."""
        self.stale_reads = 0
        """Answers that lacked what the other store had taken before."""
        self.points: list[Told] = []

    @property
    def lag(self) -> float:
        """Seconds, of the way that is further behind. It grows while nobody copies."""
        behind = (now_ms(self._env) - min(way.position for way in self._ways.values())) / 1000
        return behind + (self._hazards.late_by if self._hazards.late else 0.0)

    @property
    def stands(self) -> bool:
        """Nobody copies, and nobody tells."""
        return self._hazards.consumer_down or any(self.forgotten.values())

    def missing(self, slot: Slot) -> int:
        """Of the slot's writes, those that the other store has not, on their way or not."""
        return self.apart[slot] + self._pending(slot, now_ms(self._env))

    def pass_time(self, start: int, end: int, writes: Mapping[Slot, int], reads: Mapping[Slot, int]) -> None:
        """So many writes were acknowledged by each slot over a stretch, and so many reads answered."""
        clashes, alone = 0.0, dict.fromkeys(Slot, 0)
        for slot, count in writes.items():
            alone[slot] = int(self._rng.binomial(count, self._hazards.one_sided)) if self._hazards.one_sided else 0
            if count > alone[slot]:
                self._recent[slot].append((start, end, count - alone[slot]))
            self._arrive(slot, end)
        for slot, count in writes.items():
            clashes += count * (1 - exp(-self._pending(slot.other, end) / self._spec.keys))
            hidden = (self._pending(slot.other, end) + self.apart[slot.other]) / self._spec.keys
            self.stale_reads += int(self._rng.binomial(reads.get(slot, 0), 1 - exp(-hidden)))
        fresh = int(self._rng.poisson(clashes))
        dropped = self._unversioned(fresh)
        self.conflicts, self.drops = self.conflicts + fresh - dropped, self.drops + dropped
        self.stamped += self._unversioned(sum(writes.values()))
        self._leave(alone, 0 if self._spec.versions else fresh)
        self._differing *= exp(-(sum(writes.values()) - sum(alone.values())) / self._spec.keys)
        self._forget(end)
        self._follow(start, end, writes, reads, alone)

    def measure(self) -> None:
        """A minute is over. Who does not run publishes nothing."""
        if self.stands:
            return
        divergent = float(self._rng.binomial(SAMPLE, 1 - exp(-self._differing / self._spec.keys)))
        known = (self.conflicts, self.drops, self.stamped) if self._spec.versions else (0, 0, 0)  # nobody compares
        self.points.append(Told(now_ms(self._env) - MINUTE, self.lag, divergent, *map(float, known)))

    def known(self, until: int | None = None) -> list[Told]:
        """What is published by now, or by a moment."""
        by = (now_ms(self._env) if until is None else until) - MINUTE - ms(self._spec.lag_known_after)
        return [each for each in self.points if each.at <= by]

    def felt(self) -> None:
        """A hazard has changed, or the load."""
        stands, now = self.stands or self._hazards.replication_off, now_ms(self._env)
        speed = self._speed * self._hazards.replica_speed
        for slot, way in self._ways.items():
            way.run_at(speed)
            if stands and way.replicating:
                way.stop()
            elif not stands and not way.replicating:
                way.resume()
                self.tracked.again(slot, self._stopped or now)
        self._stopped = (self._stopped or now) if stands else None

    def loaded(self, load: float) -> None:
        """So many times as much is written as whoever copies is used to: it gets on so much more slowly."""
        speed = self._spec.replica.speed / load
        if abs(speed - self._speed) > 0.05 * self._speed:
            self._speed = speed
            self.felt()

    # -- how

    def _unversioned(self, count: int) -> int:
        """How many of the writes have no version."""
        return int(self._rng.binomial(count, self._spec.unversioned)) if self._spec.unversioned else 0

    def _leave(self, alone: Mapping[Slot, int], clashed: int) -> None:
        """Writes that nobody will bring over; and items in which each store has what the other one had."""
        for slot, count in alone.items():
            self.apart[slot] += count
        self._hazards.leaked |= any(alone.values()) or clashed > 0
        self._differing += sum(alone.values()) + clashed

    def _forget(self, end: int) -> None:
        """What was not read for a day is kept no more; then whoever copies stops, and says so."""
        before, stood = end - ms(self._spec.kept_for), self.stands
        for slot, way in self._ways.items():
            position = way.position_at(end)
            if position >= before:
                continue
            gone = round(sum(_after(position, *each) - _after(before, *each) for each in self._recent[slot]))
            left = ((max(s, before), e, round(_after(before, s, e, c))) for s, e, c in self._recent[slot] if e > before)
            self._recent[slot] = deque(left)
            self.tracked.forget(slot, before)
            self.apart[slot] += gone
            self.forgotten[slot] += gone
            self._differing += gone
        if self.stands and not stood:
            self.felt()

    def _follow(
        self,
        start: int,
        end: int,
        writes: Mapping[Slot, int],
        reads: Mapping[Slot, int],
        alone: Mapping[Slot, int],
    ) -> None:
        """The tracked items' part of the stretch."""
        keys = min(self._spec.tracked, self._spec.keys)
        share, deeds = keys / self._spec.keys, []
        for slot, count in writes.items():
            stays = alone[slot] / count if count else 0.0
            for at in self._moments(start, end, count, share):
                late = round(1000 * self._hazards.late_by) if self._chance(self._hazards.late) else 0
                deeds.append(Deed(at, slot, int(self._sample.integers(keys)), alone=self._chance(stays), late=late))
            some = share * self._spec.writes  # about as many as writes: more would say the same
            for at in self._moments(start, end, reads.get(slot, 0), some):
                deeds.append(Deed(at, slot, int(self._sample.integers(keys)), reads=True))
        self.tracked.go_on(sorted(deeds), {slot: way.arrives for slot, way in self._ways.items()}, end)

    def _moments(self, start: int, end: int, count: int, share: float) -> list[float]:
        drawn = int(self._sample.binomial(count, share)) if count and share else 0
        return [float(at) for at in self._sample.uniform(start, end, drawn)]

    def _chance(self, chance: float) -> bool:
        return chance > 0 and bool(self._sample.random() < chance)

    def _pending(self, slot: Slot, moment: int) -> int:
        """Of the slot's writes, those that are on their way."""
        position, late, by = self._ways[slot].position_at(moment), self._hazards.late, 1000 * self._hazards.late_by
        behind = sum(_after(position, *each) for each in self._recent[slot])
        if not late:
            return round(behind)
        return round((1 - late) * behind + late * sum(_after(position - by, *each) for each in self._recent[slot]))

    def _arrive(self, slot: Slot, moment: int) -> None:
        recent = self._recent[slot]
        position = self._ways[slot].position_at(moment) - 1000 * self._hazards.late_by
        while recent and recent[0][1] <= position:
            recent.popleft()


def _after(position: float, start: int, end: int, count: int) -> float:
    """How many of a stretch's writes came after a moment."""
    return count * max(0.0, min(1.0, (end - position) / (end - start)))
