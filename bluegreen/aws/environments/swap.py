"""Places that come and go at one target group: the group is what a slot has of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts, Stamp
from bluegreen.aws.environments.clone import CloneWay
from bluegreen.aws.environments.named import Seen
from bluegreen.aws.environments.shared import SharedGivenWay, SharedPlace
from bluegreen.aws.session import Api
from bluegreen.errors import Refused
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Clone, Live

FIRST_CHECKS = "its first checks at the balancer run: healthy by the group's own word"
UNCHECKED = "not attached: healthy by the group's own word"


class SwapPlace(SharedPlace):
    """A group that is attached to the balancer's target group, or not."""

    _owner: Balancer | None = None
    """The balancer with all of its target groups: these do not change in a rollout."""
    _facts: PlaceFacts | None = None
    """As it was when the group was last seen."""

    def seen(self) -> Seen:
        """One call once the balancer is known."""
        group = groups.find(self.api, self.group)
        owner = self._known()
        if owner is None:
            return Seen(group, None)
        has = set(group.get("TargetGroupARNs", ())) if group else set()
        balancer = owner.serving([arn for arn in owner.target_groups if arn in has])
        self._facts = PlaceFacts(balancer, self.group) if group else None
        return Seen(group, balancer)

    def facts(self) -> PlaceFacts | None:
        """What the last look saw, since that is what measurements are asked with."""
        if self._facts is None:
            self.seen()
        return self._facts

    def forget(self) -> None:
        self._owner = self._facts = None

    def _known(self) -> Balancer | None:
        if self._owner is None:
            found = balancers.find_application(self.api, self.balancer)
            if found is None:
                return None
            own = self.api.collect("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=found.arn)
            self._owner = replace(found.serving([each["TargetGroupArn"] for each in own]), shared=True)
        return self._owner

    def take_down(self, seen: Seen, may_delete: object = None) -> None:
        """Its machines leave the target group as they go. The target group stays."""
        self.forget()
        if seen.group is not None:
            groups.remove(self.api, seen.group)

    def _view(self, group: dict[str, Any], balancer: Balancer) -> EnvironmentView:
        """Of a group that is not attached no balancer says whether it is healthy: then its own word counts. So, too,
        as long as all of its targets wait for their first check: they were attached a moment ago."""
        seen = groups.view(self.api, group, replace(balancer, target_groups=()), Presence.READY)
        if not balancer.target_groups:
            return replace(seen, healthy=seen.in_service, detail=UNCHECKED)
        words = balancers.target_words(self.api, balancer.target_groups[0])
        own = [instance["InstanceId"] for instance in group.get("Instances", ())]
        known = [words[instance] for instance in own if instance in words]
        if all(word == "initial" for word in known):
            return replace(seen, healthy=seen.in_service, registered=len(known), detail=FIRST_CHECKS)
        return replace(seen, healthy=known.count("healthy"), registered=len(known))


class SwapGivenWay(SharedGivenWay):
    """`Way` for the live slot."""

    def __init__(self, api: Api, live: Live, *, may_remove: bool) -> None:
        super().__init__(api, live, may_remove=may_remove)
        self._place = SwapPlace(api, live.group, live.balancer)


class SwapWay(CloneWay):
    """`Way` by copying the live group, attached to nothing: that is the traffic's business."""

    def __init__(self, api: Api, clone: Clone, live: Live, stamp: Stamp) -> None:
        super().__init__(api, clone, live, stamp)
        self._live = SwapPlace(api, live.group, live.balancer)
        self._place = SwapPlace(api, stamp.name, live.balancer)

    def problems(self) -> tuple[str, ...]:
        live = self._live.seen()
        return tuple(self._group_problems(live.group)) if live.is_whole and live.group else ()

    def _ensure_balancer(self, live: Balancer) -> Balancer:
        return live.serving([])

    def _target_groups(self) -> list[str]:
        return []

    def _left_over(self, seen: Seen) -> list[str]:
        return [part for part in super()._left_over(seen) if part != "a balancer"]

    def _check_ours(self, seen: Seen) -> None:
        if seen.group is not None and not self._stamp.marks(groups.tags(seen.group)):
            raise Refused(f"the group {self._stamp.name} was not made by this rollout: it is left alone")
