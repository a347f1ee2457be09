"""The Traffic port on attaching groups to, and detaching them from, one target group.

There are no weights: a group that is attached gets what its healthy machines are of all. `read` gives back the weights
that were asked for while the groups are attached as those say (above zero: attached), else the machines' counts.
Detaching waits until every group that stays has passed its checks there, so nobody is ever sent to nobody. For that the
target group's word counts and not the group's state at it, which with EC2 health checks stays `Added` for ever (EC2
Auto Scaling API Reference, LoadBalancerTargetGroupState). Targets that are draining get no new requests (Application
Load Balancers guide, deregistration delay).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.environments import groups
from bluegreen.aws.session import Api
from bluegreen.clock import Now
from bluegreen.errors import Missing, Refused
from bluegreen.model import Slot, TrafficView
from bluegreen.plan import Plan
from bluegreen.traffic.group_swap import GroupSwap as Spec

ALONE = 100


class GroupSwap:
    """`bluegreen.ports.Traffic`. `in_sync`: the groups are attached as this object asked, for the assumed delay, and
    each that is attached has a healthy target."""

    def __init__(self, api: Api, plan: Plan, spec: Spec, candidate: str, now: Now) -> None:
        """`candidate`: the name of its group."""
        live = plan.live
        self._api, self._spec, self._live, self._now = api, spec, live, now
        self._slack = 1 + plan.candidate.margin
        self._names = {live.slot: live.group, live.slot.other: candidate}
        self._target_group = ""  # its ARN, which never changes
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None
        self._removed: set[Slot] = set()

    # -- the port -------------------------------------------------------------------------------------------------

    def read(self) -> TrafficView:
        there = self._groups()
        attached = self._attached(there)
        weights = {slot: len(there[slot].get("Instances", ())) for slot in attached}
        weights = dict.fromkeys(attached, ALONE) if len(attached) == 1 else weights
        weights |= {slot: 0 for slot in sorted(there) if slot not in weights}
        as_asked = self._asked is not None and _serving(self._asked) == attached
        if as_asked and self._asked is not None:
            weights = dict(self._asked)
        in_sync = as_asked and self._settled() and all(self._healthy(there[slot]) for slot in attached)
        return TrafficView({slot: weights[slot] for slot in sorted(set(weights) - self._removed)}, in_sync)

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: nobody would get an answer"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None  # if a reply is lost, nothing is known
        there = self._groups()
        attached, wanted = self._attached(there), _serving(weights)
        if gone := [slot for slot in wanted if slot not in there]:
            raise Missing(f"{gone[0]} has no group that could be attached")
        missing = [slot for slot in wanted if slot not in attached]
        for slot in missing:
            self._change("attach_load_balancer_target_groups", slot)
        leaving = [slot for slot in attached if slot not in wanted]
        if leaving and not missing and self._may_leave(there, leaving, wanted):
            for slot in leaving:
                self._change("detach_load_balancer_target_groups", slot)
        self._removed -= set(wanted)
        self._asked = dict(weights)
        self._since = self._now() if since is None or missing or leaving else since

    def remove(self, slot: Slot) -> None:
        """A group that is not attached has nothing left there: this only says that it is not spoken of any more."""
        attached = self._attached(self._groups())
        if attached == (slot,):
            raise Refused(f"{self._names[slot]} is the last group behind {self._live.balancer}")
        if slot in attached:
            self._change("detach_load_balancer_target_groups", slot)
        self._removed.add(slot)
        self._asked = None

    # -- how it works ---------------------------------------------------------------------------------------------

    def _groups(self) -> dict[Slot, dict[str, Any]]:
        """The groups that exist and stay."""
        slots = {name: slot for slot, name in self._names.items()}
        names = [self._names[slot] for slot in sorted(self._names)]
        found = self._api.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=names)
        by_slot = {slots[group["AutoScalingGroupName"]]: group for group in found["AutoScalingGroups"]}
        return {slot: by_slot[slot] for slot in sorted(by_slot) if not groups.is_going(by_slot[slot])}

    def _attached(self, there: Mapping[Slot, dict[str, Any]]) -> tuple[Slot, ...]:
        target_group = self._known(there)
        return tuple(slot for slot, group in there.items() if target_group in group.get("TargetGroupARNs", ()))

    def _known(self, there: Mapping[Slot, dict[str, Any]]) -> str:
        """The one target group of the balancer at which a slot's group is: one of them always is."""
        if not self._target_group:
            balancer = balancers.find_application(self._api, self._live.balancer)
            if balancer is None:
                raise Missing(f"there is no application balancer {self._live.balancer}")
            own = self._api.collect("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=balancer.arn)
            of_groups = {arn for group in there.values() for arn in group.get("TargetGroupARNs", ())}
            both = sorted({described["TargetGroupArn"] for described in own} & of_groups)
            if not both:
                raise Missing(f"no group is attached to a target group of {self._live.balancer}")
            self._target_group = both[0]
        return self._target_group

    def _settled(self) -> bool:
        return self._since is not None and self._now() - self._since >= self._spec.delay

    def _may_leave(
        self, there: Mapping[Slot, dict[str, Any]], leaving: Sequence[Slot], staying: Sequence[Slot]
    ) -> bool:
        """Whether of those that stay enough machines in service have passed their checks: but for the margin that
        capacity is planned with, all. Who serves nobody may leave in any case."""
        enough = [self._healthy(there[slot]) * self._slack >= len(_in_service(there[slot])) > 0 for slot in staying]
        return all(enough) or not any(self._healthy(there[slot]) for slot in leaving)

    def _healthy(self, group: dict[str, Any]) -> int:
        """How many of the group's machines are healthy targets. One call."""
        states = balancers.target_states(self._api, self._target_group)
        return sum(states.get(instance, False) for instance in _in_service(group))

    def _change(self, operation: str, slot: Slot) -> None:
        arns = [self._target_group]
        self._api.call("autoscaling", operation, AutoScalingGroupName=self._names[slot], TargetGroupARNs=arns)


def _in_service(group: dict[str, Any]) -> list[str]:
    return [instance["InstanceId"] for instance in group.get("Instances", ()) if groups.in_service(instance)]


def _serving(weights: Mapping[Slot, int]) -> tuple[Slot, ...]:
    return tuple(slot for slot in sorted(weights) if weights[slot])
