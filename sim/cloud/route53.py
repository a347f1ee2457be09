"""Route 53: zones are moto's; record sets, their rules and the propagation of changes are ours and the world's.

The service's weights live in the world's DNS: a change of its records goes there, and a change by hand made there is
seen here. A change is PENDING until the world's servers have it (Route 53 API reference, GetChange).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bluegreen.model import Slot
from sim.clock import now_ms
from sim.cloud.bindings import absolute
from sim.cloud.recordform import Key, Record, bad_batch, key_of, to_cloudfront, to_s3_website
from sim.cloud.records import Zone, listing_order
from sim.cloud.service import Answer, Params, Service, Site
from sim.errors import AwsError, NotModelled
from sim.healthcheckcalls import HealthChecks

PAGE = 300
"""Record sets in one answer: AWS's own maximum."""
ELSEWHERE = timedelta(seconds=30)
"""Propagation of changes that do not touch the service's records: within 60 s as a rule."""


class Route53(Service):
    """Weighted records of the service, told to and by the world's DNS."""

    name = "route53"
    moto = frozenset(
        [
            "create_hosted_zone",
            "get_hosted_zone",
            "list_hosted_zones",
            "list_hosted_zones_by_name",
        ]
    )

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.service = absolute(site.plan.service.record)
        ttl = site.plan.service.ttl
        self.ttl = None if ttl is None else round(ttl.total_seconds())
        fallback = site.plan.fallback
        self.public = "" if fallback is None else absolute(fallback.name)
        """The name that users ask for, where it is another one."""
        self.zones: dict[str, Zone] = {}
        self._changes: dict[str, datetime] = {}  # ids of changes elsewhere: in sync from then on
        self._submitted: dict[str, datetime] = {}  # when each change was made
        self._last: dict[str, datetime] = {}  # zone id -> when it was last changed
        self._ids = count(1)
        self._quotas = site.spec.route53_quotas.requests()
        self._throughput = site.spec.route53_quotas.changes()
        self.checks = HealthChecks(site.world, site.bindings.slot_of_name)

    def before(self, operation: str, params: Params) -> Answer | None:
        if not self._quotas.take(operation, now_ms(self.world.env)):
            raise AwsError(self.throttle.code, self.throttle.message)
        return super().before(operation, params)

    # -- the API ----------------------------------------------------------------------------------------------

    def on_change_resource_record_sets(self, params: Params) -> Answer:
        zone_id = params["HostedZoneId"]
        zone = self.zone(zone_id)
        changes = params["ChangeBatch"]["Changes"]
        if self._throughput is not None and not self._throughput.take(now_ms(self.world.env), len(changes)):
            raise AwsError(self.throttle.code, self.throttle.message)
        self._check_prior(zone_id)
        after = zone.changed(changes)
        for change in changes:
            if change["Action"] != "DELETE":
                self._check_health(change["ResourceRecordSet"])
                self._check_target(change["ResourceRecordSet"], after, zone_id)
        return {"ChangeInfo": self._commit(zone_id, after, changes)}

    def on_get_change(self, params: Params) -> Answer:
        change_id = params["Id"].removeprefix("/change/")
        if change_id not in self._submitted:
            raise AwsError("NoSuchChange", f"Could not find resource with ID: {change_id}", 404)
        return {"ChangeInfo": self._info(change_id)}

    def on_list_resource_record_sets(self, params: Params) -> Answer:
        records = self.zone(params["HostedZoneId"]).records
        limit = min(PAGE, int(params.get("MaxItems", PAGE)))
        keys = [key for key in records if listing_order(key) >= self._start(params)]
        answer: Answer = {
            "ResourceRecordSets": [records[key] for key in keys[:limit]],
            "IsTruncated": len(keys) > limit,
            "MaxItems": str(limit),
        }
        if len(keys) > limit:
            name, kind, identifier = keys[limit]
            answer |= {"NextRecordName": name, "NextRecordType": kind}
            answer |= {"NextRecordIdentifier": identifier} if identifier else {}
        return answer

    def on_delete_hosted_zone(self, params: Params) -> Answer | None:
        zone = self.zone(params["Id"])
        if any(key[1] not in {"NS", "SOA"} or key[0] != zone.name for key in zone.records):
            raise AwsError("HostedZoneNotEmpty", f"The zone {params['Id']} contains non-required resource record sets")
        del self.zones[params["Id"]]
        return None

    def on_create_health_check(self, params: Params) -> Answer:
        return self.checks.create(params)

    def on_get_health_check(self, params: Params) -> Answer:
        return self.checks.get(params)

    def on_list_health_checks(self, params: Params) -> Answer:
        return self.checks.listed(params)

    def on_delete_health_check(self, params: Params) -> Answer:
        return self.checks.delete(params)

    def on_get_health_check_status(self, params: Params) -> Answer:
        return self.checks.status(params)

    def on_change_tags_for_resource(self, params: Params) -> Answer | None:
        return self.checks.tag(params) if params["ResourceType"] == "healthcheck" else None

    def on_list_tags_for_resource(self, params: Params) -> Answer | None:
        return self.checks.tags_of_one(params) if params["ResourceType"] == "healthcheck" else None

    def on_list_tags_for_resources(self, params: Params) -> Answer:
        if params["ResourceType"] != "healthcheck":
            raise NotModelled("tags of several zones at once")
        return self.checks.tags(params)

    # -- for furnishing, and for stacks that contain records -----------------------------------------------------

    def zone(self, zone_id: str) -> Zone:
        """The zone as it stands now. Raises NoSuchHostedZone."""
        if zone_id not in self.zones:
            self.zones[zone_id] = self._from_moto(zone_id)
        zone = self.zones[zone_id]
        self._hear_of_changes_by_hand(zone)
        return zone

    def put(self, zone_id: str, record: Mapping[str, Any]) -> None:
        """A record that was there before the world began: nobody is told."""
        check, checked = self.world.spec.dns.health_check, self.world.dns.checked
        own = absolute(record["Name"]) == self.service
        if check is not None and own and (slot := self._slot(record)) in checked:
            record = {**record, "HealthCheckId": checked[slot]}
            self.checks.adopt(checked[slot], _target(record), check)
        self.zones[zone_id] = self.zone(zone_id).changed([{"Action": "CREATE", "ResourceRecordSet": record}])

    # -- how it works ---------------------------------------------------------------------------------------------

    def _from_moto(self, zone_id: str) -> Zone:
        if not any(zone["Id"].endswith(f"/{zone_id}") for zone in self.aws.list_hosted_zones()["HostedZones"]):
            raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}", 404)
        name = self.aws.get_hosted_zone(Id=zone_id)["HostedZone"]["Name"]
        records = self.aws.list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
        return Zone(name, records, several_weighted_values=self.site.spec.several_weighted_values)

    def _check_prior(self, zone_id: str) -> None:
        busy = self.site.spec.change_processing
        if zone_id in self._last and self.site.now() - self._last[zone_id] < busy:
            raise AwsError(
                "PriorRequestNotComplete",
                "The request was rejected because Route 53 was still processing a prior request.",
            )

    def _check_health(self, record: Mapping[str, Any]) -> None:
        if "HealthCheckId" in record:
            self.checks.check_known(record["HealthCheckId"])

    def _check_target(self, record: Mapping[str, Any], zone: Zone, zone_id: str) -> None:
        """An alias must name its target's own zone; records of this zone must exist and have the same type."""
        alias = record.get("AliasTarget")
        if alias is None or to_cloudfront(record) or to_s3_website(record):
            return
        target = absolute(alias["DNSName"]).removeprefix("dualstack.")
        tried = f"Tried to create an alias that targets {target}, type {record['Type']}"
        home = self.site.bindings.zones.get(target)
        if home is None:
            if not zone.group(target, record["Type"]) or target == absolute(record["Name"]):
                raise bad_batch(f"{tried}, but it was not found")
            home = zone_id
        if alias["HostedZoneId"].removeprefix("/hostedzone/") != home:
            raise bad_batch(
                f"{tried} in zone {alias['HostedZoneId']}, but the alias target name does not lie within the target"
                " zone"
            )

    def _commit(self, zone_id: str, after: Zone, changes: Sequence[Mapping[str, Any]]) -> Answer:
        """From here on the change has happened."""
        self.zones[zone_id] = after
        self._last[zone_id] = self.site.now()
        names = {key_of(change["ResourceRecordSet"])[0] for change in changes}
        change_id = ""
        if self.service in names:
            self._check_public(after)
            change_id = self.world.dns.change(self._weights(after), checked=self._checked(after))
        if self.public and self.public in names:
            change_id = self.world.dns.lead_to_page(self._has_page(after))
        if not change_id:
            change_id = f"C{next(self._ids):020d}ELSEWHERE"
            self._changes[change_id] = self.site.now() + ELSEWHERE
        self._submitted[change_id] = self.site.now()
        return self._info(change_id)

    def _has_page(self, zone: Zone) -> bool:
        """Whether users of the public name get the page when no slot is healthy."""
        group = zone.group(self.public)
        if [record.get("Failover") for record in group] not in (["PRIMARY", "SECONDARY"], ["SECONDARY", "PRIMARY"]):
            return False
        primary, secondary = sorted(group, key=lambda record: str(record["Failover"]))
        page = to_s3_website(secondary) or _to_page(secondary, self.public)
        leads = absolute(_target(primary)) == self.service and page
        if not leads or "HealthCheckId" in primary or "HealthCheckId" in secondary:
            raise NotModelled(f"a failover pair at {self.public} other than from the slots' records to an S3 website")
        return True

    def _check_public(self, zone: Zone) -> None:
        """The world's users follow the slots' weights: so the public name must lead there by now."""
        group = zone.group(self.public) if self.public else []
        if any(absolute(_target(record)) != self.service for record in group if "Failover" not in record):
            raise NotModelled(f"weights are moved at {self.service}, and {self.public} does not lead there")

    def _info(self, change_id: str) -> Answer:
        if change_id in self._changes:
            status = "INSYNC" if self.site.now() >= self._changes[change_id] else "PENDING"
        else:
            status = self.world.dns.status(change_id)
        return {"Id": f"/change/{change_id}", "Status": status, "SubmittedAt": self._submitted[change_id]}

    def _weights(self, zone: Zone) -> dict[Slot, int]:
        """What the service's records say to the world: the weight of each slot."""
        weights: dict[Slot, int] = {}
        for record in zone.group(self.service):
            slot = self._slot(record)
            if set(record) & {"Region", "Failover", "GeoLocation", "MultiValueAnswer"}:
                raise NotModelled("the rehearsal's world knows simple and weighted records only")
            if (
                "AliasTarget" in record
                and not record["AliasTarget"]["EvaluateTargetHealth"]
                and self.world.dns.evaluates
            ):
                raise NotModelled(
                    "a record of the service that does not evaluate its target's health, as the others do"
                )
            if record.get("TTL") != self.ttl:
                raise NotModelled(
                    f"the world's caches keep answers for {self.ttl} s, this record says {record.get('TTL')}"
                )
            weights[slot] = weights.get(slot, 0) + record.get("Weight", 1)
        return weights

    def _checked(self, zone: Zone) -> dict[Slot, str]:
        """The health checks of the slots' records."""
        checked: dict[Slot, str] = {}
        records = zone.group(self.service)
        for record in records:
            check, slot = record.get("HealthCheckId"), self._slot(record)
            if any(self._slot(other) is slot and other.get("HealthCheckId") != check for other in records):
                raise NotModelled(f"records that point to {slot} with different health checks")
            if check is not None:
                checked[slot] = check
        return checked

    def _slot(self, record: Mapping[str, Any]) -> Slot:
        """The place that a record sends users to: what counts is its target, not what it calls itself."""
        slot = self.site.bindings.slot_of_name(_target(record))
        if slot is None:
            raise NotModelled(f"the service's record points to {_target(record)}, where the rehearsal has no place")
        return slot

    def _hear_of_changes_by_hand(self, zone: Zone) -> None:
        """The world's weights are the truth: somebody may have moved them without this API."""
        weights = self.world.dns.weights
        weighted = {self._slot(record): record for record in zone.group(self.service) if "Weight" in record}
        if not weighted or self._weights(zone) == weights:
            return
        kept = [record for record in zone.records.values() if record not in weighted.values()]
        model = next(iter(weighted.values()))
        by_hand = [weighted[slot] if slot in weighted else self._like(model, slot) for slot in weights]
        now = [{**record, "Weight": weight} for record, weight in zip(by_hand, weights.values(), strict=True)]
        zone.records = Zone(zone.name, [*kept, *now]).records

    def _like(self, record: Record, slot: Slot) -> Record:
        """The record that somebody who makes one by hand makes for the slot."""
        names = [name for name, bound in self.site.bindings.names.items() if bound is slot]
        if not names:
            raise NotModelled(f"a record made by hand for {slot}, which has no balancer that it could point at")
        record = {key: value for key, value in record.items() if key != "HealthCheckId"}
        if "AliasTarget" not in record:
            return {**record, "SetIdentifier": str(slot), "ResourceRecords": [{"Value": names[-1]}]}
        target = {**record["AliasTarget"], "DNSName": names[-1], "HostedZoneId": self.site.bindings.zones[names[-1]]}
        return {**record, "SetIdentifier": str(slot), "AliasTarget": target}

    def _start(self, params: Params) -> tuple[list[str], str, str]:
        name = params.get("StartRecordName")
        if name is None:
            return ([], "", "")
        key: Key = (absolute(name), params.get("StartRecordType", ""), params.get("StartRecordIdentifier", ""))
        return listing_order(key)


def _to_page(record: Mapping[str, Any], public: str) -> bool:
    """Whether a CNAME names the website of the bucket that has the public name."""
    return "AliasTarget" not in record and absolute(_target(record)).startswith(f"{public}s3-website")


def _target(record: Mapping[str, Any]) -> str:
    """The name that a record points to."""
    return str(record["AliasTarget"]["DNSName"] if "AliasTarget" in record else record["ResourceRecords"][0]["Value"])
