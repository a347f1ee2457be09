"""What Route 53 refuses about one change, whatever else the zone holds. Pure.

Rules: Route 53 API reference (ResourceRecordSet, AliasTarget) and Developer Guide (quotas; values for alias records).
Where the error code is unpublished, wrong requests are InvalidInput and wrong records InvalidChangeBatch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any

from sim.cloud.bindings import absolute
from sim.errors import AwsError
from sim.healthcheckcalls import bad_input

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
TYPES = frozenset(
    [
        "SOA",
        "A",
        "TXT",
        "NS",
        "CNAME",
        "MX",
        "NAPTR",
        "PTR",
        "SRV",
        "SPF",
        "AAAA",
        "CAA",
        "DS",
        "TLSA",
        "SSHFP",
        "SVCB",
        "HTTPS",
    ]
)
MAX_WEIGHT = 255
MAX_TTL = 2**31 - 1
MAX_IDENTIFIER = 128
MAX_RECORD_VALUES = 400
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone that every alias to a CloudFront distribution names."""


def bad_batch(message: str) -> AwsError:
    """Route 53's answer to a batch that it understands but will not do."""
    return AwsError("InvalidChangeBatch", f"[{message}]")


def key_of(record: Mapping[str, Any]) -> Key:
    """What Route 53 tells record sets apart by."""
    return absolute(record["Name"]), record["Type"], record.get("SetIdentifier", "")


def shown(key: Key) -> str:
    """A record set in AWS's words."""
    name, kind, identifier = key
    return f"[name='{name}', type='{kind}'" + (f", set identifier='{identifier}'" if identifier else "") + "]"


def to_cloudfront(record: Mapping[str, Any]) -> bool:
    """It is an alias to a CloudFront distribution."""
    alias = record.get("AliasTarget", {})
    return alias.get("HostedZoneId") == CLOUDFRONT_ZONE or absolute(alias.get("DNSName", "")).endswith(
        ".cloudfront.net."
    )


def to_s3_website(record: Mapping[str, Any]) -> bool:
    """It is an alias to an S3 website endpoint, or to a bucket's name under one."""
    labels = absolute(record.get("AliasTarget", {}).get("DNSName", "")).split(".")
    return labels[-3:-1] == ["amazonaws", "com"] and any(label.startswith("s3-website") for label in labels)


def check_form(action: str, record: Mapping[str, Any], zone: str, *, several_values: bool = False) -> None:
    """Raises AwsError when this change is wrong in a zone of this name. `several_values`: a weighted record may have
    more than one."""
    name, kind, _ = key = key_of(record)
    where = f"in Change with [Action={action}, Name={name}, Type={kind}]"
    if action not in {"CREATE", "DELETE", "UPSERT"}:
        raise bad_input(f"Value {action!r} at 'Action' must be one of CREATE, DELETE, UPSERT")
    if kind not in TYPES:
        raise bad_input(f"Value {kind!r} at 'Type' must be one of {', '.join(sorted(TYPES))} {where}")
    forms = ["AliasTarget" in record, "ResourceRecords" in record or "TTL" in record]
    if sum(forms) != 1 or (forms[1] and not {"ResourceRecords", "TTL"} <= record.keys()):
        found = "more than one" if all(forms) else "none"
        raise bad_input(
            f"Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]], but found {found} {where}"
        )
    if not 0 <= record.get("TTL", 0) <= MAX_TTL:
        raise bad_input(f"Value {record['TTL']} at 'TTL' must be from 0 to {MAX_TTL} {where}")
    if name != zone and not name.endswith(f".{zone}"):
        raise bad_batch(f"RRSet with DNS name {name} is not permitted in zone {zone}")
    _check_policy(record, where)
    if kind == "CNAME" and name == zone:
        raise bad_batch(f"RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {zone}")
    if "AliasTarget" in record:
        _check_alias(record, key)
    else:
        _check_values(record, key, one_for=("Region",) if several_values else ("Region", "Weight"))


def _check_policy(record: Mapping[str, Any], where: str) -> None:
    policies = [policy for policy in POLICIES if policy in record]
    if len(policies) > 1 or ("SetIdentifier" in record and not policies):
        found = "more than one" if policies else "none"
        raise bad_input(f"Expected exactly one of [{', '.join(POLICIES)}], but found {found} {where}")
    identifier = record.get("SetIdentifier", "")
    if policies and not identifier:
        raise bad_input(f"Missing field 'SetIdentifier' {where}")
    if len(identifier) > MAX_IDENTIFIER:
        raise bad_input(f"Value at 'SetIdentifier' must have at most {MAX_IDENTIFIER} characters {where}")
    if not 0 <= record.get("Weight", 0) <= MAX_WEIGHT:
        raise bad_input(f"Value {record['Weight']} at 'Weight' must be from 0 to {MAX_WEIGHT} {where}")
    if record.get("Failover", "PRIMARY") not in {"PRIMARY", "SECONDARY"}:
        raise bad_input(f"Value {record['Failover']!r} at 'Failover' must be PRIMARY or SECONDARY {where}")


def _check_alias(record: Mapping[str, Any], key: Key) -> None:
    evaluates, kind = record["AliasTarget"]["EvaluateTargetHealth"], record["Type"]
    if kind in {"NS", "SOA"}:
        raise bad_batch(f"RRSet {shown(key)} cannot be an alias: all types can but NS and SOA")
    if "MultiValueAnswer" in record:
        raise bad_batch(f"RRSet {shown(key)} cannot be an alias: multivalue answer records have values")
    if "Failover" in record and not evaluates and not to_cloudfront(record):
        # The reference demands it of all failover aliases and forbids it for CloudFront, which may be one of a pair.
        raise bad_batch(f"Failover alias RRSet {shown(key)} must have EvaluateTargetHealth true")
    if to_cloudfront(record) and evaluates:
        raise bad_batch(f"RRSet {shown(key)}: EvaluateTargetHealth cannot be true for a CloudFront distribution")
    if to_s3_website(record):
        if kind != "A":
            raise bad_batch(f"RRSet {shown(key)}: an alias to an S3 website endpoint has type A")
        if not absolute(record["AliasTarget"]["DNSName"]).startswith("s3-website"):
            raise bad_batch(
                f"RRSet {shown(key)}: an alias to S3 names the website endpoint, not a bucket: it finds the bucket by"
                " its own name"
            )


def _check_values(record: Mapping[str, Any], key: Key, one_for: Sequence[str]) -> None:
    """`one_for`: the policies whose records have one value."""
    values = [entry["Value"] for entry in record["ResourceRecords"]]
    if not values:
        raise bad_input(f"Missing field 'ResourceRecords' in {shown(key)}")
    if len(values) > MAX_RECORD_VALUES:
        raise bad_batch(f"{shown(key)} has {len(values)} values; {MAX_RECORD_VALUES} are allowed")
    if record["Type"] == "CNAME" and len(values) > 1:
        raise bad_batch(f"Invalid Resource Record: CNAME {shown(key)} must have one value")
    for policy in one_for:
        if policy in record and len(values) > 1:
            raise bad_batch(f"Invalid Resource Record: {policy} {shown(key)} must have one value")
    for value in values:
        _check_address(record["Type"], value)


def _check_address(kind: str, value: str) -> None:
    """Addresses are the only values whose form is checked."""
    address = {"A": IPv4Address, "AAAA": IPv6Address}.get(kind)
    try:
        if address is not None:
            address(value)
    except AddressValueError:
        version = {"A": "IPv4", "AAAA": "IPv6"}[kind]
        raise bad_batch(
            f"Invalid Resource Record: 'FATAL problem: {kind}RRDATAIllegal{version}Address"
            f" (Value is not a valid {version} address) encountered with '{value}''"
        ) from None
