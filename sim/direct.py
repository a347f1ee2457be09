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
from sim.routing import Listener, Routing
from sim.worldspec import WorldSpec

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


class Sticky:
    """Users whose cookies name a target group, as long as the listener minds them; a listener that does not sends each
    request where its weights say, and hands out no cookies."""

    page = 0.0

    def __init__(self, held: Callable[[Mapping[Slot, float]], Clients], direct: Direct, listener: Listener) -> None:
        """`held`: users whose cookies were handed out under such shares."""
        self._make, self._direct, self._listener = held, direct, listener
        self._held: Clients | None = None
        self._down: set[str] = set()

    @property
    def _users(self) -> Clients | Direct:
        if not self._listener.sticky:
            self._held = None
        elif self._held is None:
            self._held = self._make(self._listener.answers())
            self._held.zones_changed(self._down)
        return self._held or self._direct

    @property
    def moving(self) -> bool:
        return self._users.moving

    @property
    def unresolved(self) -> float:
        return self._users.unresolved

    def expect(self, blue: float) -> None:
        self._users.expect(blue)

    def advance(self, length_ms: int, blue: float) -> float:
        users = self._users
        self._direct.expect(blue)
        return users.advance(length_ms, blue)

    def share(self) -> dict[Slot, float]:
        return self._users.share()

    def stale(self) -> float:
        return self._users.stale()

    def staleness(self) -> Callable[[], float]:
        return self._users.staleness()

    def cut(self, slot: Slot) -> None:
        self._users.cut(slot)

    def zones_changed(self, down: set[str]) -> None:
        self._down = set(down)
        self._direct.zones_changed(down)
        self._users.zones_changed(down)


def clients_of(plan: Plan, spec: WorldSpec, routing: Routing, rng: Generator) -> Clients | Direct | Sticky:
    """The users, as far from the decision as the plan's way of moving traffic puts them."""
    mover, answers = plan.traffic, routing.answers()
    if mover.by_dns:
        return Clients(spec.clients, plan.answers_live_for, answers, rng)
    direct = Direct(spec.clients, answers)
    if not (isinstance(mover, TargetGroups) and mover.stickiness and isinstance(routing, Listener)):
        return direct
    life, visit = mover.stickiness, spec.listener.visit
    renewed = {"stretching": 1.0, "stretch": visit} if visit else {}
    cookies = spec.clients.model_copy(update={**NO_CACHES, **NEITHER, **renewed})
    return Sticky(lambda shares: Clients(cookies, life, shares, rng), direct, routing)
