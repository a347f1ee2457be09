"""What stands in the zone before a rollout, and whether weighted records can work there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bluegreen.answers import normal
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.aws.traffic.records import Listing, Record, points_at
from bluegreen.aws.traffic.zones import Zones
from bluegreen.errors import Missing, Refused
from bluegreen.model import Slot
from bluegreen.plan import Plan, Service

POLICIES = {
    "Failover": "failover",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "CidrRoutingConfig": "IP-based",
    "MultiValueAnswer": "multivalue answer",
    "Region": "latency",
}
OTHER_TYPES = {"A": ("AAAA", "CNAME"), "CNAME": ("A", "AAAA")}


def traffic_problems(api: Api, plan: Plan, facts: Callable[[Slot], PlaceFacts | None]) -> list[str]:
    """All problems at once, one sentence each."""
    zones = Zones(api, plan.service.zone)
    try:
        name = zones.name()
    except (Missing, Refused) as error:
        return [f"service.zone: {error}"]
    found = list(_of_name(plan.service, name))
    if not found:
        live = facts(plan.live.slot)
        found = list(_of_records(plan, Listing.read(api, zones.id(), plan.service), live))
    return found


def _of_name(service: Service, zone: str) -> Iterator[str]:
    record = normal(service.record)
    if record != zone and not record.endswith(f".{zone}"):
        yield f"service.record: {service.record} is not in the zone {zone}"
    if record == zone and service.records == "cname":
        yield f"service.records: {service.record} is the top of its zone, where no CNAME may be; use `records: alias`"


def _of_records(plan: Plan, listing: Listing, live: PlaceFacts | None) -> Iterator[str]:
    record, slot = plan.service.record, plan.live.slot
    for other in sorted({each["Type"] for each in listing.records} & set(OTHER_TYPES[listing.type])):
        yield (
            f"service.record: {record} also has {other} records, which this rollout would not move: remove them first"
            f" (`records: {plan.service.records}` moves {listing.type} records)"
        )
    policies = sorted({policy for each in listing.own for key, policy in POLICIES.items() if key in each})
    if policies:
        yield (
            f"service.record: {record} has {' and '.join(policies)} routing, which cannot stand beside weights: use"
            " another name, or make it a simple record of the live balancer"
        )
        return
    yield from _of_weighted(record, slot, listing)
    ours = [*listing.simple, *([listing.slots[slot]] if slot in listing.slots else [])]
    for wrong in (each for each in ours if live is not None and not _points_at(each, live)):
        yield (
            f"service.record: {record} points at {points_at(wrong) or 'addresses'}, not at the live balancer"
            f" {plan.live.balancer} ({live.balancer.dns_name if live else ''})"
        )


def _of_weighted(record: str, slot: Slot, listing: Listing) -> Iterator[str]:
    weighted = [each for each in listing.own if "Weight" in each]
    foreign = sorted(each["SetIdentifier"] for each in weighted if each["SetIdentifier"] not in set(Slot))
    if foreign:
        yield (
            f"service.record: {record} has weighted records called {', '.join(foreign)}; a rollout knows only"
            f" `blue` and `green`: give the live one the SetIdentifier `{slot}`, and remove the others"
        )
    elif slot.other in listing.slots:
        yield _of_other(record, slot, listing)
    elif weighted and not listing.slots[slot]["Weight"]:
        yield f"service.record: the record of {slot}, the live slot, has weight 0: give it some"


def _of_other(record: str, slot: Slot, listing: Listing) -> str:
    """Who follows the advice to remove a record must not take away one that users are sent to: so they are where all
    weights are 0 (Route 53 Developer Guide, weighted routing)."""
    where = f"service.record: {record} has a record for {slot.other}, the slot to be made"
    own, other = listing.slots.get(slot), listing.slots[slot.other]
    if own is None or (other["Weight"] and not own["Weight"]):
        return (
            f"{where}, and all users are sent there: {slot.other} is live, so say `live: {{slot: {slot.other}, ...}}`"
        )
    if own["Weight"] and not other["Weight"]:
        return f"{where}, left from before, unless a rollout is at work elsewhere: remove it first"
    return (
        f"{where}, and users are sent there: unless a rollout is at work elsewhere, give {slot} all the weight, and"
        " then remove it"
    )


def _points_at(record: Record, live: PlaceFacts) -> bool:
    return points_at(record) == normal(live.balancer.dns_name)
