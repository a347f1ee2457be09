"""The failover pair at the public name, and the health checks of the slots' records below it: read, judged, and put
there in one atomic change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluegreen.answers import normal
from bluegreen.aws.traffic.records import SIMPLE_WEIGHT, Listing, Record, points_at
from bluegreen.errors import Missing, Refused
from bluegreen.fallback.tree import page_of, pair, same, wrong_answers
from bluegreen.fallback.websites import WEBSITES
from bluegreen.model import Slot

if TYPE_CHECKING:
    from bluegreen.aws.session import Api
    from bluegreen.aws.traffic.zones import Zones
    from bluegreen.plan import Plan

OTHERS = {"A": ("AAAA", "CNAME"), "CNAME": ("A", "AAAA")}
"""Beside the pair's own type: what would answer without failing over."""


@dataclass(frozen=True, slots=True)
class RecordsView:
    """What stands of them."""

    lacks: tuple[str, ...] = ()
    refused: str = ""
    in_sync: bool = False
    standing: tuple[Record, ...] = ()
    wanted: tuple[Record, ...] = ()
    slots: tuple[Record, ...] = ()
    """The slots' records that must get their health checks, with them."""
    replaced: tuple[Record, ...] = ()
    """The simple record that goes for it."""


class Records:
    """`in_sync` is known as for `bluegreen.aws.traffic.route53`: by the id of a change that this object submitted."""

    def __init__(self, api: Api, plan: Plan, zones: Zones) -> None:
        assert plan.fallback is not None
        self._api, self._plan, self._zones, self._name = api, plan, zones, plan.fallback.name
        self._website = WEBSITES[plan.fallback.region_of(plan)]
        self._ttl = None if plan.service.ttl is None else int(plan.service.ttl.total_seconds())
        self._asked = False
        self._change = ""

    def slots(self) -> Listing:
        """The records below the public name. Raises OperatingError."""
        return Listing.read(self._api, self._zones.id(), self._plan.service)

    def look(self, slots: Listing, checks: Mapping[Slot, str]) -> RecordsView:
        """`slots`: as just read. `checks`: which health check a slot's record shall have. Raises OperatingError."""
        zone, service = self._zones.id(), self._plan.service
        public = Listing.read(self._api, zone, service.model_copy(update={"record": self._name}))
        wanted = pair(self._name, service.record, zone, self._website, self._ttl)
        refused = self._in_the_way(public, slots, wanted) or self._below(slots)
        stands = all(any(same(record, other) for other in public.own) for record in wanted)
        standing = public.own if stands else wanted  # as it is, or as it would be
        below, given = (slots.own, ()) if self._ttl is None else self._checked(slots, checks)
        page = page_of(self._name, self._website, self._ttl)
        wrong = () if refused else wrong_answers(standing, below, self._name, service.record, page)
        lacks = [
            *(f"the health check at {service.record} of {record['SetIdentifier']}" for record in given),
            *([] if stands else [f"the failover records at {self._name}"]),
        ]
        in_sync = not lacks and self._in_sync()
        replaced = slots.simple if given else ()
        return RecordsView(tuple(lacks), refused or "; ".join(wrong), in_sync, public.own, wanted, given, replaced)

    def prepare(self, view: RecordsView) -> None:
        """The leaves first. Raises OperatingError."""
        if view.refused:
            raise Refused(view.refused)
        if self._asked and not view.lacks:
            return
        changes = [*_replacing(view.replaced, view.slots), *_replacing(_simple(view.standing), view.wanted)]
        self._asked, self._change = False, ""  # if the reply is lost, nothing is known
        answer = self._api.call(
            "route53",
            "change_resource_record_sets",
            HostedZoneId=self._zones.id(),
            ChangeBatch={"Comment": "bluegreen", "Changes": changes},
        )
        self._asked, self._change = True, answer["ChangeInfo"]["Id"].removeprefix("/change/")

    # -- how it works ---------------------------------------------------------------------------------------------

    def _checked(self, slots: Listing, checks: Mapping[Slot, str]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
        """The slots' records as they will be, and those of them that do not stand so. A record without routing policy
        has no health: it becomes a weighted one."""
        live = self._plan.live.slot
        weighted = [{**each, "SetIdentifier": str(live), "Weight": SIMPLE_WEIGHT} for each in slots.simple]
        below = [*weighted, *slots.slots.values()]
        will = [{"HealthCheckId": checks.get(Slot(each["SetIdentifier"]), "to come"), **each} for each in below]
        given = (each for each, now in zip(will, below, strict=True) if "HealthCheckId" not in now)
        return tuple(will), tuple(given)

    def _in_sync(self) -> bool:
        if self._change and self._status() == "INSYNC":
            self._change = ""
        return self._asked and not self._change

    def _status(self) -> str:
        try:
            return str(self._api.call("route53", "get_change", Id=self._change)["ChangeInfo"]["Status"])
        except Missing:
            self._asked, self._change = False, ""
            return ""

    def _in_the_way(self, public: Listing, slots: Listing, wanted: tuple[Record, ...]) -> str:
        """What at the public name is neither the rollout's nor a plain way to the slots."""
        others = sorted({record["Type"] for record in public.records} & set(OTHERS[public.type]))
        if others:
            return f"{self._name} also has {' and '.join(others)} records, which would not fail over: remove them first"
        home = {points_at(record) for record in slots.own} | {normal(self._plan.service.record)}
        for record in public.own:
            if "SetIdentifier" not in record and points_at(record) not in home:
                return f"{self._name} points at {points_at(record) or 'addresses'}, not at the slots: {_instead(home)}"
            if "SetIdentifier" in record and not any(same(record, own) for own in wanted):
                return f"{self._name} has a record {record['SetIdentifier']!r} that no rollout made: remove it first"
        return ""

    def _below(self, slots: Listing) -> str:
        """The leaves come first."""
        if slots.own:
            return ""
        live, record = self._plan.live.slot, self._plan.service.record
        way = "a CNAME to" if slots.type == "CNAME" else "an alias that evaluates the health of"
        return f"there is no record {record} yet: make {way} the balancer of {live}"


def _instead(home: set[str]) -> str:
    return f"it must point at {' or '.join(sorted(home))}, or not be there at all"


def _simple(records: tuple[Record, ...]) -> tuple[Record, ...]:
    return tuple(record for record in records if "SetIdentifier" not in record)


def _replacing(old: tuple[Record, ...], new: tuple[Record, ...]) -> Iterator[dict[str, Any]]:
    yield from ({"Action": "DELETE", "ResourceRecordSet": record} for record in old)
    yield from ({"Action": "CREATE" if old else "UPSERT", "ResourceRecordSet": record} for record in new)
