"""Both slots behind one balancer, call by call as `bluegreen/aws/environments/shared.py` does."""

from __future__ import annotations

from contextlib import suppress

from bluegreen.errors import Busy
from bluegreen.model import EnvironmentView, Presence, Slot
from sim.memory.calls import Calls
from sim.memory.copying import POLICIES, Copy, nothing
from sim.memory.environments import ABSENT, Clone, Given, left
from sim.memory.named import Group, Named
from sim.memory.store import Store
from sim.routing import Listener


class Shared(Named):
    """A group and its target group; the balancer is not its own."""

    def take_down(self, group: Group | None, balancer: bool, check: bool = False) -> None:
        self._settled = False
        if group is None:
            return
        with suppress(Busy):
            if not check or self.is_ours():
                self.delete_target_group()
            if not group.going:
                self.calls.ask("autoscaling:DeleteAutoScalingGroup", self._delete_group)

    def _targets(self) -> tuple[int, int]:
        """Targets that no rule sends anybody to are not checked."""
        if self.slot not in self.store.world.dns.weights:
            return 0, 0
        return super()._targets()

    def _delete_target_group(self) -> None:
        if self.slot in self.store.world.dns.weights:
            raise Busy("elbv2 delete_target_group: ResourceInUse: a listener uses it")
        if self.holdings.target_group:
            self.holdings.target_group = False
            self.store.removed(self.slot, "target-group")


class SharedGiven(Shared, Given):
    """The live slot."""

    def look(self) -> EnvironmentView:
        group, balancer = self.seen()
        if group is None:
            return ABSENT
        if not balancer or group.going:
            return EnvironmentView(Presence.REMOVING, detail=f"only {left(group, balancer)} left")
        return self.view(group)

    def preflight(self) -> None:
        self.seen()


class Beside(Shared, Clone):
    """The candidate: a copy of the group, with a target group of its own."""

    def __init__(self, calls: Calls, store: Store, slot: Slot) -> None:
        super().__init__(calls, store, slot)
        self._live = Shared(calls, store, slot.other)
        self._copy = BesideCopy(calls, store, slot, self._live, self)

    def remove(self) -> None:
        self._complete = False
        self.forget()
        group, balancer = self.seen()
        self.take_down(group, balancer, check=True)
        if group is None:
            with suppress(Busy):
                self._copy.remove_rest()

    def _find_balancer(self, group: Group | None) -> bool:
        """It is there for this slot as soon as there is a target group."""
        there = self.calls.ask("elbv2:DescribeTargetGroups", lambda: self.holdings.target_group)
        if there:
            self.calls.ask("elbv2:DescribeLoadBalancers", nothing)
        if there and group is not None and not group.going:
            self._settled = True
        return there

    def _left_over(self, balancer: bool) -> list[str]:
        return super()._left_over(balancer=False)


class BesideCopy(Copy):
    """How it comes to be."""

    def preflight(self) -> None:
        if not self._has_image:
            self._calls.ask("ec2:DescribeLaunchTemplates", nothing)
        self._calls.ask(POLICIES, nothing)
        self._calls.ask("elbv2:DescribeListeners", nothing)
        self._calls.ask("elbv2:DescribeRules", nothing)

    def _application(self) -> None:
        """The balancer is there."""

    def _listener(self) -> None:
        """The target group joins the live one, at weight 0."""
        routing = self._store.world.dns
        assert isinstance(routing, Listener), "this service's users are moved by a listener"
        self._calls.ask("elbv2:DescribeListeners", nothing)
        if self._slot not in self._calls.ask("elbv2:DescribeRules", lambda: routing.weights):
            joined = {**routing.weights, self._slot: 0}
            self._calls.ask("elbv2:ModifyListener", lambda: routing.change(joined, sticky=False))
