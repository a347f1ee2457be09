"""Record sets as a tree that is evaluated quickly: groups in an order in which targets come before their aliases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bluegreen.answers.records import NotAnswerable, Record, normal, policy_of

ELB_TTL = 60
"""Seconds. ELB names, and so aliases to them, have this TTL (Elastic Load Balancing User Guide, how it works)."""
_ELB = re.compile(r"\.elb(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$")

Key = tuple[str, str]
"""Name (as `normal` gives it) and type."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A final answer: the values of a record, or an AWS resource that an alias names."""

    kind: str
    """The type of the record: A, CNAME, ..."""
    values: tuple[str, ...]
    """As the record has them. For an AWS resource its one name: lower case, no dot at the end."""
    ttl: int | None
    """Seconds for which a cache may keep the answer: of an alias to a record that record's, of a load balancer 60.
    None: the TTL of another AWS resource, which Route 53 knows and we do not."""
    alias: bool = False
    """The value is the name of an AWS resource, and users get the resource's addresses."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One record of a group. Indices point into the tree's checks, targets and groups."""

    weight: int
    """Of weighted records. Of failover records 1 for the primary one, 0 for the secondary: zero weights are a last
    resort in the same way. Of a simple record 1."""
    check: int | None
    """Its own health check."""
    target: int | None
    """The AWS resource whose health it evaluates."""
    group: int | None
    """The group that it is an alias to."""
    inherits: bool
    """It evaluates the health of that group."""
    endpoint: Endpoint | None
    """What it answers, unless it is an alias to a group."""


@dataclass(slots=True)
class Tree:
    """All groups below one name and type, targets before their aliases: the last one is what was asked for."""

    groups: list[tuple[Choice, ...]] = field(default_factory=list)
    checks: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        every = [choice.endpoint for group in self.groups for choice in group]
        return tuple(dict.fromkeys(endpoint for endpoint in every if endpoint is not None))


def compiled(records: Iterable[Mapping[str, Any]], name: str, kind: str) -> Tree:
    """The tree below this name and type. Raises NotAnswerable."""
    return _Compiler(records).tree((normal(name), kind.upper()))


class _Compiler:
    def __init__(self, records: Iterable[Record]) -> None:
        self._zone: dict[Key, list[Record]] = {}
        for record in records:
            self._zone.setdefault((normal(record["Name"]), record["Type"]), []).append(record)
        self._apex = next((name for name, kind in self._zone if kind == "SOA"), None)
        self._groups: list[tuple[Choice, ...]] = []
        self._places: dict[Key, int] = {}
        self._checks: dict[str, int] = {}
        self._targets: dict[str, int] = {}

    def tree(self, asked: Key) -> Tree:
        key = asked if asked in self._zone else (asked[0], "CNAME")
        if key not in self._zone:
            raise NotAnswerable(f"there is no record {_shown(asked)}; {self._instead(asked[0])}")
        self._place(key, ())
        return Tree(self._groups, tuple(self._checks), tuple(self._targets))

    def _place(self, key: Key, above: tuple[Key, ...]) -> int:
        """Where in the list this group is; it and all below it are put there when they are not yet."""
        if key in above:
            circle = [*above[above.index(key) :], key]
            raise NotAnswerable("aliases go round in a circle: " + " -> ".join(name for name, _ in circle))
        if key not in self._places:
            group = self._zone[key]
            policy = policy_of(group, _shown(key))
            choices = tuple(self._choice(record, key, policy, (*above, key)) for record in group)
            if policy == "failover" and len({choice.weight for choice in choices}) < len(choices):
                raise NotAnswerable(f"{_shown(key)} has more than one PRIMARY or SECONDARY record")
            self._places[key] = len(self._groups)
            self._groups.append(choices)
        return self._places[key]

    def _choice(self, record: Record, key: Key, policy: str, above: tuple[Key, ...]) -> Choice:
        weight = 1
        if policy == "weighted":
            weight = int(record["Weight"])
        elif policy == "failover":
            weight = 1 if record["Failover"] == "PRIMARY" else 0
        check = _index(self._checks, record["HealthCheckId"]) if record.get("HealthCheckId") else None
        alias = record.get("AliasTarget")
        if alias is None:
            values = tuple(entry["Value"] for entry in record.get("ResourceRecords", ()))
            return Choice(weight, check, None, None, False, Endpoint(key[1], values, record.get("TTL")))
        evaluates = bool(alias["EvaluateTargetHealth"])
        target = (normal(alias["DNSName"]), key[1])
        if target in self._zone:
            return Choice(weight, check, None, self._place(target, above), evaluates, None)
        self._check_outside(target, key)
        answer = Endpoint(key[1], (target[0],), ELB_TTL if _ELB.search(target[0]) else None, alias=True)
        return Choice(weight, check, _index(self._targets, target[0]) if evaluates else None, None, False, answer)

    def _check_outside(self, target: Key, key: Key) -> None:
        """A target within the zone must exist: it is no AWS resource."""
        name = target[0]
        if self._apex is not None and (name == self._apex or name.endswith("." + self._apex)):
            raise NotAnswerable(
                f"{_shown(key)} is an alias to {_shown(target)}, which does not exist; {self._instead(name)}"
            )

    def _instead(self, name: str) -> str:
        """What there is, for whoever asked for what is not."""
        kinds = sorted(kind for other, kind in self._zone if other == name)
        if kinds:
            return f"the name has records of type {', '.join(kinds)}"
        names = sorted({other for other, _ in self._zone})
        shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
        return f"the names are {shown}" if names else "there are no records at all"


def _index(known: dict[str, int], what: str) -> int:
    return known.setdefault(what, len(known))


def _shown(key: Key) -> str:
    return f"{key[0]} ({key[1]})"
