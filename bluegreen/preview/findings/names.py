"""Whether the record can be where it is said to be. Only for zones given by name: an id tells nothing."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.answers import normal
from bluegreen.plan import Service
from bluegreen.preview.finding import Case, Hit, Severity, finding


def _zone(service: Service) -> str:
    """The zone's name, to compare by; empty when it is given by its id."""
    return normal(service.zone) if "." in service.zone else ""


@finding(
    "cname-at-zone-apex",
    Severity.ERROR,
    fact="RFC 1034, 3.6.2: no other records may stand beside a CNAME, and the top of a zone has its SOA and NS",
)
def apex(case: Case) -> Iterator[Hit]:
    """CNAME records at the top of the zone, where there can be none."""
    service = case.plan.service
    if service.records == "cname" and normal(service.record) == _zone(service):
        yield Hit(("service", "records"), f"{service.record} is the top of its zone", "use `records: alias`")


@finding(
    "record-outside-zone",
    Severity.ERROR,
    fact="Route 53 API Reference, ChangeResourceRecordSets: names lie in their zone",
)
def outside(case: Case) -> Iterator[Hit]:
    """The record's name is not in the zone."""
    service, zone = case.plan.service, _zone(case.plan.service)
    record = normal(service.record)
    if zone and record != zone and not record.endswith(f".{zone}"):
        yield Hit(
            ("service", "record"), f"{service.record} is not in the zone {service.zone}", "name the zone it is in"
        )
