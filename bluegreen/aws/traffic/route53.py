"""The Traffic port on Route 53 weighted records: one record for each slot, its SetIdentifier the slot's name.

Alias records are A aliases with EvaluateTargetHealth on. While both slots stand, Route 53 then answers around a slot
whose balancer has no healthy target, faster than any engine could, and whatever the weights are; this includes a slot
at weight 0, which is the last resort. The price is that a retired slot's record at weight 0 is still a live way in, so
the engine removes the record before it removes the slot. A balancer counts as unhealthy when any one of its target
groups has only unhealthy targets (Route 53 API Reference, AliasTarget). Without it, users would be sent to a dead
balancer until the engine looked again. CNAME records have a TTL and no health; with a fallback they have a health check
each, which a record that is made gets from `checks`.

A simple record at the name that points at the live balancer reads as that slot with all of the weight; the first
`set` replaces it by weighted ones in the same atomic change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.aws.traffic.records import MAX_WEIGHT, Listing, Record, target_of
from bluegreen.aws.traffic.zones import Zones
from bluegreen.errors import Missing, OperatingError, Refused
from bluegreen.model import Slot, TrafficView
from bluegreen.plan import Service

Facts = Callable[[Slot], PlaceFacts | None]


def no_checks(slot: Slot) -> str:
    """Records get no health check."""
    return ""


class Route53:
    """`bluegreen.ports.Traffic`.

    Whether a change has reached all servers can only be asked by the id of the change, which dies with the process.
    So `in_sync` is True only when the records stand exactly as this object last set them and that change is INSYNC.
    In a fresh process it is False until `set` is called: to set what already stands submits it once more, and that
    answers the question. Setting again what this object has set and what still stands submits nothing.
    """

    def __init__(
        self, api: Api, service: Service, live: Slot, facts: Facts, checks: Callable[[Slot], str] = no_checks
    ) -> None:
        """`checks`: the id of the health check that a slot's new record gets, or nothing."""
        self._api = api
        self._service = service
        self._live = live
        self._facts = facts
        self._checks = checks
        self._zones = Zones(api, service.zone)
        self._asked: Mapping[Slot, int] | None = None  # what our last change made of the weights
        self._change = ""  # its id, until it is in sync

    # -- the port -------------------------------------------------------------------------------------------------

    def read(self) -> TrafficView:
        weights = self.listing().weights(self._live)
        return TrafficView(weights, in_sync=self._in_sync(weights))

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: Route 53 would answer with equal shares"
        assert all(0 <= weight <= MAX_WEIGHT for weight in weights.values()), f"weights out of range: {weights}"
        listing = self.listing()
        wanted = [self._record(slot, weights[slot], listing) for slot in sorted(weights)]
        if self._asked == weights and not listing.simple and all(listing.has(record) for record in wanted):
            return
        changes = [_change("DELETE", record) for record in listing.simple]
        changes += [_change("UPSERT", record) for record in wanted]
        self._submit(changes, {**listing.weighted(), **weights})

    def remove(self, slot: Slot) -> None:
        listing = self.listing()
        if slot not in listing.slots:
            return
        left = {other: weight for other, weight in listing.weighted().items() if other is not slot}
        if not left:
            raise Refused(f"{self._service.record}: the record of {slot} is the last one; without it the name is gone")
        self._submit([_change("DELETE", listing.slots[slot])], left)

    # -- how it works ---------------------------------------------------------------------------------------------

    def listing(self) -> Listing:
        """The record sets at the service's name, as they stand."""
        return Listing.read(self._api, self._zones.id(), self._service)

    def _in_sync(self, weights: Mapping[Slot, int]) -> bool:
        if self._asked != weights:
            return False
        if self._change and self._status() == "INSYNC":
            self._change = ""
        return self._asked is not None and not self._change

    def _status(self) -> str:
        """The status of our last change. One that Route 53 does not know (any more) answers nothing: ask anew."""
        try:
            return str(self._api.call("route53", "get_change", Id=self._change)["ChangeInfo"]["Status"])
        except Missing:
            self._asked, self._change = None, ""
            return ""

    def _submit(self, changes: list[dict[str, Any]], weights: Mapping[Slot, int]) -> None:
        self._asked, self._change = None, ""  # if the reply is lost, nothing is known
        batch = {"Comment": "bluegreen", "Changes": changes}
        zone = self._zones.id()
        answer = self._api.call("route53", "change_resource_record_sets", HostedZoneId=zone, ChangeBatch=batch)
        self._asked = dict(weights)
        self._change = answer["ChangeInfo"]["Id"].removeprefix("/change/")

    def _record(self, slot: Slot, weight: int, listing: Listing) -> Record:
        record: Record = {
            "Name": self._service.record,
            "Type": listing.type,
            "SetIdentifier": str(slot),
            "Weight": weight,
            **self._target(slot, listing),
        }
        # A health check that somebody gave the record is theirs: an UPSERT without it would take it away.
        listed = listing.slots.get(slot)
        check = self._checks(slot) if listed is None else listed.get("HealthCheckId", "")
        return {**record, "HealthCheckId": check} if check else record

    def _target(self, slot: Slot, listing: Listing) -> Record:
        """Where the slot is now; else where its record points: weights must be movable when balancers cannot be
        read, or one of them is gone."""
        listed = listing.slots.get(slot)
        try:
            facts = self._facts(slot)
        except OperatingError:
            if listed is None:
                raise
            facts = None
        if facts is not None:
            return target_of(self._service, facts.balancer)
        if listed is None:
            raise Missing(f"{slot} has no balancer that a record could point at")
        return {key: listed[key] for key in ("AliasTarget", "TTL", "ResourceRecords") if key in listed}


def _change(action: str, record: Record) -> dict[str, Any]:
    return {"Action": action, "ResourceRecordSet": record}
