"""What stands in the account and is not the world's: settings, tags, and things that neither carry users nor cost time.
Balancers, groups and weights are the world's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from bluegreen.model import Slot
from sim.cloudspec import CloudSpec
from sim.effects import Created, Removed
from sim.healthcheckcalls import HealthChecks
from sim.names import kept_names, live_names, parts_of
from sim.programs import SimPrograms
from sim.quotas import Quotas, TokenBucket
from sim.stages import Stages, starting_size

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.place import Place
    from sim.world import World


def dns_name(slot: Slot) -> str:
    """Of the slot's balancer."""
    return f"{slot}.us-east-1.elb.amazonaws.com"


def slot_of_name(name: str) -> Slot | None:
    """Whose balancer it is."""
    return next((slot for slot in Slot if dns_name(slot) == name), None)


@dataclass(slots=True)
class Holdings:
    """One slot's."""

    template: bool = False
    target_group: bool = False
    listener: bool = False
    policies: bool = False
    """The copy has the live group's policies."""
    hold: tuple[int, int] | None = None
    """The tag that says that scale-in is held: the floor that keeps it, and the one to give back."""


@dataclass(slots=True)
class Store:
    """The account."""

    world: World
    plan: Plan
    spec: CloudSpec
    holdings: dict[Slot, Holdings] = field(default_factory=lambda: {slot: Holdings() for slot in Slot})
    stages: Stages = field(init=False)
    """The plan's Beanstalk environments, where it has any."""
    programs: SimPrograms = field(init=False)
    """The candidate's own commands, where it has any."""
    simple: bool = False
    """The service's record is a simple one: it reads as all of the weight on the live slot."""
    public: list[dict[str, Any]] | None = None
    """The records at the fallback's public name; None: not furnished yet."""
    checks: HealthChecks = field(init=False)
    """Route 53's health checks."""
    changed: int | None = None
    """When the zone was last changed, in ms."""
    quotas: Quotas = field(init=False)
    """Of requests to Route 53."""
    throughput: TokenBucket | None = field(init=False)
    """Of changes of single records; None: there is no limit."""

    def __post_init__(self) -> None:
        self.quotas, self.throughput = self.spec.route53_quotas.requests(), self.spec.route53_quotas.changes()
        self.checks = HealthChecks(self.world, slot_of_name)
        self.simple = self.spec.record == "simple"
        self.stages = Stages(self.world, self.plan)
        self.programs = self._commands()
        there = [self.plan.live.slot, *([] if kept_names(self.plan) is None else [self.plan.live.slot.other])]
        for slot in there:
            held, place = self.holdings[slot], self.place(slot)
            held.target_group = held.listener = self.application
            held.template = True
            place.balancer.kind = self.spec.balancer
            held.policies = place.fleet.spec.autoscaling

    def _commands(self) -> SimPrograms:
        slot = self.plan.live.slot.other
        names = parts_of(f"{self.plan.service.name}-{slot}")
        make, take = partial(self.fit_out, slot), partial(self.take_down, slot)
        return SimPrograms(self.world.env, self.spec.command, names, make, take)

    @property
    def application(self) -> bool:
        """Balancers are application balancers, else classic ones."""
        return self.spec.balancer == "application"

    def place(self, slot: Slot) -> Place:
        return self.world.places[slot]

    def name(self, slot: Slot) -> str:
        """What a slot's things are called in effects."""
        if slot is self.plan.live.slot:
            return live_names(self.plan).group
        kept = kept_names(self.plan)
        return kept.group if kept is not None else f"{self.plan.service.name}-{slot}"

    def created(self, slot: Slot, kind: str) -> None:
        self.world.record(Created(slot, f"{kind}/{self.name(slot)}"))

    def removed(self, slot: Slot, kind: str) -> None:
        self.world.record(Removed(slot, f"{kind}/{self.name(slot)}"))

    # -- what Beanstalk and teams' own commands make of a slot; with AWS's names: `sim/cloud/outfit.py`

    def fit_out(self, slot: Slot) -> None:
        """A balancer and a group behind it, like the live slot's, at its minimum."""
        place, live = self.place(slot), self.world.spec.live
        place.balancer.create(kind="application")
        self.created(slot, "balancer")
        self.created(slot, "target-group")
        place.fleet.create(*starting_size(self.world))
        place.fleet.health_check, place.fleet.grace, place.fleet.cooldown = live.health_check, live.grace, live.cooldown
        place.fleet.recheck()
        self.created(slot, "group")

    def take_down(self, slot: Slot) -> None:
        """What of it is there."""
        place = self.place(slot)
        if place.balancer.exists:
            self.world.settle()
            place.balancer.remove()
            self.world.clients.cut(slot)
            self.removed(slot, "balancer")
            self.removed(slot, "target-group")
        if place.fleet.exists and not place.fleet.removing:
            place.fleet.remove()
            self.removed(slot, "group")
