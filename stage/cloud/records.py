"""Route 53 on the stage: what AWS would refuse is refused, a change is PENDING until it has reached the DNS servers,
and the stage's DNS server answers from what has reached it. Health checks of records always pass.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult
from moto.route53.responses import Route53

from bluegreen.answers import normal
from sim.cloud.records import Zone, listing_order
from sim.draws import lognormal
from sim.errors import AwsError
from stage.knobs import StageWorld
from stage.pace import Pace

PAGE = 300


@dataclass(slots=True)
class Change:
    """One submitted change."""

    id: str
    zone: str
    made: datetime
    known: datetime
    """From then on the DNS servers know it."""
    after: Zone = field(repr=False)


class Zones:
    """All hosted zones: as the API lists them, and as the DNS servers know them."""

    def __init__(self, world: StageWorld, pace: Pace, propagation: Any) -> None:
        self._pace, self._spec, self._rng = pace, propagation, world.rng("propagation")
        self._zones: dict[str, Zone] = {}
        self._known: dict[str, Zone] = {}
        self._changes: dict[str, Change] = {}
        self._pending: list[Change] = []
        self._ids = count(1)
        self._lock = threading.Lock()

    def add(self, zone_id: str, name: str, records: Sequence[Mapping[str, Any]]) -> None:
        """A zone that is there, with records that everybody knows. Nothing when it is there already."""
        with self._lock:
            if zone_id not in self._zones:
                self._zones[zone_id] = self._known[zone_id] = Zone(name, records)

    def change(self, zone_id: str, changes: Sequence[Mapping[str, Any]], *, at_once: bool = False) -> Change:
        """All of the changes, or none. Raises AwsError. `at_once`: the DNS servers have long known it."""
        with self._lock:
            after, now = self._zones[zone_id].changed(changes), self._pace.now()
            wait = lognormal(self._rng, self._spec.propagation, self._spec.spread)
            known = now if at_once else max([now + wait, *(other.known for other in self._pending)])
            change = Change(f"C{next(self._ids):020d}", zone_id, now, known, after)
            self._zones[zone_id], self._changes[change.id] = after, change
            self._pending.append(change)
        return change

    def status(self, change_id: str) -> Change:
        """Raises AwsError when nobody knows it."""
        if change_id not in self._changes:
            raise AwsError("NoSuchChange", f"Could not find resource with ID: {change_id}", 404)
        return self._changes[change_id]

    def listed(self, zone_id: str) -> Zone:
        """As the API has it."""
        return self._zones[zone_id]

    def latest(self, name: str) -> Zone | None:
        """As the API has it: the zone in which a name lies."""
        with self._lock:
            return _holding(self._zones.values(), name)

    def known(self, name: str) -> Zone | None:
        """As the DNS servers know it: the zone in which a name lies, the longest one."""
        with self._lock:
            now = self._pace.now()
            while self._pending and self._pending[0].known <= now:
                change = self._pending.pop(0)
                self._known[change.zone] = change.after
            return _holding(self._known.values(), name)


def _holding(zones: Iterable[Zone], name: str) -> Zone | None:
    """The longest one counts."""
    fitting = [zone for zone in zones if f".{normal(name)}".endswith(f".{normal(zone.name)}")]
    return max(fitting, key=lambda zone: len(zone.name), default=None)


def correct(zones: Zones, pace: Pace) -> None:
    """From now on moto's Route 53 answers by them."""

    def zone_id(self: Route53) -> str:
        return str(self._get_param("HostedZoneId")).removeprefix("/hostedzone/")

    def adopted(self: Route53) -> str:
        """Raises NoSuchHostedZone, as moto does."""
        identity = zone_id(self)
        zone = self.backend.get_hosted_zone(identity)
        records, *_ = self.backend.list_resource_record_sets(identity, None, None, PAGE)
        zones.add(identity, zone.name, [_plain(record) for record in records])
        return identity

    def info(change: Change) -> ActionResult:
        status = "INSYNC" if pace.now() >= change.known else "PENDING"
        return ActionResult(
            {"ChangeInfo": {"Id": f"/change/{change.id}", "Status": status, "SubmittedAt": change.made}}
        )

    def change_resource_record_sets(self: Route53) -> ActionResult:
        try:
            return info(zones.change(adopted(self), self._get_param("ChangeBatch.Changes")))
        except AwsError as refused:
            raise ServiceException(refused.code, refused.message) from refused

    def get_change(self: Route53) -> ActionResult:
        try:
            return info(zones.status(str(self._get_param("Id")).removeprefix("/change/")))
        except AwsError as refused:
            raise ServiceException(refused.code, refused.message) from refused

    def list_resource_record_sets(self: Route53) -> ActionResult:
        records = zones.listed(adopted(self)).records
        start = str(self._get_param("StartRecordName") or "")
        first = listing_order((start if start.endswith(".") else f"{start}.", "", "")) if start else None
        every = [record for key, record in records.items() if first is None or listing_order(key) >= first]
        return ActionResult({"ResourceRecordSets": every[:PAGE], "IsTruncated": False, "MaxItems": str(PAGE)})

    Route53.change_resource_record_sets = change_resource_record_sets
    Route53.get_change = get_change
    Route53.list_resource_record_sets = list_resource_record_sets


def _plain(record: Any) -> dict[str, Any]:
    """As boto3 would give it; moto's SOA record is not quite that."""
    values = [{"Value": value["Value"] if isinstance(value, dict) else str(value)} for value in record.records or ()]
    return {"Name": record.name, "Type": record.type, "TTL": int(record.ttl or 0), "ResourceRecords": values}
