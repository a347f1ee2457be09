"""An Auto Scaling group: a wish for so many machines, and what it does to have them.

Follows the Amazon EC2 Auto Scaling User Guide: an unhealthy machine is terminated first and then replaced, at most
10 % of the desired capacity at once; target tracking sets the wish when the group has that policy.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import simpy
from numpy.random import Generator as Rng
from pydantic import Field

from bluegreen.model import Slot
from bluegreen.units import Duration, parse_duration
from sim.clock import ms, now_ms
from sim.effects import CapacityChanged, Effect
from sim.instance import Health, Instance, State
from sim.machines import ZONES, Machines, MachineSpec, Process
from sim.tracking import Tracking, TrackingSpec


class FleetSpec(MachineSpec):
    """A group and its machines. `instances`, `minimum` and `maximum` are the live group's at the start."""

    instances: int = Field(10, ge=1, le=5000)
    minimum: int = Field(2, ge=0)
    maximum: int = Field(40, ge=1)
    health_check: Literal["ELB", "EC2"] = "ELB"
    """EC2: a machine that runs but does not answer is never replaced (the default of the API, and often not meant)."""
    grace: Duration = parse_duration("300s")
    """How long after it came in service a machine is not replaced for failing checks: 300 s from the console, 0 s
    from the API."""
    autoscaling: bool = True
    tracking: TrackingSpec = TrackingSpec()


class Fleet(Machines):
    """One slot's group. `zones_down` is shared with the world."""

    spec: FleetSpec

    def __init__(
        self,
        slot: Slot,
        spec: FleetSpec,
        *,
        env: simpy.Environment,
        rng: Rng,
        zones_down: set[str],
        record: Callable[[Effect], None] = lambda effect: None,
    ) -> None:
        super().__init__(slot, spec, env, rng, zones_down)
        self.exists = self.removing = False
        self.desired = self.minimum = self.maximum = 0
        self.scale_in_held = False
        """Target tracking may not shrink the group. `scale_out_held`: nor grow it."""
        self.scale_out_held = False
        self.autoscaling = spec.autoscaling
        """Whether the group has its target tracking policy."""
        self._record = record
        self._tracking = Tracking(spec.tracking)
        self._busy = [0.0, 0]  # this minute's utilisation: sum and number of ticks

    # -- what is asked of it

    def create(self, desired: int, minimum: int, maximum: int, by: str = "engine") -> None:
        """The group comes to be, and launches its machines."""
        assert not self.exists, f"the {self.slot} group exists already"
        assert minimum <= desired <= maximum, f"{minimum} <= {desired} <= {maximum} does not hold"
        self.exists, self.removing = True, False
        self.minimum, self.maximum = minimum, maximum
        self.scale_in_held = self.scale_out_held = False
        self._tracking = Tracking(self.spec.tracking)
        self._set_desired(desired, by)

    def serve_already(self) -> None:
        """It has long been there, at its spec's size: all machines are warm and healthy."""
        self.exists = True
        self.minimum, self.maximum, self.desired = self.spec.minimum, self.spec.maximum, self.spec.instances
        for _ in range(self.desired):
            instance = self._new()
            instance.state, instance.health, instance.proven = State.SERVING, Health.HEALTHY, True
            instance.launched = instance.entered = instance.serving_since = -ms(timedelta(days=1))

    def want(self, instances: int, by: str = "engine") -> None:
        """Set the desired capacity, kept within minimum and maximum. A group that is not, or goes, has none."""
        if self.exists and not self.removing:
            self._set_desired(min(max(instances, self.minimum), self.maximum), by)

    def remove(self) -> None:
        """Force-delete: all machines go at once, then the group."""
        if self.exists and not self.removing:
            self.removing = True
            for instance in self.instances:
                if instance.active:
                    self._terminate(instance, drain=False)
            self._env.process(self._delete())

    # -- what happens to it

    def tick(self, length: timedelta, crash_every: timedelta | None = None) -> None:
        """One tick of hazards and repairs. Serving machines crash after `crash_every` on average."""
        if crash_every is not None:
            self._wear(length, crash_every)
        if self.counts.unhealthy and not self.removing:
            self._replace()

    def worked(self, utilisation: float) -> None:
        """Its machines were so busy in this tick (1 and more: all the time)."""
        self._busy[0] += min(1.0, utilisation)
        self._busy[1] += 1

    def minute(self) -> float | None:
        """A minute ends: target tracking looks. Returns the minute's mean utilisation; None without machines."""
        metric = self._busy[0] / self._busy[1] if self._busy[1] and self.counts.answering else None
        self._busy = [0.0, 0]
        if self.exists and not self.removing and self.autoscaling:
            self._track(metric)
        return metric

    # -- how

    def _set_desired(self, desired: int, by: str) -> None:
        if desired != self.desired:
            before, self.desired = self.desired, desired
            self._record(CapacityChanged(self.slot, before, desired, by))
        self._reconcile()

    def _track(self, metric: float | None) -> None:
        warm_up = ms(self.spec.tracking.warm_up)
        known = [i for i in self.instances if i.registered]
        warm = sum(now_ms(self._env) - i.entered >= warm_up for i in known)
        wanted = self._tracking.wanted(metric, warm, self.desired)
        grows = wanted > self.desired and not self.scale_out_held
        shrinks = wanted < self.desired and not self.scale_in_held and warm == len(known) and not self.counts.pending
        if grows or shrinks:
            self.want(wanted, by="autoscaling")

    def _reconcile(self) -> None:
        active = [i for i in self.instances if i.active]
        for _ in range(self.desired - len(active)):
            self._launch()
        for _ in range(len(active) - self.desired):
            self._terminate(self._least_wanted())

    def _least_wanted(self) -> Instance:
        """The oldest of the fullest zone (default termination policy, shortened)."""
        active = [i for i in self.instances if i.active]
        held = {zone: sum(i.zone == zone for i in active) for zone in ZONES}
        return max(active, key=lambda i: (held[i.zone], -i.launched))

    def _replace(self) -> None:
        """Terminate first, at most 10 % of the desired capacity at once; their successors follow."""
        allowed = max(1, self.desired // 10) - self.counts.pending
        due = [i for i in self.instances if i.registered and i.health is Health.UNHEALTHY and self._is_due(i)]
        for instance in due[: max(0, allowed)]:
            self._terminate(instance)
        self._reconcile()

    def _is_due(self, instance: Instance) -> bool:
        if instance.zone in self._zones_down:
            return True
        return self.spec.health_check == "ELB" and now_ms(self._env) - instance.entered >= ms(self.spec.grace)

    def _delete(self) -> Process:
        yield self._env.timeout(ms(self.spec.shutdown))
        self.instances.clear()
        self.exists = self.removing = False
        self.desired = self.minimum = self.maximum = 0
        self._changed()
