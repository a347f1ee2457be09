"""The Fallback port of this tier, and the health checks of the slots' records: the engine's own adapters, on an account
that has no wire between.

Its S3 and Route 53 answer as boto3 would, from the world and the store; each call takes its time and meets its weather.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from bluegreen.answers import normal
from bluegreen.aws.fallback.checks import SlotChecks
from bluegreen.aws.fallback.fallback import S3Fallback, fallback_problems
from bluegreen.errors import Busy, Denied, Missing, OperatingError, Refused, Throttled
from bluegreen.model import Slot
from sim.bucketcalls import BucketCalls, websites
from sim.clock import ms, now_ms
from sim.dns import Dns
from sim.errors import AwsError
from sim.fallback import furnished
from sim.memory.calls import Calls, words
from sim.memory.store import Store, dns_name

if TYPE_CHECKING:
    from bluegreen.aws.session import Api
    from bluegreen.plan import Plan

Record = dict[str, Any]
ZONE = "Z00000000MEMORY"
CHANGE = "ChangeResourceRecordSets"


class Account(BucketCalls):
    """`bluegreen.aws.session.Api`, as far as a fallback asks it."""

    def __init__(self, calls: Calls, store: Store) -> None:
        self._calls, self._store = calls, store
        self.buckets, self.region = store.world.buckets, store.plan.guard.regions[0]

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """One request, one answer. Raises OperatingError."""
        name = f"{service}:{_camel(operation)}"
        answer: Callable[[Mapping[str, Any]], dict[str, Any]] = getattr(self, f"on_{operation}")

        def answered() -> dict[str, Any]:
            self._count(service, name)
            try:
                return answer(params)
            except AwsError as error:
                raise _refusal(name, error) from error

        return self._calls.ask(name, answered)

    def on_list_hosted_zones_by_name(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"HostedZones": [{"Id": f"/hostedzone/{ZONE}", "Name": params["DNSName"]}]}

    def on_get_hosted_zone(self, params: Mapping[str, Any]) -> dict[str, Any]:
        service = self._store.plan.service
        name = service.zone if "." in service.zone else service.record.partition(".")[2]
        return {"HostedZone": {"Name": name}}

    def on_list_resource_record_sets(self, params: Mapping[str, Any]) -> dict[str, Any]:
        public = normal(params["StartRecordName"]) != normal(self._store.plan.service.record)
        return {"ResourceRecordSets": self._public() if public else self._slots(), "IsTruncated": False}

    def on_change_resource_record_sets(self, params: Mapping[str, Any]) -> dict[str, Any]:
        store, now, changes = self._store, now_ms(self._store.world.env), params["ChangeBatch"]["Changes"]
        if store.throughput is not None and not store.throughput.take(now, len(changes)):
            raise AwsError("Throttling", "Rate exceeded")
        if store.changed is not None and now < store.changed + ms(store.spec.change_processing):
            raise AwsError("PriorRequestNotComplete", "the zone is being changed")
        store.changed = now
        own = [change for change in changes if _of_slots(store.plan, change)]
        changed = self._change_slots(own) if own else ""
        others = [change for change in changes if change not in own]
        return {"ChangeInfo": {"Id": f"/change/{self._change_public(others) if others else changed}"}}

    def _change_slots(self, changes: list[Mapping[str, Any]]) -> str:
        """Records get their health checks."""
        store = self._store
        put = [change["ResourceRecordSet"] for change in changes if change["Action"] != "DELETE"]
        checked = {Slot(record["SetIdentifier"]): record["HealthCheckId"] for record in put}
        weights = {Slot(record["SetIdentifier"]): record["Weight"] for record in put}
        before = {} if store.simple else store.world.dns.weights
        store.simple = False
        return store.world.dns.change({**before, **weights}, checked={**store.world.dns.checked, **checked})

    def _change_public(self, changes: list[Mapping[str, Any]]) -> str:
        store = self._store
        records = {record.get("SetIdentifier", ""): record for record in self._public()}
        for change in changes:
            identifier = change["ResourceRecordSet"].get("SetIdentifier", "")
            if change["Action"] == "DELETE":
                del records[identifier]
            else:
                records[identifier] = dict(change["ResourceRecordSet"])
        store.public = list(records.values())
        dns = store.world.dns
        assert isinstance(dns, Dns)
        return dns.lead_to_page(len(records) == 2)

    def on_get_change(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return {"ChangeInfo": {"Status": self._store.world.dns.status(params["Id"])}}

    def on_create_health_check(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.create(params)

    def on_list_health_checks(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.listed(params)

    def on_delete_health_check(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.delete(params)

    def on_get_health_check_status(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.status(params)

    def on_change_tags_for_resource(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.tag(params)

    def on_list_tags_for_resources(self, params: Mapping[str, Any]) -> dict[str, Any]:
        return self._store.checks.tags(params)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _count(self, service: str, name: str) -> None:
        store = self._store
        if service == "route53" and not store.quotas.take(name.partition(":")[2], now_ms(store.world.env)):
            raise Throttled(f"{words(name)}: Throttling: Rate exceeded")

    def _public(self) -> list[Record]:
        store = self._store
        if store.public is None:
            store.public = furnished(store.world, store.plan, store.spec, _target(store.plan.live.slot), ZONE)
        return store.public

    def _slots(self) -> list[Record]:
        store = self._store
        if store.simple:
            return [_slot_record(store.plan, store.plan.live.slot)]
        dns = store.world.dns
        checks = {slot: {"HealthCheckId": check} for slot, check in dns.checked.items()}
        return [
            {**_slot_record(store.plan, slot), "SetIdentifier": str(slot), "Weight": weight, **checks.get(slot, {})}
            for slot, weight in dns.weights.items()
        ]


def slot_checks(calls: Calls, store: Store, rollout: str, facts: Callable[[Slot], bool]) -> SlotChecks:
    """Of one engine. `facts`: whether a slot has a balancer."""

    def place(slot: Slot) -> Any:
        return SimpleNamespace(balancer=SimpleNamespace(dns_name=dns_name(slot))) if facts(slot) else None

    return SlotChecks(_api(calls, store), store.plan, rollout, place)


def fallback(calls: Calls, store: Store, checks: SlotChecks | None) -> S3Fallback:
    """The port of one engine."""
    return S3Fallback(_api(calls, store), store.plan, websites(store.world), checks)


def problems(calls: Calls, store: Store) -> list[str]:
    """What the preflight finds."""
    return fallback_problems(_api(calls, store), store.plan, websites(store.world))


def _api(calls: Calls, store: Store) -> Api:
    account: Any = Account(calls, store)
    account._public()  # what stands before the rollout is there from the beginning
    return account  # type: ignore[no-any-return]


def _target(slot: Slot) -> dict[str, object]:
    return {"HostedZoneId": "ZBALANCER", "DNSName": dns_name(slot)}


def _alias(slot: Slot) -> dict[str, object]:
    return {**_target(slot), "EvaluateTargetHealth": True}


def _slot_record(plan: Plan, slot: Slot) -> Record:
    """Without routing policy."""
    name = plan.service.record
    if plan.service.ttl is None:
        return {"Name": name, "Type": "A", "AliasTarget": _alias(slot)}
    ttl = round(plan.service.ttl.total_seconds())
    return {"Name": name, "Type": "CNAME", "TTL": ttl, "ResourceRecords": [{"Value": dns_name(slot)}]}


def _of_slots(plan: Plan, change: Mapping[str, Any]) -> bool:
    return normal(change["ResourceRecordSet"]["Name"]) == normal(plan.service.record)


def _camel(operation: str) -> str:
    """`list_objects_v2` -> `ListObjectsV2`."""
    return re.sub(r"(?:^|_)([a-z0-9])", lambda found: found[1].upper(), operation)


def _refusal(name: str, error: AwsError) -> OperatingError:
    kinds = {"AccessDenied": Denied, "Throttling": Throttled, "PriorRequestNotComplete": Busy}
    kinds |= {"BucketAlreadyOwnedByYou": Busy}
    kind = Missing if error.code.startswith("NoSuch") else kinds.get(error.code, Refused)
    return kind(f"{words(name)}: {error.code}: {error.message}")
