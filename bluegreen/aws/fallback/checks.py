"""Health checks of the slots' CNAME records: an alias evaluates its balancer's health, a CNAME needs a check.

A check counts as a rollout's when its caller reference says so: that is given with the request that makes it, so no
crash can part the two, and it can never be given to another check (Route 53 API reference, CreateHealthCheck). Its tags
are for people and bills. A check that somebody else gave to a record is theirs, and left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bluegreen.answers import normal
from bluegreen.errors import Missing
from bluegreen.model import Slot

if TYPE_CHECKING:
    from bluegreen.aws.environments.base import PlaceFacts
    from bluegreen.aws.session import Api
    from bluegreen.aws.traffic.records import Listing
    from bluegreen.plan import Plan

MOST_REFERENCE = 64
"""Characters of a caller reference."""
PAGE = "100"
Made = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChecksView:
    """What stands of them."""

    lacks: tuple[str, ...] = ()
    ids: Mapping[Slot, str] = field(default_factory=dict)
    """The check that each slot's record has, or shall have."""
    to_make: tuple[Slot, ...] = ()
    to_tag: tuple[Slot, ...] = ()


class SlotChecks:
    """Those of one rollout. `facts`: where a slot's balancer is."""

    def __init__(self, api: Api, plan: Plan, rollout: str, facts: Callable[[Slot], PlaceFacts | None]) -> None:
        assert plan.fallback is not None
        self._api, self._probe, self._facts = api, plan.fallback.probe, facts
        self._service, self._rollout = plan.service.name, rollout
        self._found: set[str] = set()  # checks whose checkers have found the slot healthy

    def look(self, slots: Listing) -> ChecksView:
        """`slots`: the records of the slots, as they stand. Raises OperatingError."""
        made = {slot: check for check in self._ours() if (slot := self._slot_of(check)) is not None}
        given = {slot: str(record.get("HealthCheckId", "")) for slot, record in slots.slots.items()}
        ids = {slot: given.get(slot) or str(made[slot]["Id"]) for slot in Slot if given.get(slot) or slot in made}
        own = [slot for slot in sorted(made) if made[slot]["Id"] == ids[slot]]
        tagged = self._tagged([ids[slot] for slot in own])
        to_make = tuple(slot for slot in Slot if slot not in ids)
        to_tag = tuple(slot for slot in own if ids[slot] not in tagged)
        lacks = [
            *(f"a health check of {slot}" for slot in to_make),
            *(f"the tags of {slot}'s health check" for slot in to_tag),
            *(f"{slot}'s health check: {why}" for slot in sorted(ids) if (why := self._unproven(ids[slot]))),
        ]
        return ChecksView(tuple(lacks), ids, to_make, to_tag)

    def prepare(self, view: ChecksView) -> None:
        """Make what `view` lacks. Raises OperatingError."""
        ids = dict(view.ids)
        for slot in view.to_make:
            asked = {"CallerReference": self._reference(slot), "HealthCheckConfig": self._probe.config(self._at(slot))}
            ids[slot] = self._api.call("route53", "create_health_check", **asked)["HealthCheck"]["Id"]
        for slot in (*view.to_make, *view.to_tag):
            tags = {"Name": f"{self._service}-{slot}", "bluegreen:service": self._service}
            tags["bluegreen:rollout"] = self._rollout
            added = [{"Key": key, "Value": value} for key, value in tags.items()]
            what = {"ResourceType": "healthcheck", "ResourceId": ids[slot]}
            self._api.call("route53", "change_tags_for_resource", **what, AddTags=added)

    def of(self, slot: Slot) -> str:
        """The check that this rollout made for this slot, else one that an earlier one made for the same balancer: its
        record may have been removed by hand. Nothing when there is none. Raises OperatingError."""
        ours = self._ours()
        for check in ours:
            if self._slot_of(check) is slot:
                return str(check["Id"])
        name = normal(self._at(slot)) if ours else ""
        same = (check for check in ours if normal(check["HealthCheckConfig"]["FullyQualifiedDomainName"]) == name)
        return next((str(check["Id"]) for check in same), "")

    def idle(self, slots: Listing) -> tuple[str, ...]:
        """Those that rollouts of this service made, and that no record of the slots names. Raises OperatingError."""
        named = {record.get("HealthCheckId") for record in slots.own}
        return tuple(sorted(str(check["Id"]) for check in self._ours() if check["Id"] not in named))

    def remove(self, check_id: str) -> None:
        """Nothing when it is gone. Raises OperatingError."""
        try:
            self._api.call("route53", "delete_health_check", HealthCheckId=check_id)
        except Missing:
            return

    # -- how it works ---------------------------------------------------------------------------------------------

    def _reference(self, slot: Slot) -> str:
        return f"{self._ours_begin}{slot}/{self._rollout}"[:MOST_REFERENCE]

    @property
    def _ours_begin(self) -> str:
        return f"bluegreen/{self._service}/"

    def _slot_of(self, check: Made) -> Slot | None:
        """Whose it is, of those that this very rollout made."""
        return next((slot for slot in Slot if check["CallerReference"] == self._reference(slot)), None)

    def _ours(self) -> tuple[Made, ...]:
        """All that rollouts of this service made."""
        return tuple(check for check in self._all() if check["CallerReference"].startswith(self._ours_begin))

    def _all(self) -> Iterator[Made]:
        start: dict[str, str] = {}
        while True:
            page = self._api.call("route53", "list_health_checks", MaxItems=PAGE, **start)
            yield from page["HealthChecks"]
            if not page["IsTruncated"]:
                return
            start = {"Marker": page["NextMarker"]}

    def _at(self, slot: Slot) -> str:
        facts = self._facts(slot)
        if facts is None:
            raise Missing(f"{slot} has no balancer that a health check could ask")
        return facts.balancer.dns_name

    def _tagged(self, ids: list[str]) -> set[str]:
        if not ids:
            return set()
        what = {"ResourceType": "healthcheck", "ResourceIds": ids}
        sets = self._api.call("route53", "list_tags_for_resources", **what)["ResourceTagSets"]
        return {each["ResourceId"] for each in sets if any(tag["Key"] == "bluegreen:rollout" for tag in each["Tags"])}

    def _unproven(self, check_id: str) -> str:
        """Why nobody knows yet that the check finds a slot that serves, or nothing. A check that cannot (a wrong path,
        a balancer that lets no checker in) would send users to the page while both slots are well."""
        if check_id in self._found:
            return ""
        asked = {"HealthCheckId": check_id}
        seen = self._api.call("route53", "get_health_check_status", **asked)["HealthCheckObservations"]
        said = [str(each.get("StatusReport", {}).get("Status", "")) for each in seen]
        bad = [status for status in said if not status.startswith("Success")]
        if bad or not said:
            return f"{len(bad)} of {len(said)} checkers do not find it: {bad[0]}" if bad else "no checker has asked yet"
        self._found.add(check_id)
        return ""
