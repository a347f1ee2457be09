"""How a group gets its machines and lets them go: zones, failed launches, the warm pool.

Sources: Amazon EC2 Auto Scaling User Guide, auto-scaling-benefits (zones), warm pools.
"""

from __future__ import annotations

from collections import deque
from typing import Unpack

from bluegreen.model import Slot
from sim.clock import ms
from sim.fleets.activities import Failure, Why
from sim.fleets.spec import FleetSpec
from sim.fleets.waiting import Waiting
from sim.fleets.warm_pool import WarmPoolSpec, pool_size
from sim.instance import Health, Instance, State
from sim.machines import ZONES, Surroundings


class Supply(Waiting):
    """Keeps as many machines as are wished for, as far as EC2 has them."""

    spec: FleetSpec

    def __init__(self, slot: Slot, spec: FleetSpec, **surroundings: Unpack[Surroundings]) -> None:
        super().__init__(slot, spec, **surroundings)
        self.exists = self.removing = False
        self.desired = self.minimum = self.maximum = 0
        self.suspended: frozenset[str] = frozenset()
        """Names of suspended processes; see `Fleet.suspend`."""
        self.capacity_short: set[str] = set()
        """Letters of zones in which EC2 has no machine to give."""
        self.launch_failure = spec.launch_failure
        """Chance that an attempt to launch fails."""
        self.warm_pool: WarmPoolSpec | None = None
        self.pool: dict[str, Instance] = {}
        """Machines of the warm pool, by id; those that are not booted are on their way into it."""
        self._ready: dict[str, deque[Instance]] = {zone: deque() for zone in ZONES}  # of the pool, by zone
        self._extras = 0  # machines that are launched to balance zones
        self._retrying = False

    # -- as many as are wished for

    def _repair(self) -> None:
        """Something may differ from the wish."""
        if self.exists and not self.removing:
            self._reconcile()
            self._fill_pool()

    def _reconcile(self) -> None:
        lacking = self.desired + self._extras - self.active
        if lacking > 0 and "Launch" not in self.suspended:
            short: set[str] = set()
            for _ in range(lacking):
                if not self._supply(Why.WISH, short):
                    break
        elif lacking < 0 and "Terminate" not in self.suspended:
            for _ in range(-lacking):
                self._terminate(self._least_wanted(), Why.WISH)

    def _supply(self, why: Why, short: set[str]) -> Instance | bool:
        """One more machine, from the pool or from EC2. False: no zone has any. `short` remembers those that have
        none."""
        if self.pool and (ready := self._take_ready()):
            return self._start_from_pool(ready, why)
        for zone in self._zones_by_need():
            if zone in short:
                continue
            if zone in self.capacity_short:
                short.add(zone)
                self._fail(why, zone, Failure.NO_CAPACITY)
            elif self.launch_failure and float(self._rng.random()) < self.launch_failure:
                self._fail(why, zone, Failure.LAUNCH)
                return True
            else:
                return self._launch(zone, why)
        self._try_again()
        return False

    def _zones_by_need(self) -> list[str]:
        """Zones that are up, those with the fewest machines first."""
        held, lost = self._held, self._lost
        return sorted((zone for zone in ZONES if zone not in lost), key=held.__getitem__)

    def _launch(self, zone: str, why: Why) -> Instance:
        instance = self._new(zone)
        instance.activity = self._note(True, why, zone, instance.id)
        self._join(instance)
        self._start(instance)
        return instance

    def _fail(self, why: Why, zone: str, failure: Failure) -> None:
        """An attempt that comes to nothing at once."""
        activity = self._note(True, why, zone)
        activity.end, activity.failure = activity.start, failure
        self._try_again()

    def _try_again(self) -> None:
        if not self._retrying:
            self._retrying = True
            self._env.timeout(ms(self.spec.retry)).callbacks.append(lambda _: self._again())

    def _again(self) -> None:
        self._retrying = False
        self._repair()

    def _given(self, instance: Instance) -> None:
        if instance.state is not State.PENDING:
            return
        if instance.zone in self._lost:
            self._give_up(instance, Failure.ZONE)
            return
        self._boot(instance)
        self._admit(instance)

    def _give_up(self, instance: Instance, failure: Failure) -> None:
        """Its launch failed."""
        activity = instance.activity
        assert activity is not None
        activity.end, activity.failure, instance.activity = int(self._env.now), failure, None
        self._leave_early(instance)
        self._drop(instance)
        self._repair()

    # -- how they go

    def _terminate(self, instance: Instance, why: Why, drain: bool = True) -> None:
        if not instance.active:
            return
        self._finish(instance, Failure.HOOK if instance.waiting else None)
        activity = self._note(False, why, instance.zone, instance.id)
        activity.draining = drain and instance.attached
        instance.activity = activity
        self._leave_early(instance)
        waits = [ms(hook.heartbeat if hook.completes is None else min(hook.completes, hook.heartbeat))
                 for hook in self.hooks.values() if hook.transition == "terminating"]  # fmt: skip
        instance.waiting = bool(waits) and drain
        self._drop(instance, max(waits, default=0) if drain else 0, drain)

    def _leave_early(self, instance: Instance) -> None:
        """What was planned for it is off."""
        self._let_go(instance)
        if instance.extra:
            instance.extra = False
            self._extras -= 1

    # -- the warm pool

    def _fill_pool(self) -> None:
        wished = self.exists and not self.removing and self.warm_pool is not None
        if not self.pool and not wished:
            return
        size = pool_size(self.warm_pool, self.desired, self.maximum) if wished and self.warm_pool is not None else 0
        for _ in range(len(self.pool) - size):
            self.pool.popitem()
        up = [zone for zone in ZONES if zone not in self._lost and zone not in self.capacity_short]
        if not up or "Launch" in self.suspended or not wished or self.warm_pool is None:
            return
        for _ in range(size - len(self.pool)):
            instance = self._new(up[self._launched % len(up)], State.WARMED)
            self.pool[instance.id] = instance
            instance.broken = float(self._rng.random()) < self.boot_failure
            wait = self._delay(self._launch_ms) + self._delay(self._boot_ms) + ms(self.warm_pool.stop)
            if not instance.broken:
                self._after(wait, self._booted, instance)

    def _booted(self, instance: Instance) -> None:
        super()._booted(instance)
        if instance.state is State.WARMED:
            self._ready[instance.zone].append(instance)

    def _take_ready(self) -> Instance | None:
        """One that can be started, out of the zone that needs one most."""
        for zone in self._zones_by_need():
            ready = self._ready[zone]
            while ready and zone not in self.capacity_short:
                if (instance := ready.popleft()).id in self.pool:
                    return self.pool.pop(instance.id)
        return None

    def _start_from_pool(self, instance: Instance, why: Why) -> Instance:
        assert self.warm_pool is not None
        instance.state = State.PENDING
        instance.activity = self._note(True, why, instance.zone, instance.id)
        self._join(instance)
        self._after(self._delay(ms(self.warm_pool.start)), self._started_from_pool, instance)
        return instance

    def _started_from_pool(self, instance: Instance) -> None:
        if instance.state is not State.PENDING:
            return
        if instance.zone in self._lost:
            self._give_up(instance, Failure.ZONE)
        else:
            self._admit(instance)

    # -- what was already there

    def _serve_already(self, zone: str, since: int) -> None:
        """A machine that serves, healthy and warm, since long ago."""
        instance = self._new(zone)
        self._held[zone] += 1
        self._oldest[zone].append(instance)
        self._known[instance.id] = instance
        instance.state, instance.health, instance.proven, instance.attached = State.SERVING, Health.HEALTHY, True, True
        instance.launched = instance.entered = instance.serving_since = since
        self._count(instance, 1)
        instance.passed, instance.streak = True, self._passes
        instance.able, instance.seen = True, self._last_check(instance)
