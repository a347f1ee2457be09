"""The Traffic port on Elastic Beanstalk's CNAME swap: the environment that has the service's CNAME gets everybody.

A swap asked for twice is no swap, so who has the name is always read first. Caches that keep to no TTL go on to name
the old environment, which has to serve them: the drain watches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.clock import Now
from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import Slot, TrafficView
from bluegreen.traffic.beanstalk_swap import BeanstalkSwap as Spec

ALL = 100


class BeanstalkSwap:
    """`bluegreen.ports.Traffic`. `in_sync`: both environments are Ready, and the assumed time has passed since this
    object asked for what stands; a fresh process has to ask first."""

    def __init__(self, api: Api, spec: Spec, names: Mapping[Slot, str], now: Now) -> None:
        """`names`: of the slots' environments."""
        self._api, self._spec, self._names, self._now = api, spec, names, now
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None
        self._removed: set[Slot] = set()

    def read(self) -> TrafficView:
        there = self._environments()
        owner = self._owner(there)
        weights = {slot: ALL if slot is owner else 0 for slot in there if slot is owner or slot not in self._removed}
        settled = self._since is not None and self._now() - self._since >= self._spec.spread
        ready = all(environment["Status"] == "Ready" for environment in there.values())
        return TrafficView(weights, in_sync=self._asked == weights and settled and ready)

    def set(self, weights: Mapping[Slot, int]) -> None:
        wanted = [slot for slot in sorted(weights) if weights[slot]]
        assert len(wanted) == 1, f"a swap moves all users or none: {weights}"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None  # if a reply is lost, nothing is known
        there = self._environments()
        owner = self._owner(there)
        if wanted[0] not in there:
            raise Missing(f"{wanted[0]} has no environment that could get the name {self._spec.cname}")
        if owner is not wanted[0]:
            self._swap(there, owner, wanted[0])
            since = None
        self._removed -= set(wanted)
        self._asked = {slot: ALL if slot is wanted[0] else 0 for slot in sorted(weights)}
        self._since = since or self._now()

    def remove(self, slot: Slot) -> None:
        """An environment that lost the name has no record of the service's: this only says that it is not spoken of any
        more. It goes on to answer those who still call it."""
        if self._owner(self._environments()) is slot:
            raise Refused(f"{self._names[slot]} has the name {self._spec.cname}; without it the name is gone")
        self._removed.add(slot)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _environments(self) -> dict[Slot, dict[str, Any]]:
        names = [self._names[slot] for slot in sorted(self._names)]
        found = self._api.call(
            "elasticbeanstalk", "describe_environments", EnvironmentNames=names, IncludeDeleted=False
        )["Environments"]
        known = {environment["EnvironmentName"]: environment for environment in found}
        return {slot: known[self._names[slot]] for slot in sorted(self._names) if self._names[slot] in known}

    def _owner(self, there: Mapping[Slot, dict[str, Any]]) -> Slot:
        for slot, environment in there.items():
            if str(environment.get("CNAME", "")).lower() == self._spec.cname:
                return slot
        raise Missing(f"no environment of this rollout has the name {self._spec.cname}")

    def _swap(self, there: Mapping[Slot, dict[str, Any]], source: Slot, destination: Slot) -> None:
        """Raises Busy while an environment is being changed: AWS refuses to swap it then."""
        for slot in (source, destination):
            if (status := there[slot]["Status"]) != "Ready":
                raise Busy(f"the environment {self._names[slot]} is {status}; only Ready ones can swap their names")
        self._api.call(
            "elasticbeanstalk",
            "swap_environment_cnames",
            SourceEnvironmentName=self._names[source],
            DestinationEnvironmentName=self._names[destination],
        )
