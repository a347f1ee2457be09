"""Users behind DNS caches, counted and not simulated one by one: which share of requests goes to which slot.

Cohorts of alike caches follow closed forms (`sim/history.py`, `sim/cohorts.py`); large resolvers, whose single answer
moves many users, are drawn one by one (`sim/giants.py`). Cost grows with changes, not with users.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache, partial

from numpy.random import Generator

from bluegreen.model import Slot
from sim.ages import Part, longest, survival
from sim.clock import ms
from sim.crowd import Crowd
from sim.population import ClientsSpec, parts

__all__ = ["Clients", "ClientsSpec"]

MOVES = 0.001
"""Clients are moving while the expected share of requests to a slot changes by more than this in `LOOK`."""
LOOK = 5_000
"""ms."""
DIGITS = 12
"""Of a share; what lies behind them is rounding of sums."""


class Clients:
    """All users of the service."""

    page = 0.0
    """There is nothing but the slots: see `sim/page.py`."""

    def __init__(
        self,
        spec: ClientsSpec,
        ttl: timedelta | Mapping[Slot, timedelta],
        answers: Mapping[Slot, float],
        rng: Generator,
    ) -> None:
        """In steady state under `answers`. `ttl`: of the slots' records; a mapping when theirs differ, which distorts
        the shares (Route 53 does not allow that within a weighted group, other DNS services do)."""
        ttls = dict.fromkeys(Slot, ttl) if isinstance(ttl, timedelta) else dict(ttl)
        self.spec, self.ttl = spec, max(ttls.values())
        self._p = answers[Slot.BLUE]
        self._unresolved = spec.unresolved(self.ttl)
        self._now = self._until = self._rested = 0
        self._changed: int | None = None  # when the answers last changed; None: they never did
        self._level: float | None = None  # the share of blue, once nothing moves any more
        self._crowd = Crowd(spec, (ms(ttls[Slot.GREEN]), ms(ttls[Slot.BLUE])), self._p, rng)

    @property
    def moving(self) -> bool:
        """Whether the expected share still changes by more than `MOVES` in 5 s. Giants' noise does not count."""
        return self._now < self._until

    def expect(self, blue: float) -> None:
        """From now on the servers name blue with probability `blue`. `advance` does this too; whoever wants to know
        beforehand whether clients will be moving calls it at the moment of the change."""
        if blue == self._p:
            return
        jump = round(abs(blue - self._p), 6)
        self._until = max(self._until, self._now + _moves_for(self.spec, self.ttl, jump))
        self._p, self._changed, self._level = blue, self._now, None

    def advance(self, length_ms: int, blue: float) -> float:
        """`length_ms` pass, while the servers name blue with probability `blue`. The mean share of requests that went
        to blue in that time."""
        if blue != self._p:
            self.expect(blue)
        self._now += length_ms
        if self._level is not None:
            self._rested += length_ms
            return self._level
        if self._rested:
            self._wake()
        mean = self._crowd.advance(length_ms, blue)
        if self._now >= self._until and self._crowd.settled(blue):
            self._level = share(self._crowd.now())
        return share(mean)

    def share(self) -> dict[Slot, float]:
        """The share of requests that goes to each slot now."""
        blue = self._level if self._level is not None else share(self._crowd.now())
        return {Slot.BLUE: blue, Slot.GREEN: 1 - blue}

    def stale(self) -> float:
        """The share of requests that follow an answer older than the TTL and from before the answers last changed:
        those who ignore the TTL. Expected value."""
        return self.staleness()()

    def staleness(self) -> Callable[[], float]:
        """`stale` as it is now, for those who may never ask."""
        if self._changed is None:
            return float
        return partial(_stale, self.spec, self.ttl, self._now - self._changed)

    @property
    def unresolved(self) -> float:
        """The share of requests that nobody hears of: lookups failed, or a zone is lost. Other shares are of the
        requests that are made."""
        return self._unresolved

    def cut(self, slot: Slot) -> None:
        """All connections to the slot break: its balancer went away. They are made anew, to where the clients' caches
        say now; those whose cache still names the slot go on to call there."""
        if self.spec.connected:
            self._wake()
            self._crowd.cut(slot is Slot.BLUE)

    def zones_changed(self, down: set[str]) -> None:
        """Users inside these zones are cut off. The others' resolvers and caches stand outside of the region, and keep
        the answers they have; that they meet addresses of lost nodes is the balancer's (`sim/nodes.py`)."""
        self._unresolved = self.spec.unresolved(self.ttl, len(down))

    def _wake(self) -> None:
        self._crowd.rest(self._rested)
        self._rested, self._level = 0, None


def share(total: float) -> float:
    """A sum of parts as the share that it is: all is exactly 1, nothing exactly 0."""
    return min(1.0, max(0.0, round(total, DIGITS)))


def _stale(spec: ClientsSpec, ttl: timedelta, since: int) -> float:
    """... `since` ms after a change."""
    return survival(_parts(spec, ttl), max(since, ms(ttl)))


@lru_cache(maxsize=64)
def _parts(spec: ClientsSpec, ttl: timedelta) -> tuple[Part, ...]:
    return parts(spec, ttl)


@lru_cache(maxsize=64)
def _falls(spec: ClientsSpec, ttl: timedelta) -> tuple[float, ...]:
    """What share of requests leaves the old answer in each of the `LOOK`s after a change, until it is always little."""
    known = _parts(spec, ttl)
    reach, falls, left = longest(known), list[float](), 1.0
    while True:
        after = survival(known, (len(falls) + 1) * LOOK)
        falls.append(left - after)
        left = after
        if falls[-1] <= MOVES and len(falls) * LOOK >= reach:
            return tuple(falls)


@lru_cache(maxsize=1024)
def _moves_for(spec: ClientsSpec, ttl: timedelta, jump: float) -> int:
    """ms after a change by `jump` until clients no longer move."""
    falls = _falls(spec, ttl)
    return LOOK * max((look + 1 for look, fall in enumerate(falls) if jump * fall > MOVES), default=0)
