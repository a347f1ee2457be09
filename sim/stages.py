"""The two Elastic Beanstalk environments of a rollout: what both tiers tell of them, from what the world knows.

Who has the service's name is the world's weights: all or nothing. An environment is Launching until its balancer is
active and its machines are in service once, Updating for a moment after a swap, Terminating until its group is gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluegreen.model import Slot
from sim.beanstalk import BeanstalkSpec
from sim.clock import ms, now_ms

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World

LAUNCHING, READY, UPDATING, TERMINATING = "Launching", "Ready", "Updating", "Terminating"


class Stages:
    """Both environments."""

    def __init__(self, world: World, plan: Plan, spec: BeanstalkSpec | None = None) -> None:
        self._world, self._spec = world, spec or BeanstalkSpec()
        self._there = {plan.live.slot}
        self._launched = {plan.live.slot}
        self._terminating: set[Slot] = set()
        self._updating_until = 0

    @property
    def owner(self) -> Slot:
        """Whose the service's name is."""
        weights = self._world.dns.weights
        return max(weights, key=lambda slot: weights[slot])

    def status(self, slot: Slot) -> str:
        """As DescribeEnvironments tells it; empty when there is none, or none any more."""
        if slot not in self._there:
            return ""
        place = self._world.places[slot]
        if slot in self._terminating:
            if place.fleet.exists:
                return TERMINATING
            self._there.discard(slot)
            return ""
        if slot not in self._launched:
            if not place.balancer.active or place.fleet.in_service < place.fleet.desired:
                return LAUNCHING
            self._launched.add(slot)
        return UPDATING if now_ms(self._world.env) < self._updating_until else READY

    def event(self, slot: Slot) -> str:
        """The newest one's message."""
        if self.status(slot) != LAUNCHING:
            return "Environment health has transitioned to Ok."
        if not self._world.places[slot].balancer.active:
            return "createEnvironment is starting."
        return "Waiting for EC2 instances to launch. This may take a few minutes."

    def launch(self, slot: Slot) -> None:
        """Its parts have just been asked for."""
        self._there.add(slot)

    def swap(self) -> None:
        """The names change places, and with them the users."""
        owner = self.owner
        self._updating_until = now_ms(self._world.env) + ms(self._spec.updating)
        self._world.dns.change({owner.other: 100})

    def terminate(self, slot: Slot) -> None:
        """Its parts have just been told to go."""
        self._terminating.add(slot)


def starting_size(world: World) -> tuple[int, int, int]:
    """Desired, minimum and maximum of a group that is made like the live one, from what is saved of that."""
    spec = world.spec.live
    return max(1, spec.minimum), spec.minimum, max(1, spec.maximum)
