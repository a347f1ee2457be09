"""A place: one slot's balancer, machines and software, and what they make of the requests that come."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from numpy.random import Generator

from bluegreen.model import Slot
from sim.balancer import Balancer
from sim.cohorts import draw
from sim.fleet import Fleet
from sim.release import Release
from sim.servers import Answered, answer

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Served:
    """What became of the requests of one tick, in requests. Each one is counted once:
    requests = unreachable + rejected + dead + shed + failed + answered."""

    requests: int
    unreachable: int = 0  # there is no balancer: the client gets no answer at all
    rejected: int = 0  # 503: the balancer is not warm enough, or knows no machine
    dead: int = 0  # 502 or 504: sent to a machine that does not answer
    shed: int = 0  # 503 of a machine with a full queue
    failed: int = 0  # 500 of the software
    slow: float = 0.0  # of those answered: slower than asked
    utilisation: float = 0.0
    latency: tuple[float, ...] = (0.0,) * 5

    @property
    def errors(self) -> int:
        return self.unreachable + self.rejected + self.dead + self.shed + self.failed

    @property
    def answered(self) -> int:
        return self.requests - self.errors

    @property
    def routed(self) -> int:
        """Requests for which the balancer chose a machine: its RequestCount."""
        return self.requests - self.unreachable - self.rejected


@dataclass(slots=True)
class Place:
    """One slot."""

    slot: Slot
    fleet: Fleet
    balancer: Balancer
    rng: Generator
    release: Release = field(default_factory=Release)
    leaked: float = 0.0
    """Share of its machines' capacity that is lost to leaks so far."""

    @property
    def healthy(self) -> bool:
        """Its balancer is healthy, as an alias that evaluates target health sees it."""
        return self.balancer.active and self.fleet.healthy > 0

    @property
    def capacity(self) -> float:
        """Requests/s that its machines can answer now."""
        return self.fleet.strength * self.fleet.spec.capacity * (1 - self.leaked) / self.release.latency_factor

    def tick(self, length: timedelta) -> None:
        """Time passes, whether or not requests come."""
        if self.fleet.exists:
            self.leaked = min(0.95, self.leaked + self.release.leak_per_hour * (length / HOUR))
            self.fleet.tick(length, self.release.crash_every)
        else:
            self.leaked = 0.0

    def serve(self, requests: int, length: timedelta, slow: float) -> Served:
        """Answer the `requests` of a tick of `length`; `slow` in seconds."""
        if not self.balancer.active:
            return Served(requests, unreachable=requests)
        rate = requests / length.total_seconds()
        admitted = self.balancer.admit(rate, length)
        counts = self.fleet.counts
        if not counts.routed:
            return Served(requests, rejected=requests)
        rejected = draw(self.rng, requests, 1 - admitted)
        dead = draw(self.rng, requests - rejected, 1 - len(counts.answering) / counts.routed)
        arrived = requests - rejected - dead
        machines = self.fleet.strength * (1 - self.leaked)
        done = answer(self.fleet.spec, self.release, machines, arrived / length.total_seconds(), slow)
        self.fleet.worked(done.utilisation)
        return self._served(requests, rejected, dead, done)

    def _served(self, requests: int, rejected: int, dead: int, done: Answered) -> Served:
        arrived = requests - rejected - dead
        shed = draw(self.rng, arrived, done.shed)
        failed = draw(self.rng, arrived - shed, done.failed)
        late = (arrived - shed - failed) * done.slow
        return Served(requests, 0, rejected, dead, shed, failed, late, done.utilisation, done.latency)
