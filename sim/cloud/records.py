"""A hosted zone's record sets, and all that Route 53 refuses to do to them. Pure: a batch gives a new zone or raises.

moto accepts nearly everything here, which would hide bugs of the engine. The rules are those of the Route 53 API
reference (ChangeResourceRecordSets, ResourceRecordSet) and Developer Guide (weighted routing; quotas). What is wrong
with one change in itself is in `recordform`; here is what is wrong between record sets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

from sim.cloud.bindings import absolute
from sim.cloud.recordform import (
    POLICIES,
    Key,
    Record,
    bad_batch,
    check_form,
    key_of,
    shown,
    to_cloudfront,
    to_s3_website,
)
from sim.healthcheckcalls import bad_input

MAX_VALUES = 1000
MAX_CHARACTERS = 32_000
MAX_GROUP = 100
"""Records of one policy that share a name and type."""
MAX_GEOPROXIMITY = 30
MAX_RECORDS = 10_000
"""In a zone; AWS raises it on request."""


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

    def __init__(
        self, name: str, records: Iterable[Mapping[str, Any]] = (), *, several_weighted_values: bool = False
    ) -> None:
        """`several_weighted_values`: see `CloudSpec`."""
        self.name, self._several = absolute(name), several_weighted_values
        self.records = _in_order({key_of(record): normal(record) for record in records})

    def changed(self, changes: Sequence[Mapping[str, Any]]) -> Zone:
        """The zone after all of the changes. Raises AwsError when any of them is refused: all or none."""
        for change in changes:
            check_form(change["Action"], change["ResourceRecordSet"], self.name, several_values=self._several)
        _check_size(changes)
        _check_repeats(changes)
        after = dict(self.records)
        for change in changes:
            self._apply(after, change["Action"], normal(change["ResourceRecordSet"]))
        if len(after) > max(MAX_RECORDS, len(self.records)):
            raise bad_batch(f"zone {self.name} would have {len(after)} records; {MAX_RECORDS} are allowed")
        zone = Zone(self.name, several_weighted_values=self._several)
        zone.records = _in_order(after)
        for name, kind in sorted({key_of(change["ResourceRecordSet"])[:2] for change in changes}):
            zone._check_group(name, kind)
        return zone

    def group(self, name: str, kind: str | None = None) -> list[Record]:
        """The record sets with this name (and type)."""
        wanted = absolute(name)
        return [r for (owner, type_, _), r in self.records.items() if owner == wanted and kind in {None, type_}]

    def _apply(self, after: dict[Key, Record], action: str, record: Record) -> None:
        key = key_of(record)
        if action == "CREATE" and key in after:
            raise bad_batch(f"Tried to create resource record set {shown(key)} but it already exists")
        if action == "DELETE":
            if key not in after:
                raise bad_batch(f"Tried to delete resource record set {shown(key)} but it was not found")
            if after[key] != record:
                raise bad_batch(
                    f"Tried to delete resource record set {shown(key)} but the values provided do not match the"
                    " current values"
                )
            del after[key]
            return
        after[key] = record
        _align_ttl(after, record)

    def _check_group(self, name: str, kind: str) -> None:
        """The rules between record sets of one name, as they stand after the whole batch."""
        same_name, same_type = self.group(name), self.group(name, kind)
        kinds = {record["Type"] for record in same_name}
        if "CNAME" in kinds and len(kinds) > 1:
            raise bad_batch(
                f"RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type"
                f" CNAME with the same DNS name already exists in zone {self.name}"
            )
        if len({_policy(record) for record in same_type}) > 1:
            raise bad_batch(
                f"RRSet with DNS name {name}, type {kind} cannot be created as other RRSets exist with the same name"
                " and type but another routing policy"
            )
        if same_type:
            _check_members(same_type, f"RRSets with DNS name {name}, type {kind}")
        if name == self.name and not {"NS", "SOA"} <= kinds:
            raise bad_batch(f"A HostedZone must contain its SOA record and at least one NS record: {name}")


def _in_order(records: Mapping[Key, Record]) -> dict[Key, Record]:
    return {key: records[key] for key in sorted(records, key=listing_order)}


def _check_members(group: Sequence[Record], what: str) -> None:
    """Records of one name, type and policy."""
    policy = _policy(group[0])
    most = MAX_GEOPROXIMITY if policy == "GeoProximityLocation" else MAX_GROUP
    if len(group) > most:
        raise bad_batch(f"more than {most} {policy} {what}")
    if policy in ("Failover", "Region"):
        twice = [value for value, count in Counter(record[policy] for record in group).items() if count > 1]
        if twice:
            raise bad_batch(f"{what}: only one may have {policy} {twice[0]}")
    if policy == "Failover" and len(group) > 1 and all(map(to_cloudfront, group)):
        raise bad_batch(f"{what}: primary and secondary cannot both be CloudFront distributions")
    if sum(map(to_s3_website, group)) > 1:
        raise bad_batch(f"{what}: only one can be an S3 website, whose bucket has the record's name")


def _check_size(changes: Sequence[Mapping[str, Any]]) -> None:
    """At most 1,000 values (an alias is one) and 32,000 characters in all of them; UPSERT counts double."""
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
            raise bad_batch(f"The request contains an invalid set of changes for a resource record set {shown(key)}")


def _align_ttl(after: dict[Key, Record], record: Record) -> None:
    """A weighted group has one TTL: the last one given rewrites the others."""
    if "Weight" not in record or "TTL" not in record:
        return
    for other in [r for r in after.values() if key_of(r)[:2] == key_of(record)[:2] and "TTL" in r]:
        after[key_of(other)] = {**other, "TTL": record["TTL"]}


def _policy(record: Mapping[str, Any]) -> str:
    return next((policy for policy in POLICIES if policy in record), "simple")
