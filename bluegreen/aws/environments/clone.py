"""The candidate as a copy of the live slot with something new to run.

Made in this order: launch template, target groups, balancer, listeners, group, scaling policies. The group comes late
and in one call, so that where it exists all before it is complete. Taken down in the order of `named.py`, the launch
template last. Nothing is removed that does not carry this rollout's tags.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import application_copy, classic_copy, group_copy, groups, launches, listener_copy
from bluegreen.aws.environments.base import PlaceFacts, Stamp
from bluegreen.aws.environments.named import NamedPlace, Seen, delete_target_group
from bluegreen.aws.session import Api
from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Clone, Live


class CloneWay:
    """`Way` by copying."""

    def __init__(self, api: Api, clone: Clone, live: Live, stamp: Stamp) -> None:
        self._api = api
        self._clone = clone
        self._stamp = stamp
        self._live = NamedPlace(api, live.group, live.balancer)
        self._place = NamedPlace(api, stamp.name, stamp.name)
        self._complete = False  # once made, the scaling policies are not asked for again

    # -- what is there --------------------------------------------------------------------------------------------

    def look(self) -> EnvironmentView:
        seen = self._place.seen()
        if seen.group is None:
            self._complete = False
            left = self._left_over(seen)
            presence = Presence.CREATING if left else Presence.ABSENT
            return EnvironmentView(presence, detail=f"no group yet; there is {', '.join(left)}" if left else "")
        if seen.balancer is None or groups.is_going(seen.group):
            return EnvironmentView(Presence.REMOVING, detail=f"only {seen} left")
        view = self._place.look_at(seen.group, seen.balancer)
        if view.presence is Presence.READY and not self._is_complete():
            return groups.with_presence(view, Presence.CREATING, "scaling policies are missing")
        return view

    def facts(self) -> PlaceFacts | None:
        return self._place.facts()

    # -- what is done ---------------------------------------------------------------------------------------------

    def create(self) -> None:
        live = self._live.seen()
        if live.group is None or live.balancer is None:
            raise Missing(f"the live slot to copy is not whole: there is {live}")
        try:
            self._make(live.group, live.balancer)
        except Missing as missing:
            # What was made a moment ago is not known everywhere in AWS yet; that passes.
            raise Busy(str(missing)) from missing

    def resize(self, instances: int) -> None:
        groups.resize(self._api, self._stamp.name, instances)

    def hold_scale_in(self, held: bool) -> None:
        groups.hold_scale_in(self._api, self._stamp.name, held)

    def remove(self) -> None:
        self._complete = False
        self._place.forget()
        seen = self._place.seen()
        self._check_ours(seen)
        self._place.take_down(seen, self._is_our_target_group)
        if seen.group is None:
            with suppress(Busy):  # in use for a moment after the balancer is gone
                for arn in self._target_groups():
                    delete_target_group(self._api, arn, self._stamp.name)
                launches.remove(self._api, self._stamp)

    def problems(self) -> tuple[str, ...]:
        live = self._live.seen()
        if live.group is None or live.balancer is None:
            return ()  # the live slot's own problems say so
        found = self._group_problems(live.group)
        if live.balancer.kind == "classic":
            return (*found, *classic_copy.problems(self._api, live.balancer))
        twins = dict.fromkeys(live.balancer.target_groups, "")
        return (*found, *listener_copy.problems(self._api, live.balancer.arn, twins))

    # -- how it works ---------------------------------------------------------------------------------------------

    def _group_problems(self, live_group: dict[str, Any]) -> list[str]:
        return [
            *launches.problems(self._api, self._clone, live_group),
            *group_copy.problems(self._api, self._live.group),
        ]

    def _make(self, live_group: dict[str, Any], live_balancer: Balancer) -> None:
        """Whatever is missing, in the order of the top of this file."""
        group = groups.find(self._api, self._stamp.name)
        if group is None:
            spec = launches.ensure(self._api, self._clone, live_group, self._stamp)
            balancer = self._ensure_balancer(live_balancer)
            group_copy.create(self._api, live_group, spec, self._stamp, balancer)
        elif not self._stamp.marks(groups.tags(group)):
            raise Refused(f"a group {self._stamp.name} is there, and not from this rollout")
        facts = self._place.facts()
        if facts is not None:
            group_copy.ensure_policies(self._api, live_group, self._stamp.name, facts.balancer)

    def _ensure_balancer(self, live: Balancer) -> Balancer:
        if live.kind == "classic":
            return classic_copy.ensure(self._api, live, self._stamp)
        return application_copy.ensure(self._api, live, self._stamp)

    def _is_complete(self) -> bool:
        if not self._complete:
            live, own = self._live.group, self._stamp.name
            self._complete = not group_copy.missing_policies(self._api, live, own)
        return self._complete

    def _left_over(self, seen: Seen) -> list[str]:
        """What there is beside a group, in words."""
        parts = {
            "a launch template": self._clone.image is not None
            and launches.find(self._api, self._stamp.name) is not None,
            "a balancer": seen.balancer is not None,
            "a target group": bool(self._target_groups()),
        }
        return [name for name, there in parts.items() if there]

    def _target_groups(self) -> list[str]:
        """ARNs of copies of the live target groups, by their names: what a group that is gone cannot tell."""
        live = self._live.facts()
        if live is None:
            return []
        names = [name for _, name in application_copy.twin_names(live.balancer, self._stamp)]
        found = [application_copy.find_target_group(self._api, name) for name in names]
        return [arn for arn in found if arn and self._is_our_target_group(arn)]

    def _is_our_target_group(self, arn: str) -> bool:
        try:
            return self._stamp.marks(application_copy.tags_of(self._api, arn))
        except Missing:
            return False

    def _check_ours(self, seen: Seen) -> None:
        """Raises Refused when something with our name is not of this rollout."""
        if seen.group is not None and not self._stamp.marks(groups.tags(seen.group)):
            raise Refused(f"the group {self._stamp.name} was not made by this rollout: it is left alone")
        if seen.balancer is None:
            return
        if seen.balancer.kind == "classic":
            if not self._stamp.marks(classic_copy.tags_of(self._api, seen.balancer.name)):
                raise Refused(f"the balancer {seen.balancer.name} was not made by this rollout: it is left alone")
        else:
            application_copy.check_ours(self._api, seen.balancer.arn, self._stamp)
