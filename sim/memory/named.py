"""A place's group and balancer, looked at and changed call by call as `bluegreen/aws/environments/named.py` and
`groups.py` do: what never changes is kept once the balancer is active."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from bluegreen.errors import Busy, Missing
from bluegreen.model import EnvironmentView, Presence, Slot
from sim.memory.calls import Calls
from sim.memory.store import Store

if TYPE_CHECKING:
    from sim.fleet import Fleet

GROUPS = "autoscaling:DescribeAutoScalingGroups"
SCHEDULED = "ScheduledActions"


class Group(NamedTuple):
    """A group as it was just described."""

    desired: int
    in_service: int
    minimum: int
    held: bool
    going: bool
    hold_left: bool


class Named:
    """One place, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, slot: Slot) -> None:
        self.calls, self.store, self.slot = calls, store, slot
        self.place, self.holdings = store.place(slot), store.holdings[slot]
        self._settled = False
        self._counts = "elbv2:DescribeTargetHealth" if store.application else "elb:DescribeInstanceHealth"
        self._view, self._seen = EnvironmentView(Presence.ABSENT), tuple[object, ...]()

    # -- what is seen ---------------------------------------------------------------------------------------------

    def seen(self) -> tuple[Group | None, bool]:
        """The group, and whether there is a balancer."""
        group = self.find()
        if group is None or group.going:
            self._settled = False
        return group, self._settled or self._find_balancer(group)

    def find(self) -> Group | None:
        return self.calls.ask(GROUPS, self._group)

    def facts(self) -> bool:
        if self._settled:
            return True
        group, balancer = self.seen()
        return group is not None and balancer

    def forget(self) -> None:
        self._settled = False

    def named(self) -> Named:
        return self

    def view(self, group: Group) -> EnvironmentView:
        """One more call: the balancer's count. Only a balancer that was active once is not asked for again."""
        if not self._active:
            return self.view_of(group, Presence.CREATING, f"balancer {self.store.name(self.slot)} is being made")
        return self.view_of(group, Presence.READY, "")

    def view_of(
        self, group: Group, presence: Presence, detail: str, counted: EnvironmentView | None = None
    ) -> EnvironmentView:
        if counted is None:
            registered, healthy = self.calls.ask(self._counts, self._targets)
        else:
            registered, healthy = counted.registered, counted.healthy
        desired, in_service, minimum, held, _, hold_left = group
        seen = (presence, desired, in_service, healthy, registered, held, detail, minimum, hold_left)
        if seen != self._seen:
            self._view, self._seen = EnvironmentView(*seen), seen
        return self._view

    def _group(self) -> Group | None:
        fleet, holdings = self.place.fleet, self.holdings
        if not fleet.exists:
            holdings.hold = None
            return None
        held = holdings.hold is not None and fleet.minimum >= holdings.hold[0] and SCHEDULED in fleet.suspended
        in_service, left = fleet.in_service - fleet.given_up, holdings.hold is not None
        return Group(fleet.desired, in_service, fleet.minimum, held, fleet.removing, left)

    def _targets(self) -> tuple[int, int]:
        if not self.place.balancer.exists:
            if self.store.application:
                return 0, 0  # the target group is no longer used
            self._settled = False
            raise Missing(f"elb describe_instance_health: there is no balancer {self.store.name(self.slot)}")
        return self.place.fleet.registered, self.place.fleet.healthy

    def _find_balancer(self, group: Group | None) -> bool:
        there = self.calls.ask("elbv2:DescribeLoadBalancers", self._application)
        if there is None:
            there = self.calls.ask("elb:DescribeLoadBalancers", self._classic)
        if there is None or group is None:
            return there is not None
        if self.store.application:
            self.calls.ask("elbv2:DescribeTargetGroups", lambda: None)
        self._active = there
        if there and not group.going:
            self._settled = True
        return True

    _active = True
    """Whether the balancer was active when it was last asked for."""

    def _application(self) -> bool | None:
        balancer = self.place.balancer
        return balancer.active if self.store.application and balancer.exists else None

    def _classic(self) -> bool | None:
        """A classic balancer has no state: it is active once it exists."""
        return True if not self.store.application and self.place.balancer.exists else None

    # -- what is done ---------------------------------------------------------------------------------------------

    def resize(self, instances: int) -> None:
        group = self._existing()
        if group.desired < instances or (group.held and group.minimum < instances):
            self.calls.ask("autoscaling:UpdateAutoScalingGroup", lambda: self._grow(instances, group))

    def hold_scale_in(self, held: bool) -> None:
        group = self._existing()
        if held and not group.held:
            self._hold(group)
        if not held and self.holdings.hold is not None:
            self._release(self.holdings.hold)

    def take_down(self, group: Group | None, balancer: bool, check: bool = False) -> None:
        self._settled = False
        if balancer:
            call = "elbv2:DeleteLoadBalancer" if self.store.application else "elb:DeleteLoadBalancer"
            self.calls.ask(call, self._delete_balancer)
        if group is None:
            return
        with suppress(Busy):
            if self.store.application and (not check or self.is_ours()):
                self.delete_target_group()
            if not group.going:
                self.calls.ask("autoscaling:DeleteAutoScalingGroup", self._delete_group)

    def is_ours(self) -> bool:
        """The target group's tags say so; one that is gone has none."""
        return self.calls.ask("elbv2:DescribeTags", lambda: self.holdings.target_group)

    def delete_target_group(self) -> None:
        if self.calls.ask("elbv2:DescribeTargetGroups", lambda: self.holdings.target_group):
            self.calls.ask("elbv2:DeleteTargetGroup", self._delete_target_group)

    def _existing(self) -> Group:
        group = self.find()
        if group is None:
            raise Missing(f"there is no Auto Scaling group {self.store.name(self.slot)}")
        return group

    def _grow(self, instances: int, group: Group) -> None:
        fleet = self._working()
        grows = group.desired < instances
        if grows:
            fleet.maximum = max(fleet.maximum, instances)
        if group.held and group.minimum < instances:
            fleet.minimum = instances
        fleet.want(instances if grows else fleet.desired)

    def _hold(self, group: Group) -> None:
        before = self.holdings.hold[1] if self.holdings.hold else group.minimum
        hold = (max(group.desired, before), before)
        self.calls.ask("autoscaling:CreateOrUpdateTags", lambda: self._tag(hold))
        self.calls.ask("autoscaling:UpdateAutoScalingGroup", lambda: self._floor(hold[0]))
        self.calls.ask("autoscaling:SuspendProcesses", lambda: self._working().suspend([SCHEDULED]))

    def _release(self, hold: tuple[int, int]) -> None:
        self.calls.ask("autoscaling:ResumeProcesses", lambda: self._working().resume([SCHEDULED]))
        self.calls.ask("autoscaling:UpdateAutoScalingGroup", lambda: self._floor(hold[1]))
        self.calls.ask("autoscaling:DeleteTags", lambda: self._tag(None))

    def _tag(self, hold: tuple[int, int] | None) -> None:
        self.holdings.hold = hold

    def _floor(self, minimum: int) -> None:
        fleet = self._working()
        fleet.minimum = minimum
        fleet.want(max(minimum, min(fleet.maximum, fleet.desired)))

    def _working(self) -> Fleet:
        fleet = self.place.fleet
        if not fleet.exists or fleet.removing:
            raise Missing(f"the group {self.store.name(self.slot)} is not there, or is being deleted")
        return fleet

    def _delete_balancer(self) -> None:
        if self.place.balancer.exists:
            self.store.world.settle()
            self.store.world.clients.cut(self.slot)
            self.place.balancer.remove()
            self.holdings.listener = False
            self.store.removed(self.slot, "balancer")

    def _delete_target_group(self) -> None:
        if self.holdings.listener:
            raise Busy("elbv2 delete_target_group: ResourceInUse: a listener uses it")
        if self.holdings.target_group:
            self.holdings.target_group = False
            self.store.removed(self.slot, "target-group")

    def _delete_group(self) -> None:
        fleet = self.place.fleet
        if fleet.exists and not fleet.removing:
            fleet.remove()
            self.holdings.policies = False
            self.store.removed(self.slot, "group")
