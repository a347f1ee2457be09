"""Two stores, one of each slot, that something of the team's keeps together: every write goes to its own slot's store,
and reaches the other a moment later. Each way is a position, as a replica's is.

What went wrong for good is counted: writes that never reach the other store, and writes to an item that the other side
had changed and nobody here had heard of yet (one of the two is given up).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from math import exp
from typing import TYPE_CHECKING, NamedTuple

import simpy

from bluegreen.model import Slot
from sim.clock import ms, now_ms
from sim.data.hazards import Hazards
from sim.data.replica import Replica

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from sim.data.spec import DataSpec

MINUTE = 60_000
SAMPLE = 200
"""So many items are compared each minute, as `bluegreen sync` does by default."""


class Told(NamedTuple):
    """What is published of one minute: when it began (ms), seconds, items of the sample, writes since the beginning."""

    at: int
    lag: float
    divergent: float
    conflicts: float


class Together:
    """Both ways. Moments are milliseconds of the environment."""

    def __init__(
        self, spec: DataSpec, hazards: Hazards, rng: Generator, *, env: simpy.Environment, settle: Callable[[], None]
    ) -> None:
        self._spec, self._hazards, self._rng, self._env = spec, hazards, rng, env
        self._ways = {slot: Replica(spec.replica, env, settle) for slot in Slot}
        self._recent: dict[Slot, deque[tuple[int, int, int]]] = {slot: deque() for slot in Slot}
        self.apart = dict.fromkeys(Slot, 0)
        """Writes that only the slot's own store has, and that nobody will bring to the other."""
        self.conflicts = 0
        self.points: list[Told] = []

    @property
    def lag(self) -> float:
        """Seconds, of the way that is further behind. It grows while nobody copies."""
        return (now_ms(self._env) - min(way.position for way in self._ways.values())) / 1000

    def missing(self, slot: Slot) -> int:
        """Of the slot's writes, those that the other store has not, on their way or not."""
        return self.apart[slot] + self._pending(slot)

    def pass_time(self, start: int, end: int, writes: Mapping[Slot, int]) -> None:
        """So many writes were acknowledged by each slot over a stretch."""
        for slot, count in writes.items():
            failed = int(self._rng.binomial(count, self._hazards.one_sided)) if self._hazards.one_sided else 0
            self.apart[slot] += failed
            self._hazards.leaked |= failed > 0
            if count > failed:
                self._recent[slot].append((start, end, count - failed))
            self._arrive(slot)
        clashes = sum(count * self._pending(slot.other) for slot, count in writes.items()) / self._spec.keys
        self.conflicts += int(self._rng.poisson(clashes))

    def measure(self) -> None:
        """A minute is over. Who does not run publishes nothing."""
        if self._hazards.consumer_down:
            return
        share = 1 - exp(-sum(self.apart.values()) / self._spec.keys)
        divergent = float(self._rng.binomial(SAMPLE, share))
        self.points.append(Told(now_ms(self._env) - MINUTE, self.lag, divergent, float(self.conflicts)))

    def known(self) -> list[Told]:
        """What is published by now."""
        until = now_ms(self._env) - MINUTE - ms(self._spec.lag_known_after)
        return [each for each in self.points if each.at <= until]

    def newest(self, lookback: timedelta) -> Told | None:
        """The newest minute that is known, if it is no older."""
        now = now_ms(self._env)
        known = self.known()[-1:]
        return next((each for each in known if each.at >= now - now % MINUTE - ms(lookback)), None)

    def felt(self) -> None:
        """A hazard has changed."""
        for way in self._ways.values():
            if self._hazards.consumer_down and way.replicating:
                way.stop()
            elif not self._hazards.consumer_down and not way.replicating:
                way.resume()

    def _pending(self, slot: Slot) -> int:
        """Of the slot's writes, those that are on their way."""
        position = self._ways[slot].position
        return round(sum(_after(position, *stretch) for stretch in self._recent[slot]))

    def _arrive(self, slot: Slot) -> None:
        recent, position = self._recent[slot], self._ways[slot].position
        while recent and recent[0][1] <= position:
            recent.popleft()


def _after(position: float, start: int, end: int, count: int) -> float:
    """How many of a stretch's writes came after a moment."""
    return count * max(0.0, min(1.0, (end - position) / (end - start)))
