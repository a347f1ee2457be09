"""Record sets as Route 53 lists and takes them: names compared as DNS compares them, aliases and CNAMEs alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bluegreen.answers import normal
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.session import Api
from bluegreen.model import Slot
from bluegreen.plan import Service

Record = dict[str, Any]

MAX_WEIGHT = 255
SIMPLE_WEIGHT = 100
"""What a simple record counts as: it gets every answer."""
_PAGE = "20"


def points_at(record: Record) -> str:
    """The name a record answers with, to compare by; `dualstack.` before a balancer's name means the same balancer."""
    if "AliasTarget" in record:
        return normal(record["AliasTarget"]["DNSName"]).removeprefix("dualstack.")
    values = record.get("ResourceRecords", ())
    return normal(values[0]["Value"]).removeprefix("dualstack.") if len(values) == 1 else ""


def target_of(service: Service, balancer: Balancer) -> Record:
    """The part of a record that names the balancer."""
    if service.ttl is not None:
        return {"TTL": int(service.ttl.total_seconds()), "ResourceRecords": [{"Value": balancer.dns_name}]}
    return {
        "AliasTarget": {
            "HostedZoneId": balancer.zone_id,
            "DNSName": balancer.dns_name,
            "EvaluateTargetHealth": True,
        }
    }


@dataclass(frozen=True, slots=True)
class Listing:
    """All record sets with the service's name."""

    type: str  # the service's own: A or CNAME
    records: tuple[Record, ...]

    @classmethod
    def read(cls, api: Api, zone_id: str, service: Service) -> Self:
        """One call, unless the name has very many record sets."""
        name, records = normal(service.record), []
        start: dict[str, Any] = {"StartRecordName": service.record}
        while start:
            page = api.call("route53", "list_resource_record_sets", HostedZoneId=zone_id, MaxItems=_PAGE, **start)
            records += [record for record in page["ResourceRecordSets"] if normal(record["Name"]) == name]
            goes_on = page["IsTruncated"] and normal(page["NextRecordName"]) == name
            start = _next(page) if goes_on else {}
        return cls("CNAME" if service.records == "cname" else "A", tuple(records))

    @property
    def own(self) -> tuple[Record, ...]:
        """Those of the service's type."""
        return tuple(record for record in self.records if record["Type"] == self.type)

    @property
    def slots(self) -> Mapping[Slot, Record]:
        """The weighted records of the slots."""
        names = {str(slot): slot for slot in Slot}
        weighted = (record for record in self.own if "Weight" in record)
        return {names[r["SetIdentifier"]]: r for r in weighted if r["SetIdentifier"] in names}

    @property
    def simple(self) -> tuple[Record, ...]:
        """The simple record, if there is one: nothing else can be beside it."""
        return tuple(record for record in self.own if "SetIdentifier" not in record)

    def weighted(self) -> dict[Slot, int]:
        """The weights of the slots' records."""
        return {slot: int(record["Weight"]) for slot, record in self.slots.items()}

    def weights(self, live: Slot) -> dict[Slot, int]:
        """The same, a simple record counted as the live slot's."""
        return {live: SIMPLE_WEIGHT} if self.simple else self.weighted()

    def has(self, wanted: Record) -> bool:
        """Whether a weighted record stands exactly so."""
        return any(_same(record, wanted) for record in self.slots.values())


def _next(page: dict[str, Any]) -> dict[str, Any]:
    keys = {"StartRecordName": "NextRecordName", "StartRecordType": "NextRecordType"}
    keys["StartRecordIdentifier"] = "NextRecordIdentifier"
    return {start: page[next_] for start, next_ in keys.items() if next_ in page}


def _same(one: Record, other: Record) -> bool:
    keys = ("Type", "SetIdentifier", "Weight", "TTL")
    zones = [record.get("AliasTarget", {}).get("HostedZoneId") for record in (one, other)]
    return all(one.get(key) == other.get(key) for key in keys) and (points_at(one), zones[0]) == (
        points_at(other),
        zones[1],
    )
