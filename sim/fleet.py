"""An Auto Scaling group: a wish for so many machines, and what it does to have them.

Follows the Amazon EC2 Auto Scaling User Guide: an unhealthy machine is terminated first and then replaced, at most
10 % of the desired capacity at once; zones are kept even; scaling policies set the wish; processes can be suspended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta

import simpy
from numpy.random import Generator as Rng

from bluegreen.model import Slot
from sim.alarms import ASSUMED, EvaluationSpec
from sim.clock import ms
from sim.effects import CapacityChanged, Effect
from sim.fleets.activities import Why
from sim.fleets.policies import Minute, Policies
from sim.fleets.schedule import Schedule, ScheduledSpec
from sim.fleets.spec import FleetSpec
from sim.fleets.steps import SimpleSpec, StepSpec
from sim.fleets.tracking import TrackingSpec
from sim.fleets.upkeep import Upkeep
from sim.fleets.warm_pool import WarmPoolSpec
from sim.instance import Instance

UTILISATION = "utilisation"
"""The name of the policy that `tracking` describes."""
REMEMBERED = 60
"""Minutes of metrics that a new policy's alarms can look back on."""


class Fleet(Upkeep):
    """One slot's group. `zones_down` is shared with the world; `settle` is called before every change that alters
    who is routed, who answers, and how strong they are; `evaluation`: how alarms of its policies take missing data."""

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
        settle: Callable[[], None] = lambda: None,
        evaluation: EvaluationSpec = ASSUMED,
    ) -> None:
        super().__init__(slot, spec, env=env, rng=rng, zones_down=zones_down, settle=settle)
        self._ill, self._lost_since = {}, {}
        self._evaluation = evaluation
        self.schedule = Schedule(env, self._scheduled)
        self._record = record
        self._forget()

    def _forget(self) -> None:
        """All settings are the spec's again."""
        spec = self.spec
        self.health_check: str = spec.health_check
        self.grace, self.cooldown, self.default_warm_up = spec.grace, spec.cooldown, spec.default_warm_up
        self.hooks = {hook.name: hook for hook in spec.hooks}
        self.suspended: frozenset[str] = frozenset()
        self.warm_pool: WarmPoolSpec | None = spec.warm_pool
        self._registers = True
        first = {UTILISATION: spec.tracking} if spec.autoscaling else {}
        self.policies = Policies({**first, **spec.policies}, self._evaluation)
        self._busy = self._time = self._requests = 0.0  # this minute's: seconds busy, seconds, requests a machine
        self._counted = False
        self._past: deque[Minute] = deque(maxlen=REMEMBERED)

    @property
    def autoscaling(self) -> bool:
        """Whether it has scaling policies."""
        return bool(self.policies)

    # -- what is asked of it

    def create(self, desired: int, minimum: int, maximum: int, by: str = "engine", *, bare: bool = False) -> None:
        """The group comes to be, and launches its machines. `bare`: without the spec's policies, hooks, schedule and
        warm pool, since its maker brings its own."""
        assert not self.exists, f"the {self.slot} group exists already"
        assert minimum <= desired <= maximum, f"{minimum} <= {desired} <= {maximum} does not hold"
        self.exists, self.removing = True, False
        self._forget()
        self.minimum, self.maximum = minimum, maximum
        self.activities = []
        if bare:
            self.policies, self.hooks, self.warm_pool = Policies({}, self._evaluation), {}, None
        else:
            self._follow_schedule()
        self._set_desired(desired, by)

    def serve_already(self) -> None:
        """It has long been there, at its spec's size: all machines are warm and healthy."""
        self._forget()
        self.exists = True
        self.minimum, self.maximum, self.desired = self.spec.minimum, self.spec.maximum, self.spec.instances
        long_ago = -ms(timedelta(days=1))
        for _ in range(self.desired):
            self._serve_already(self._zones_by_need()[0], long_ago)
        self._follow_schedule()
        self._fill_pool()

    def want(self, instances: int, by: str = "engine") -> None:
        """Set the desired capacity, kept within minimum and maximum. A group that is not, or goes, has none."""
        if self.exists and not self.removing:
            self._set_desired(min(max(instances, self.minimum), self.maximum), by)

    def remove(self) -> None:
        """Force-delete: all machines go at once, then the group."""
        if self.exists and not self.removing:
            self.removing = True
            self.schedule.clear()
            self.warm_pool = None
            self._fill_pool()
            for instance in self.instances:
                if instance.active:
                    self._terminate(instance, Why.REMOVED, drain=False)
            self._env.timeout(self._shutdown_ms).callbacks.append(lambda _: self._delete())

    def suspend(self, processes: Iterable[str]) -> None:
        """Suspend these processes, too."""
        self.suspended |= frozenset(processes)
        self._registers = "AddToLoadBalancer" not in self.suspended

    def resume(self, processes: Iterable[str]) -> None:
        """They act again, and make up for what they missed."""
        self.suspended -= frozenset(processes)
        self._registers = "AddToLoadBalancer" not in self.suspended
        if self.exists and not self.removing:
            self.recheck()
            self._repair()
            self._balance()

    def keep_warm(self, pool: WarmPoolSpec | None) -> None:
        """Have this warm pool from now on, or none."""
        self.warm_pool = pool
        self._fill_pool()

    def put_policy(self, name: str, policy: TrackingSpec | StepSpec | SimpleSpec) -> None:
        """Have this policy from now on, in the place of one of that name. Its alarms know the last minutes."""
        self.policies.put(name, policy, self._past)

    def terminate(self, instance: Instance, shrink: bool, by: str = "engine") -> None:
        """TerminateInstanceInAutoScalingGroup: this machine goes; with `shrink` nobody takes its place."""
        if shrink:
            assert self.desired > self.minimum, "the group would fall below its minimum"
            self._note_desired(self.desired - 1, by)
        self._terminate(instance, Why.UNHEALTHY_USER)
        self._repair()

    def execute(self, policy: str, metric: float, threshold: float, heed_cooldown: bool = True) -> None:
        """An alarm, or ExecutePolicy, calls a step or simple policy. `metric` and `threshold` in percent."""
        alarmed = self.policies.alarmed(policy)
        assert alarmed is not None, f"there is no step or simple policy {policy}"
        self._scale(alarmed.act(self, int(self._env.now), metric, threshold, heed_cooldown))

    # -- what happens to it

    def worked(self, utilisation: float, length_s: float, requests: float | None = None) -> None:
        """Its machines were so busy (1 and more: all the time) in these seconds, and got so many requests together."""
        self._at += round(length_s * 1000)
        self._busy += (utilisation if utilisation < 1.0 else 1.0) * length_s
        self._time += length_s
        if requests is not None:
            self._counted = True
            self._requests += requests / (self.routed or 1)

    def minute(self, crash_every: timedelta | None = None) -> float | None:
        """A minute ends: policies look, and the crashes of the coming one are drawn (serving machines crash after
        `crash_every` on average). Returns the minute's mean utilisation; None without machines."""
        self._at = now = int(self._env.now)
        metric = self._busy / self._time if self._time and self.answering else None
        requests = self._requests if self._counted and self.answering else None
        self._busy = self._time = self._requests = 0.0
        self._counted = False
        if crash_every is not None or self._crash_every is not None:
            self._wear(None if crash_every is None else crash_every / timedelta(milliseconds=1))
        self._past.append((metric, requests))
        if self.policies and self.exists and not self.removing:
            wanted = self.policies.wanted(metric, requests, self, now)
            if wanted != self.desired:
                self._scale(wanted)
        return metric

    # -- how

    def _scale(self, wanted: int) -> None:
        if wanted != self.desired and "AlarmNotification" not in self.suspended:
            self.want(wanted, by="autoscaling")

    def _set_desired(self, desired: int, by: str) -> None:
        self._note_desired(desired, by)
        self._repair()

    def _note_desired(self, desired: int, by: str) -> None:
        if desired != self.desired:
            before, self.desired = self.desired, desired
            self._record(CapacityChanged(self.slot, before, desired, by))

    def _follow_schedule(self) -> None:
        for action in self.spec.scheduled:
            if ms(action.at) >= self._env.now:
                self.schedule.put(action.name, ms(action.at), action)

    def _scheduled(self, action: ScheduledSpec) -> None:
        """A scheduled action is due."""
        if not self.exists or self.removing or "ScheduledActions" in self.suspended:
            return
        minimum = self.minimum if action.minimum is None else action.minimum
        maximum = self.maximum if action.maximum is None else action.maximum
        self.minimum, self.maximum = minimum, maximum
        self.want(self.desired if action.desired is None else action.desired, by="schedule")

    def _delete(self) -> None:
        self._known.clear()
        self._ill.clear()
        self.exists = self.removing = False
        self.desired = self.minimum = self.maximum = 0
