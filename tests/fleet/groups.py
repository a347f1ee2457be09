"""A fleet in an environment of its own, for tests of the fleet alone."""

import numpy as np
import simpy

from bluegreen.model import Slot
from sim.fleet import Fleet
from sim.fleets.spec import FleetSpec

SECOND, MINUTE = 1000, 60_000


class Group:
    """Time passes minute by minute, as in the world; `busy` is the utilisation of its machines (None: no requests)."""

    def __init__(self, seed=1, live=False, **spec):
        self.env, self.effects, self.down = simpy.Environment(), [], set()
        self.settled = []
        self.busy, self.requests = None, None
        spec = FleetSpec.model_validate({"autoscaling": False, **spec})
        self.fleet = Fleet(
            Slot.GREEN,
            spec,
            env=self.env,
            rng=np.random.default_rng(seed),
            zones_down=self.down,
            record=self.effects.append,
            settle=lambda: self.settled.append(self.env.now),
        )
        if live:
            self.fleet.serve_already()

    @property
    def minutes(self):
        return self.env.now / MINUTE

    def run(self, minutes=0, crash_every=None, seconds=0):
        """Let time pass; at each full minute policies look."""
        end = self.env.now + round((minutes * 60 + seconds) * SECOND)
        while self.env.now < end:
            full = self.env.now - self.env.now % MINUTE + MINUTE
            at = min(full, end)
            length = (at - self.env.now) / SECOND
            self.env.run(until=at)
            if self.busy is not None:
                self.fleet.worked(self.busy, length, self.requests)
            if at == full and self.fleet.exists:
                self.fleet.minute(crash_every)

    def lose(self, *zones):
        self.down.update(zones)
        self.fleet.zones_changed()

    def regain(self, *zones):
        self.down.difference_update(zones)
        self.fleet.zones_changed()

    def when(self, holds, limit=60, step=1):
        """Minutes until `holds()`, looked at every `step` seconds."""
        start = self.env.now
        while not holds():
            assert self.env.now < start + limit * MINUTE, "it never came to that"
            self.run(seconds=step)
        return (self.env.now - start) / MINUTE

    def zones(self):
        """Active machines by zone."""
        return {zone: sum(i.active and i.zone == zone for i in self.fleet.instances) for zone in "abc"}

    def ids(self):
        """Of the active machines."""
        return {i.id for i in self.fleet.instances if i.active}


def recount(fleet):
    """The fleet's counts, from scratch."""
    serving = [i for i in fleet.instances if i.serves]
    known = [i for i in serving if i.attached]
    healthy = [i for i in known if i.health == "healthy"]
    routed = healthy or known
    return {
        "pending": sum(i.state == "pending" for i in fleet.instances),
        "in_service": len(serving),
        "registered": len(known),
        "healthy": len(healthy),
        "unhealthy": sum(i.health == "unhealthy" for i in known),
        "routed": len(routed),
        "answering": sum(i.state == "serving" and i.zone not in fleet._lost for i in routed),
        "active": sum(i.active for i in fleet.instances),
        "strength": round(sum(_strength(fleet, i) for i in routed), 6),
    }


def _strength(fleet, instance):
    if instance.state != "serving" or instance.zone in fleet._lost:
        return 0.0
    warm_up = fleet.spec.warm_up.total_seconds() * SECOND
    age = min(1.0, max(0.0, (fleet._at - instance.serving_since) / warm_up))
    return fleet.spec.cold + (1 - fleet.spec.cold) * age


def counts(fleet):
    seen = {name: getattr(fleet, name) for name in recount(fleet)}
    return {**seen, "strength": round(seen["strength"], 6)}
