"""Places behind a balancer that is not theirs alone: both slots stand behind the live one, which no rollout removes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import application_copy, groups
from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.clone import CloneWay
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.named import NamedPlace, Seen, delete_target_group
from bluegreen.aws.session import Api
from bluegreen.aws.traffic.forwards import beside, forwards_of, naming, put
from bluegreen.errors import Busy, Refused
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Clone, Live
from bluegreen.traffic.target_groups import TargetGroups


class SharedPlace(NamedPlace):
    """A group with a target group of its own on the balancer. `target_group`: its name; default: whichever of the
    group's are on the balancer."""

    def __init__(self, api: Api, group: str, balancer: str, target_group: str = "") -> None:
        super().__init__(api, group, balancer)
        self._target_group = target_group

    def take_down(self, seen: Seen, may_delete: Callable[[str], bool] = lambda target_group: True) -> None:
        """The target group as soon as no rule names it any more, then the group; the balancer stays."""
        self.forget()
        if seen.group is None:
            return
        with suppress(Busy):
            for arn in filter(may_delete, seen.group.get("TargetGroupARNs", ())):
                delete_target_group(self.api, arn, self.balancer)
            groups.remove(self.api, seen.group)

    def _find_balancer(self, group: dict[str, Any] | None) -> Balancer | None:
        if not self._target_group:
            found = super()._find_balancer(group)
            shared = None if found is None else replace(found, shared=True)
        else:
            shared = self._with_target_group()
        if shared and group is not None and shared.serves and not groups.is_going(group):
            self._settled = shared
        return shared

    def _with_target_group(self) -> Balancer | None:
        """The balancer, as soon as the target group is there."""
        arn = application_copy.find_target_group(self.api, self._target_group)
        found = balancers.find_application(self.api, self.balancer) if arn else None
        return replace(found.serving([arn]), shared=True) if found and arn else None


class SharedGivenWay(GivenWay):
    """`Way` for the live slot: its group, and its target group, may go; its balancer never does."""

    def __init__(self, api: Api, live: Live, *, may_remove: bool) -> None:
        super().__init__(api, live, may_remove=may_remove)
        self._place = SharedPlace(api, live.group, live.balancer)

    def look(self) -> EnvironmentView:
        seen = self._place.seen()
        if seen.group is None:
            return EnvironmentView(Presence.ABSENT)
        if seen.balancer is None or groups.is_going(seen.group):
            return EnvironmentView(Presence.REMOVING, detail=f"only {seen} left")
        return self._place.look_at(seen.group, seen.balancer)

    def _of_balancer(self, seen: Seen, balancer: Balancer) -> list[str]:
        name = self._live.balancer
        if balancer.kind != "application":
            return [
                f"live.balancer: {name} is a {balancer.kind} balancer; to move traffic behind one balancer takes an"
                " application balancer: use `traffic: {kind: route53}`"
            ]
        if seen.group is not None and len(balancer.target_groups) != 1:
            count = len(balancer.target_groups)
            return [
                f"live.balancer: {count or 'no'} target groups of {self._live.group} are behind {name}; to move traffic"
                " behind one balancer it takes exactly one: use `traffic: {kind: route53}`"
            ]
        return []


class BesideWay(CloneWay):
    """`Way` by copying the live group only: with a target group of its own, which joins every rule of the live balancer
    that forwards to the live one, at weight 0. Without a rule its targets would never be checked (`unused`)."""

    def __init__(self, api: Api, clone: Clone, live: Live, stamp: Stamp, mover: TargetGroups) -> None:
        super().__init__(api, clone, live, stamp)
        self._live = SharedPlace(api, live.group, live.balancer)
        self._place = SharedPlace(api, stamp.name, live.balancer, stamp.name)
        self._mover = mover

    def problems(self) -> tuple[str, ...]:
        """Listeners are not copied, so they can be of any kind."""
        live = self._live.seen()
        if live.group is None or live.balancer is None:
            return ()  # the live slot's own problems say so
        return (*self._group_problems(live.group), *self._rule_problems(live.balancer))

    def _rule_problems(self, live: Balancer) -> Iterator[str]:
        """A rule has one set of weights, and the rollout sets them."""
        if others := beside(forwards_of(self._api, live.arn), live.target_groups):
            yield (
                f"live.balancer: a rule of {live.name} that forwards to the live target group also forwards to"
                f" {', '.join(others)}: give them rules of their own, or use `traffic: {{kind: route53}}`"
            )

    def _ensure_balancer(self, live: Balancer) -> Balancer:
        twin = application_copy.ensure_target_group(self._api, live.target_groups[0], self._stamp.name, self._stamp)
        for forward in naming(forwards_of(self._api, live.arn), live.target_groups):
            if twin not in forward.weights:
                put(self._api, forward, {**forward.weights, twin: 0}, self._mover.sticky(0))
        return replace(live.serving([twin]), shared=True)

    def _left_over(self, seen: Seen) -> list[str]:
        return [part for part in super()._left_over(seen) if part != "a balancer"]

    def _check_ours(self, seen: Seen) -> None:
        if seen.group is not None and not self._stamp.marks(groups.tags(seen.group)):
            raise Refused(f"the group {self._stamp.name} was not made by this rollout: it is left alone")
