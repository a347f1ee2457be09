"""A hosted zone's record sets, and all that Route 53 refuses to do to them. Pure: a batch gives a new zone or raises.

moto accepts nearly everything here, which would hide bugs of the engine. The rules are those of the Route 53 API
reference (ChangeResourceRecordSets, ResourceRecordSet) and Developer Guide (weighted routing; quotas).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from ipaddress import AddressValueError, IPv4Address
from typing import Any

from sim.cloud.bindings import absolute
from sim.cloud.errors import AwsError

Record = dict[str, Any]
Key = tuple[str, str, str]
"""Name, type, set identifier (empty when it has none)."""

POLICIES = (
    "Weight",
    "Region",
    "Failover",
    "GeoLocation",
    "GeoProximityLocation",
    "MultiValueAnswer",
    "CidrRoutingConfig",
)
MAX_WEIGHT = 255
MAX_VALUES = 1000
MAX_CHARACTERS = 32_000
MAX_GROUP = 100


def key_of(record: Mapping[str, Any]) -> Key:
    """What Route 53 tells record sets apart by."""
    return absolute(record["Name"]), record["Type"], record.get("SetIdentifier", "")


def normal(record: Mapping[str, Any]) -> Record:
    """A record as Route 53 lists it: names in lower case with a dot at the end."""
    result: Record = deepcopy(dict(record))
    result["Name"] = absolute(record["Name"])
    if "AliasTarget" in result:
        result["AliasTarget"]["DNSName"] = absolute(result["AliasTarget"]["DNSName"])
    return result


def listing_order(key: Key) -> tuple[list[str], str, str]:
    """Route 53 lists by name with its labels reversed, then type, then set identifier."""
    name, kind, identifier = key
    return name.rstrip(".").split(".")[::-1], kind, identifier


class Zone:
    """The record sets of one hosted zone, in listing order."""

    def __init__(self, name: str, records: Iterable[Mapping[str, Any]] = ()) -> None:
        self.name = absolute(name)
        kept = {key_of(record): normal(record) for record in records}
        self.records: dict[Key, Record] = {key: kept[key] for key in sorted(kept, key=listing_order)}

    def changed(self, changes: Sequence[Mapping[str, Any]]) -> Zone:
        """The zone after all of the changes. Raises AwsError when any of them is refused: all or none."""
        for change in changes:
            _check_form(change["Action"], change["ResourceRecordSet"], self.name)
        _check_size(changes)
        _check_repeats(changes)
        after = dict(self.records)
        for change in changes:
            self._apply(after, change["Action"], normal(change["ResourceRecordSet"]))
        zone = Zone(self.name, after.values())
        for key in {key_of(change["ResourceRecordSet"]) for change in changes}:
            zone._check_group(key)
        return zone

    def group(self, name: str, kind: str | None = None) -> list[Record]:
        """The record sets with this name (and type)."""
        wanted = absolute(name)
        return [r for (owner, type_, _), r in self.records.items() if owner == wanted and kind in {None, type_}]

    def _apply(self, after: dict[Key, Record], action: str, record: Record) -> None:
        key = key_of(record)
        if action == "CREATE" and key in after:
            raise bad_batch(f"Tried to create resource record set {_shown(key)} but it already exists")
        if action == "DELETE":
            if key not in after:
                raise bad_batch(f"Tried to delete resource record set {_shown(key)} but it was not found")
            if after[key] != record:
                raise bad_batch(
                    f"Tried to delete resource record set {_shown(key)} but the values provided do not match the"
                    " current values"
                )
            del after[key]
            return
        after[key] = record
        _align_ttl(after, record)

    def _check_group(self, key: Key) -> None:
        """The rules between record sets of one name, as they stand after the whole batch."""
        name, kind, _ = key
        same_name, same_type = self.group(name), self.group(name, kind)
        kinds = {record["Type"] for record in same_name}
        if "CNAME" in kinds and len(kinds) > 1:
            raise bad_batch(
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type"
                f" CNAME with the same DNS name already exists in zone {self.name}"
            )
        policies = {_policy(record) for record in same_type}
        if len(policies) > 1:
            raise bad_batch(
                f"RRSet with DNS name {name}, type {kind} cannot be created as other RRSets exist with the same name"
                " and type but another routing policy"
            )
        if policies == {"Weight"} and len(same_type) > MAX_GROUP:
            raise bad_batch(f"more than {MAX_GROUP} weighted RRSets with DNS name {name}, type {kind}")
        if name == self.name and not {"NS", "SOA"} <= kinds:
            raise bad_batch(f"A HostedZone must contain its SOA record and at least one NS record: {name}")


def bad_batch(message: str) -> AwsError:
    """Route 53's answer to a batch that it understands but will not do."""
    return AwsError("InvalidChangeBatch", f"[{message}]")


def bad_input(message: str) -> AwsError:
    """Route 53's answer to a request that is wrong in itself."""
    return AwsError("InvalidInput", f"Invalid request: {message}")


def _check_form(action: str, record: Mapping[str, Any], zone: str) -> None:
    """What is wrong with one change whatever else the zone holds."""
    name, kind, _ = key = key_of(record)
    where = f"in Change with [Action={action}, Name={name}, Type={kind}]"
    if action not in {"CREATE", "DELETE", "UPSERT"}:
        raise bad_input(f"Value {action!r} at 'Action' must be one of CREATE, DELETE, UPSERT")
    forms = ["AliasTarget" in record, "ResourceRecords" in record or "TTL" in record]
    if sum(forms) != 1 or (forms[1] and not {"ResourceRecords", "TTL"} <= record.keys()):
        found = "more than one" if all(forms) else "none"
        raise bad_input(
            f"Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]], but found {found} {where}"
        )
    if name != zone and not name.endswith(f".{zone}"):
        raise bad_batch(f"RRSet with DNS name {name} is not permitted in zone {zone}")
    _check_policy(record, where)
    if kind == "CNAME" and name == zone:
        raise bad_batch(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}")
    _check_values(record, key)


def _check_policy(record: Mapping[str, Any], where: str) -> None:
    policies = [policy for policy in POLICIES if policy in record]
    if len(policies) > 1 or ("SetIdentifier" in record and not policies):
        found = "more than one" if policies else "none"
        raise bad_input(f"Expected exactly one of [{', '.join(POLICIES)}], but found {found} {where}")
    if policies and not record.get("SetIdentifier"):
        raise bad_input(f"Missing field 'SetIdentifier' {where}")
    if not 0 <= record.get("Weight", 0) <= MAX_WEIGHT:
        raise bad_input(f"Value {record['Weight']} at 'Weight' must be from 0 to {MAX_WEIGHT} {where}")


def _check_values(record: Mapping[str, Any], key: Key) -> None:
    values = [entry["Value"] for entry in record.get("ResourceRecords", [])]
    if "AliasTarget" not in record and not values:
        raise bad_input(f"Missing field 'ResourceRecords' in {_shown(key)}")
    if record["Type"] == "CNAME" and len(values) > 1:
        raise bad_batch(f"Invalid Resource Record: CNAME {_shown(key)} must have one value")
    if "Weight" in record and len(values) > 1:
        # The API reference allows one value; the console guide several. Taken as the API reference says.
        raise bad_batch(f"Invalid Resource Record: weighted {_shown(key)} must have one value")
    if record["Type"] == "A":
        for value in values:
            try:
                IPv4Address(value)
            except AddressValueError:
                raise bad_batch(
                    "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4"
                    f" address) encountered with '{value}''"
                ) from None


def _check_size(changes: Sequence[Mapping[str, Any]]) -> None:
    """At most 1,000 values and 32,000 characters in all of them; UPSERT counts double."""
    if not changes:
        raise bad_input("Missing field 'Change' in ChangeBatch")
    count = characters = 0
    for change in changes:
        times = 2 if change["Action"] == "UPSERT" else 1
        values = [entry["Value"] for entry in change["ResourceRecordSet"].get("ResourceRecords", [])]
        count += times * max(1, len(values))
        characters += times * sum(map(len, values))
    if count > MAX_VALUES:
        raise bad_batch(f"Number of records limit of {MAX_VALUES} exceeded")
    if characters > MAX_CHARACTERS:
        raise bad_batch(f"Number of characters limit of {MAX_CHARACTERS} exceeded")


def _check_repeats(changes: Sequence[Mapping[str, Any]]) -> None:
    """One record set, one change; only DELETE and then CREATE may meet."""
    actions: dict[Key, list[str]] = {}
    for change in changes:
        actions.setdefault(key_of(change["ResourceRecordSet"]), []).append(change["Action"])
    for key, done in actions.items():
        if len(done) > 1 and done != ["DELETE", "CREATE"]:
            raise bad_batch(f"The request contains an invalid set of changes for a resource record set {_shown(key)}")


def _align_ttl(after: dict[Key, Record], record: Record) -> None:
    """A weighted group has one TTL: the last one given rewrites the others."""
    if "Weight" not in record or "TTL" not in record:
        return
    for other in [r for r in after.values() if key_of(r)[:2] == key_of(record)[:2] and "TTL" in r]:
        after[key_of(other)] = {**other, "TTL": record["TTL"]}


def _policy(record: Mapping[str, Any]) -> str:
    return next((policy for policy in POLICIES if policy in record), "simple")


def _shown(key: Key) -> str:
    name, kind, identifier = key
    return f"[name='{name}', type='{kind}'" + (f", set identifier='{identifier}'" if identifier else "") + "]"
