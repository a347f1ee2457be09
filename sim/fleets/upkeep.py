"""How a group keeps its machines well: it replaces those that are unhealthy, and keeps its zones even.

Sources: Amazon EC2 Auto Scaling User Guide, health checks, grace period, auto-scaling-benefits (rebalancing),
suspending processes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sim.clock import ms
from sim.fleets.activities import Why
from sim.fleets.supply import Supply
from sim.instance import Health, Instance, State
from sim.machines import ZONES


class Upkeep(Supply):
    """Replacement and balance. What was marked unhealthy stays marked until it is replaced."""

    health_check: str
    """ELB or EC2: whose checks mark a machine. EC2's own always do."""
    grace: timedelta
    default_warm_up: timedelta | None
    _ill: dict[str, tuple[Instance, Why]]
    _waking = False

    # -- unhealthy machines

    def _found_unhealthy(self, instance: Instance) -> None:
        """The balancer calls it unhealthy: the group heeds that when it is told to, and after the grace period."""
        if "HealthCheck" in self.suspended or self.health_check != "ELB" or instance.marked:
            return
        if not instance.attached or instance.health is not Health.UNHEALTHY:
            return
        wait = instance.entered + ms(self.grace) - int(self._env.now)
        if wait > 0:
            self._after(wait, self._found_unhealthy, instance)
        else:
            self._mark(instance, Why.UNHEALTHY_ELB)

    def _mark(self, instance: Instance, why: Why) -> None:
        if instance.serves and not instance.marked:
            self._count(instance, -1)
            instance.marked = True
            self._count(instance, 1)
            self._ill[instance.id] = (instance, why)
            self._replace()

    def recheck(self) -> None:
        """The settings of health checks, or their suspension, changed: look at all machines."""
        for instance in self.instances:
            self._found_unhealthy(instance)
            if instance.zone in self._lost and instance.serves and "HealthCheck" not in self.suspended:
                self._mark(instance, Why.UNHEALTHY_EC2)

    @property
    def given_up(self) -> int:
        """Machines in service that the group takes for unhealthy, and has not replaced yet."""
        return sum(instance.serves for instance, _ in self._ill.values()) if self._ill else 0

    def kill(self, instances: Iterable[Instance]) -> None:
        """These machines die and do not boot again; EC2's own checks notice after a while."""
        lost = list(instances)
        for instance in lost:
            instance.broken = True
            if instance.state is State.SERVING:
                self._crash(instance)

        def look(_: object) -> None:
            if "HealthCheck" not in self.suspended:
                for instance in lost:
                    self._mark(instance, Why.UNHEALTHY_EC2)

        self._env.timeout(ms(self.spec.status_check)).callbacks.append(look)

    def mark_unhealthy(self, instance: Instance) -> None:
        """SetInstanceHealth: such a machine is replaced at once, whatever the others do."""
        self._mark(instance, Why.UNHEALTHY_USER)
        if instance.marked and instance.serves and not self.suspended & {"ReplaceUnhealthy", "Terminate"}:
            self._terminate(instance, Why.UNHEALTHY_USER)
            self._repair()

    def mark_healthy(self, instance: Instance) -> None:
        """SetInstanceHealth, the other way: works as long as it is not on its way out."""
        if instance.serves and instance.marked:
            self._count(instance, -1)
            instance.marked = False
            self._count(instance, 1)
            del self._ill[instance.id]

    def _replace(self) -> None:
        """Terminate first, at most 10 % of the desired capacity at once; the next ones when their successors passed a
        first health check and are warm. When the balancer calls all unhealthy AWS goes slower, it does not say how
        slow: one at a time is assumed."""
        if not self._ill or self.removing or self.suspended & {"ReplaceUnhealthy", "Terminate"}:
            return
        at_once = max(1, self.desired // 10) if self.healthy else 1
        warm_up = 0 if self.default_warm_up is None else ms(self.default_warm_up)
        allowed = at_once - max(0, self.desired - self._ready_for_good(warm_up))
        while self._ill and allowed > 0:
            instance, why = self._ill.pop(next(iter(self._ill)))
            if instance.serves:
                self._terminate(instance, why)
                allowed -= 1
        self._reconcile()
        if self._ill and warm_up:
            self._replace_when_warm(warm_up)

    def _ready_for_good(self, warm_up: int) -> int:
        """Machines in service that passed a first health check, and whose default warm-up is over."""
        if self.health_check != "ELB":
            return self.warm(warm_up)
        now = int(self._env.now)
        new = sum(at + warm_up > now and i.serves and (i.proven or i.marked) for at, i in self._fresh) if warm_up else 0
        return self.in_service - self._unproven - new

    def _found_healthy(self) -> None:
        if self._ill:
            self._replace()

    def _replace_when_warm(self, warm_up: int) -> None:
        """The default warm-up of some machine is waited for; nothing else happens when that is over."""
        now = int(self._env.now)
        wait = min((at + warm_up - now for at, i in self._fresh if i.serves and at + warm_up > now), default=None)
        if wait is None or self._waking:
            return
        self._waking = True

        def wake(_: object) -> None:
            self._waking = False
            self._replace()

        self._env.timeout(wait).callbacks.append(wake)

    def _repair(self) -> None:
        super()._repair()
        self._replace()
        self._heed_balance()

    def _heed_balance(self) -> None:
        if self._uneven() and "AZRebalance" not in self.suspended:
            self._try_again()

    def _enter(self, instance: Instance) -> None:
        super()._enter(instance)
        if instance.extra:
            self._extra_is_there(instance)
        if self._ill:
            self._replace()
        self._heed_balance()

    # -- zones

    def zones_changed(self) -> None:
        """Some zone went down or came back."""
        before = self._lost
        super().zones_changed()
        for zone in sorted(self._lost - before):
            self._watch_zone(zone)
        if before - self._lost:
            self._try_again()

    def _watch_zone(self, zone: str) -> None:
        """EC2's own checks notice after a while that its machines are lost."""
        since = self._lost_since[zone] = int(self._env.now)

        def look(_: object) -> None:
            if zone in self._lost and self._lost_since[zone] == since and "HealthCheck" not in self.suspended:
                for instance in self.instances:
                    if instance.zone == zone:
                        self._mark(instance, Why.UNHEALTHY_EC2)

        self._env.timeout(ms(self.spec.status_check)).callbacks.append(look)

    _lost_since: dict[str, int]

    def _again(self) -> None:
        super()._again()
        self._balance()

    def _uneven(self) -> bool:
        held = [self._held[zone] for zone in ZONES if zone not in self._lost]
        return bool(held) and max(held) - min(held) > 1

    def _moves(self) -> int:
        """How many machines have to change zones, and can: to a zone that is up and has capacity."""
        up = [zone for zone in ZONES if zone not in self._lost]
        if not self._uneven():
            return 0
        fair, rest = divmod(sum(self._held[zone] for zone in up), len(up))
        most = fair + (rest > 0)
        room = {zone: self._held[zone] for zone in up if zone not in self.capacity_short}
        lacking = sum(max(0, fair - held) for held in room.values())
        too_many = sum(max(0, self._held[zone] - most) for zone in up)
        return min(max(lacking, too_many), sum(max(0, most - held) for held in room.values()))

    def _balance(self) -> None:
        """Launch first, then terminate: until zones are even, at most 10 % (or one machine) beyond the maximum."""
        if self._extras or not self.exists or self.removing or self.suspended & {"AZRebalance", "Launch"}:
            return
        if self.active < self.desired:
            return
        room = self.maximum + max(1, self.maximum // 10) - self.active
        for _ in range(min(self._moves(), room)):
            zone = next((zone for zone in self._zones_by_need() if zone not in self.capacity_short), None)
            if zone is None:
                return
            self._extras += 1
            self._launch(zone, Why.ZONES).extra = True

    def _extra_is_there(self, instance: Instance) -> None:
        """Now another one goes, of the fullest zone."""
        instance.extra = False
        self._extras -= 1
        if self.active > self.desired + self._extras and "Terminate" not in self.suspended:
            self._terminate(self._least_wanted(), Why.ZONES)
        self._repair()
        if not self._extras:
            self._balance()
