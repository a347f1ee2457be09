"""Users of a balancer that decides by itself where each request goes: no cache stands between it and them.

Keep-alive does not matter: an application balancer chooses for each request. Stickiness does: a user's cookie names a
target group for so long, which is a private cache with that TTL, and `sim/clients.py` models those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from numpy.random import Generator

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.traffic.target_groups import TargetGroups
from sim.clients import Clients, ClientsSpec

NO_CACHES = {"large": 0.0, "clamping": 0.0, "runtimes": 0.0, "shortening": 0.0, "stretching": 0.0}
NEITHER = {"connected": 0.0, "never": 0.0, "per_cache": 1.0, "failing": 0.0}


class Direct:
    """All users, each request on its own: `Clients` without any memory."""

    moving = False
    page = 0.0

    def __init__(self, spec: ClientsSpec, answers: Mapping[Slot, float]) -> None:
        self.spec = spec
        self._blue = answers[Slot.BLUE]
        self.unresolved = 0.0
        """The share of requests that nobody hears of, since a zone is lost."""

    def expect(self, blue: float) -> None:
        self._blue = blue

    def advance(self, length_ms: int, blue: float) -> float:
        """All requests of this time go by what the balancer says."""
        self._blue = blue
        return blue

    def share(self) -> dict[Slot, float]:
        return {Slot.BLUE: self._blue, Slot.GREEN: 1 - self._blue}

    def stale(self) -> float:
        return 0.0

    def staleness(self) -> Callable[[], float]:
        return self.stale

    def cut(self, slot: Slot) -> None:
        """The next request finds its way by itself."""

    def zones_changed(self, down: set[str]) -> None:
        """As `Clients.zones_changed`."""
        self.unresolved = self.spec.unresolved(timedelta(0), len(down))


def clients_of(plan: Plan, spec: ClientsSpec, answers: Mapping[Slot, float], rng: Generator) -> Clients | Direct:
    """The users, as far from the decision as the plan's way of moving traffic puts them."""
    mover = plan.traffic
    if mover.by_dns:
        return Clients(spec, plan.answers_live_for, answers, rng)
    if isinstance(mover, TargetGroups) and mover.stickiness:
        return Clients(spec.model_copy(update={**NO_CACHES, **NEITHER}), mover.stickiness, answers, rng)
    return Direct(spec, answers)
