"""The Traffic port on target groups, call by call as `bluegreen/aws/traffic/target_groups.py` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from bluegreen.errors import Missing, Refused
from bluegreen.model import Slot, TrafficView
from bluegreen.traffic.target_groups import TargetGroups as Spec
from sim.memory.calls import Calls
from sim.memory.copying import nothing
from sim.memory.store import Store
from sim.routing import Listener


class TargetGroups:
    """`bluegreen.ports.Traffic`, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, spec: Spec, facts: Callable[[Slot], bool]) -> None:
        self._calls, self._store, self._spec, self._facts = calls, store, spec, facts
        assert isinstance(store.world.dns, Listener), "this service's users are moved by a listener"
        self._routing, self._now = store.world.dns, store.world.clock.now
        self._balancer_known = self._live_known = False
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None

    def preflight(self) -> None:
        """Nothing is asked: the live slot's own preflight sees the balancer."""

    def read(self) -> TrafficView:
        weights = self._rules()
        settled = self._since is not None and self._now() - self._since >= self._spec.delay
        return TrafficView(weights, in_sync=weights == self._asked and settled)

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: nobody would get an answer"
        assert all(0 <= weight <= self._spec.finest for weight in weights.values()), f"weights out of range: {weights}"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None
        changes = self._rules() != weights
        if changes:
            self._write(weights)
        self._asked = dict(weights)
        self._since = self._now() if since is None or changes else since

    def remove(self, slot: Slot) -> None:
        by_slot = self._rules()
        if slot not in by_slot:
            return
        left = {other: weight for other, weight in by_slot.items() if other is not slot}
        if not any(left.values()):
            balancer = self._store.plan.live.balancer
            raise Refused(f"{balancer}: the target group of {slot} is the last one with any weight")
        self._write(left)
        self._asked = None

    def _rules(self) -> dict[Slot, int]:
        if not self._balancer_known:
            self._calls.ask("elbv2:DescribeLoadBalancers", nothing)
            self._balancer_known = True
        self._calls.ask("elbv2:DescribeListeners", nothing)
        weights = self._calls.ask("elbv2:DescribeRules", lambda: dict(self._routing.weights))
        if not self._live_known:
            self._live_known = self._facts(self._store.plan.live.slot)
        return dict.fromkeys(weights, 100) if len(weights) == 1 else weights

    def _write(self, weights: Mapping[Slot, int]) -> None:
        there = self._routing.weights
        for slot in sorted(weights):
            if slot not in there and not self._facts(slot):
                raise Missing(f"{slot} has no target group that a listener could forward to")
        sticky = bool(self._spec.sticky(weights.get(self._store.plan.live.slot.other, 0)))
        self._calls.ask("elbv2:ModifyListener", lambda: self._routing.change(weights, sticky=sticky))
