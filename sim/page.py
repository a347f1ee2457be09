"""Users between two slots and a page: the third place to which DNS may send them.

What share of requests follows which answer is linear in the answers, whoever keeps them for how long. So one population
of caches is asked twice: is it blue, and is it a slot at all? Both have the same luck, so that nobody is counted twice.
Answers that name the page live as long as those that name balancers: assumed, AWS publishes no TTL of S3's endpoints.
"""

from __future__ import annotations

from collections.abc import Callable

from numpy.random import Generator

from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.clients import Clients, ClientsSpec, share
from sim.dns import Dns


class ClientsOrPage:
    """`sim.clients.Clients`, some of whom may be on the page."""

    def __init__(self, clients: Clients, dns: Dns, plan: Plan, rng: Generator) -> None:
        """`rng`: a generator as `clients` were given one, at its beginning."""
        self._clients, self._dns = clients, dns
        self.spec: ClientsSpec = clients.spec
        self._slots = Clients(clients.spec, plan.answers_live_for, {Slot.BLUE: 1.0, Slot.GREEN: 0.0}, rng)
        self.page = 0.0
        """The share of requests that went to the page in the last stretch."""

    @property
    def moving(self) -> bool:
        return self._clients.moving or self._slots.moving

    def expect(self, blue: float) -> None:
        self._clients.expect(blue)

    def advance(self, length_ms: int, blue: float) -> float:
        """The mean share of all requests that went to blue; `page` is known after it."""
        slots = self._slots.advance(length_ms, 1 - self._dns.page)
        self.page = 1 - slots
        return min(self._clients.advance(length_ms, blue), slots)

    def share(self) -> dict[Slot, float]:
        slots = self._slots.share()[Slot.BLUE]
        blue = min(self._clients.share()[Slot.BLUE], slots)
        return {Slot.BLUE: blue, Slot.GREEN: share(slots - blue)}

    def staleness(self) -> Callable[[], float]:
        answers, slots = self._clients.staleness(), self._slots.staleness()
        return lambda: max(answers(), slots())

    @property
    def unresolved(self) -> float:
        return self._clients.unresolved

    def cut(self, slot: Slot) -> None:
        self._clients.cut(slot)
        self._slots.cut(Slot.BLUE)  # whose connections these are, this population does not know: all are made anew

    def zones_changed(self, down: set[str]) -> None:
        self._clients.zones_changed(down)
