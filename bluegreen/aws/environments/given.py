"""The live slot: an existing balancer and group, given by their names. Never made here; removed only when the plan
says `retire: remove`."""

from __future__ import annotations

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.environments.named import NamedPlace, Seen
from bluegreen.aws.session import Api
from bluegreen.errors import Missing
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Live


class GivenWay:
    """`Way` for what was there before the rollout."""

    def __init__(self, api: Api, live: Live, *, may_remove: bool) -> None:
        self._api = api
        self._live = live
        self._place = NamedPlace(api, live.group, live.balancer)
        self._may_remove = may_remove

    def look(self) -> EnvironmentView:
        seen = self._place.seen()
        if seen.is_nothing:
            return EnvironmentView(Presence.ABSENT)
        if seen.group is None or seen.balancer is None or groups.is_going(seen.group):
            return EnvironmentView(Presence.REMOVING, detail=f"only {seen} left")
        return self._place.look_at(seen.group, seen.balancer)

    def create(self) -> None:
        if not self._place.seen().is_whole:
            raise Missing(f"the live slot {self._live.slot} ({self._live.group}, {self._live.balancer}) is not whole")

    def resize(self, instances: int) -> None:
        groups.resize(self._api, self._live.group, instances)

    def hold_scale_in(self, held: bool) -> None:
        groups.hold_scale_in(self._api, self._live.group, held)

    def remove(self) -> None:
        assert self._may_remove, "the plan keeps the old live slot (retire: keep)"
        self._place.take_down(self._place.seen())

    def facts(self) -> PlaceFacts | None:
        return self._place.facts()

    def problems(self) -> tuple[str, ...]:
        seen = self._place.seen()
        found = []
        if seen.group is None:
            found.append(f"live.group: there is no Auto Scaling group {self._live.group} in {self._api.region}")
        elif groups.is_going(seen.group):
            found.append(f"live.group: {self._live.group} is being deleted")
        if seen.balancer is None:
            name, region = self._live.balancer, self._api.region
            found.append(f"live.balancer: there is no application or classic balancer {name} in {region}")
        else:
            found += self._of_balancer(seen, seen.balancer)
        return tuple(found)

    def _of_balancer(self, seen: Seen, balancer: Balancer) -> list[str]:
        name = self._live.balancer
        if balancer.kind not in {"application", "classic"}:
            return [
                f"live.balancer: {name} is a {balancer.kind} balancer; only application and classic ones can be used"
            ]
        found = []
        if seen.group is not None and not _serves(balancer, seen.group.get("LoadBalancerNames", ())):
            found.append(
                f"live.balancer: {name} sends no requests to the group {self._live.group}; give the balancer in front"
                " of that group"
            )
        if self._may_remove and self._is_protected(balancer):
            found.append(
                f"live.balancer: {name} has deletion protection, so it could not be retired; turn that off, or say"
                " `retire: keep`"
            )
        return found

    def _is_protected(self, balancer: Balancer) -> bool:
        if balancer.kind == "classic":
            return False
        answer = self._api.call("elbv2", "describe_load_balancer_attributes", LoadBalancerArn=balancer.arn)
        return {"Key": "deletion_protection.enabled", "Value": "true"} in answer["Attributes"]


def _serves(balancer: Balancer, classic_names: tuple[str, ...] | list[str]) -> bool:
    return balancer.name in classic_names if balancer.kind == "classic" else bool(balancer.target_groups)
