"""A place whose balancer and group are known by name: read, grown, held and taken down alike, whoever made it.

Taken down in this order: balancer, target groups, group. The group goes last because it alone still knows the target
groups once the balancer is gone; so every look can find all that is left, without memory.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.errors import Busy, Missing
from bluegreen.model import EnvironmentView, Presence


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is of a place."""

    group: dict[str, Any] | None
    balancer: Balancer | None

    @property
    def is_whole(self) -> bool:
        """Both are there, and nothing is being deleted."""
        return self.group is not None and self.balancer is not None and not groups.is_going(self.group)

    @property
    def is_nothing(self) -> bool:
        return self.group is None and self.balancer is None

    def __str__(self) -> str:
        """What is left, in words."""
        parts = {"its group": self.group, "its balancer": self.balancer}
        return " and ".join(name for name, there in parts.items() if there is not None) or "nothing"


class NamedPlace:
    """Reading and changing a place by its names. What never changes is kept once the balancer is active."""

    def __init__(self, api: Api, group: str, balancer: str) -> None:
        self.api = api
        self.group = group
        self.balancer = balancer
        self._settled: Balancer | None = None

    def seen(self) -> Seen:
        """One call once the balancer is known; up to three more before."""
        group = groups.find(self.api, self.group)
        if group is None or groups.is_going(group):
            self._settled = None
        return Seen(group, self._settled or self._find_balancer(group))

    def facts(self) -> PlaceFacts | None:
        """None until both exist. A balancer that is still being made has its DNS name already."""
        if self._settled:
            return PlaceFacts(self._settled, self.group)
        seen = self.seen()
        return PlaceFacts(seen.balancer, self.group) if seen.group and seen.balancer else None

    def forget(self) -> None:
        """See everything afresh next time."""
        self._settled = None

    def look_at(self, group: dict[str, Any], balancer: Balancer) -> EnvironmentView:
        """A place that is whole: how far its balancer is, and the counts. Raises Missing when the balancer turns out
        to be gone, and looks for it afresh next time."""
        try:
            return self._view(group, balancer)
        except Missing:
            self.forget()
            raise

    def _view(self, group: dict[str, Any], balancer: Balancer) -> EnvironmentView:
        if balancer.state == "failed":
            return groups.view(self.api, group, balancer, Presence.FAILED, f"balancer {balancer.name} failed")
        if not balancer.serves:
            return groups.view(self.api, group, balancer, Presence.CREATING, f"balancer {balancer.name} is being made")
        return groups.view(self.api, group, balancer, Presence.READY)

    def take_down(self, seen: Seen, may_delete: Callable[[str], bool] = lambda target_group: True) -> None:
        """One round of removing what was seen; come back until nothing is. Of the group's target groups (ARNs) those
        are kept that `may_delete` says no to, and those that another balancer uses."""
        self._settled = None
        if seen.balancer is not None:
            _delete_balancer(self.api, seen.balancer)
        if seen.group is None:
            return
        # A target group stays in use for a moment after its balancer is gone: the group must not go before it.
        with suppress(Busy):
            for arn in filter(may_delete, seen.group.get("TargetGroupARNs", ())):
                delete_target_group(self.api, arn, self.balancer)
            groups.remove(self.api, seen.group)

    def _find_balancer(self, group: dict[str, Any] | None) -> Balancer | None:
        balancer = balancers.find(self.api, self.balancer)
        if balancer is None or group is None:
            return balancer
        if balancer.kind != "classic":
            balancer = balancer.serving(target_groups_between(self.api, balancer, group))
        if balancer.serves and not groups.is_going(group):
            self._settled = balancer
        return balancer


def target_groups_between(api: Api, balancer: Balancer, group: dict[str, Any]) -> list[str]:
    """Through which target groups the balancer reaches the group: both may have others too."""
    own = api.collect("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=balancer.arn)
    return sorted({described["TargetGroupArn"] for described in own} & set(group.get("TargetGroupARNs", ())))


def _delete_balancer(api: Api, balancer: Balancer) -> None:
    """Its listeners and rules go with it."""
    if balancer.kind == "classic":
        api.call("elb", "delete_load_balancer", LoadBalancerName=balancer.name)
    else:
        api.call("elbv2", "delete_load_balancer", LoadBalancerArn=balancer.arn)


def delete_target_group(api: Api, arn: str, balancer: str) -> None:
    """Delete it, unless another balancer than the named one uses it. Raises Busy while the named one still does."""
    with suppress(Missing):
        described = api.call("elbv2", "describe_target_groups", TargetGroupArns=[arn])["TargetGroups"]
        users = [user for group in described for user in group.get("LoadBalancerArns", ())]
        if all(f"/{balancer}/" in user for user in users):
            api.call("elbv2", "delete_target_group", TargetGroupArn=arn)
