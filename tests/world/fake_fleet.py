"""A fleet that only has numbers, for tests of what stands before it."""

from datetime import timedelta

import numpy as np
import simpy

from bluegreen.model import Slot
from sim.balancer import Balancer, BalancerSpec
from sim.fleets.spec import FleetSpec
from sim.impatience import ImpatienceSpec
from sim.place import Place


class FakeFleet:
    """`instances` machines that all answer, and what it was told."""

    def __init__(self, instances=10, **spec):
        self.spec = FleetSpec.model_validate(spec)
        self.told, self.busy = [], []
        self.set(instances)

    def set(self, instances, routed=None):
        """Now so many answer, of so many that the balancer sends requests to."""
        self.answering = self.in_service = instances
        self.strength = float(instances)
        self.routed = self.healthy = self.registered = instances if routed is None else routed
        self.exists = True

    def mean_strength(self, length_s):
        return self.strength

    def worked(self, utilisation, length_s, requests=None):
        self.busy.append((utilisation, length_s))

    def failing(self, chance):
        self.told.append(chance)


def place(instances=10, *, rate=1e6, seed=2, balancer=None, impatience=None, kind=None, **spec):
    """A place with a fake fleet, and a balancer that is warm for `rate`."""
    there = Balancer(BalancerSpec.model_validate(balancer or {}), simpy.Environment())
    there.create(setup=timedelta(0), kind=kind)
    there.prewarm(rate)
    users = ImpatienceSpec.model_validate(impatience or {})
    return Place(Slot.BLUE, FakeFleet(instances, **spec), there, np.random.default_rng(seed), impatience=users)
