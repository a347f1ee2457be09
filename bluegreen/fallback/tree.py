"""The failover pair, and whether Route 53 would answer rightly with it, for every state of health. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from bluegreen.answers import Answers, Endpoint, NotAnswerable, normal

Record = Mapping[str, Any]

PRIMARY, SECONDARY = "slots", "page"
"""Set identifiers of the pair."""


def pair(
    name: str, record: str, zone_id: str, website: tuple[str, str], ttl: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The records at the public `name`. `record`: the slots' weights. `website`: name and zone of the S3 endpoint.
    `ttl`: seconds, where the slots' records are CNAMEs. An alias to a record has that record's type, and both of a pair
    have one type, so the page's is a CNAME then too, to the bucket's own name (API reference, AliasTarget; Amazon S3
    User Guide, website endpoints).

    Both evaluate their target's health, as failover aliases must (API reference, ResourceRecordSet, Failover); for S3
    that has no effect (AliasTarget)."""
    kind = "A" if ttl is None else "CNAME"
    primary = _member(name, kind, PRIMARY, "PRIMARY") | _alias(zone_id, record)
    secondary = _member(name, kind, SECONDARY, "SECONDARY")
    if ttl is None:
        return primary, secondary | _alias(website[1], website[0])
    return primary, secondary | {"TTL": ttl, "ResourceRecords": [{"Value": page_of(name, website, ttl)}]}


def page_of(name: str, website: tuple[str, str], ttl: int | None) -> str:
    """What the page's record answers with."""
    return website[0] if ttl is None else f"{name}.{website[0]}"


def _member(name: str, kind: str, identifier: str, role: str) -> dict[str, Any]:
    return {"Name": name, "Type": kind, "SetIdentifier": identifier, "Failover": role}


def _alias(zone_id: str, target: str) -> dict[str, Any]:
    return {"AliasTarget": {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": True}}


def same(one: Record, other: Record) -> bool:
    """Whether two records say the same."""
    return _comparable(one) == _comparable(other)


def _comparable(record: Record) -> tuple[Any, ...]:
    alias = record.get("AliasTarget", {})
    keys = ("Type", "SetIdentifier", "Failover", "HealthCheckId", "Weight", "TTL")
    target = (normal(alias.get("DNSName", "")), alias.get("HostedZoneId"), alias.get("EvaluateTargetHealth"))
    values = tuple(normal(each["Value"]) for each in record.get("ResourceRecords", ()))
    return (normal(record["Name"]), *(record.get(key) for key in keys), *target, values)


def wrong_answers(
    pair: Sequence[Record], slots: Sequence[Record], name: str, record: str, page: str
) -> tuple[str, ...]:
    """What users of `name` would get that they should not, in sentences: with some healthy slot the slots' answers,
    with none the page, whatever is healthy. `slots`: the records at `record`, as they stand. `page`: what the page's
    record answers with."""
    try:
        return tuple(_wrong([*pair, *slots], slots, name, record, page))
    except NotAnswerable as error:
        return (str(error),)


def _wrong(records: Sequence[Record], slots: Sequence[Record], name: str, record: str, page: str) -> Iterator[str]:
    whole, below = Answers(records, name, "A"), Answers(slots, record, "A")
    wanted_page = normal(page)
    for checks, targets in _states(whole.checks, [target for target in whole.targets if target != wanted_page]):
        health = {**targets, wanted_page: True}
        got = _named(whole.shares(checks, health))
        well = any(_serves(slot, checks, health) for slot in slots)
        want = _named(below.shares(checks, health)) if well else {wanted_page: 1.0}
        if got != want:
            up = [each for each, healthy in {**checks, **targets}.items() if healthy]
            yield f"with {' and '.join(up) or 'nobody'} healthy, {name} would answer {_told(got)}, not {_told(want)}"


def _states(checks: Sequence[str], targets: Sequence[str]) -> Iterator[tuple[Mapping[str, bool], Mapping[str, bool]]]:
    for state in product((True, False), repeat=len(checks) + len(targets)):
        yield (
            dict(zip(checks, state[: len(checks)], strict=True)),
            dict(zip(targets, state[len(checks) :], strict=True)),
        )


def _serves(slot: Record, checks: Mapping[str, bool], targets: Mapping[str, bool]) -> bool:
    """Whether users of this record are served: its target is healthy, whether or not the record looks at that. Of a
    CNAME only its check tells."""
    if "AliasTarget" not in slot:
        return checks.get(slot.get("HealthCheckId", ""), False)
    target = normal(slot["AliasTarget"]["DNSName"])
    return checks.get(slot.get("HealthCheckId", ""), True) and targets.get(target, False)


def _named(shares: Mapping[Endpoint, float]) -> dict[str, float]:
    return {" ".join(endpoint.values): round(share, 9) for endpoint, share in shares.items()}


def _told(shares: Iterable[str]) -> str:
    return " and ".join(sorted(shares))
