"""What is read from record sets: names to compare by, routing policies, and what is not evaluated."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bluegreen.errors import UserError

Record = Mapping[str, Any]

POLICIES = {
    "Weight": "weighted",
    "Failover": "failover",
    "Region": "latency",
    "GeoLocation": "geolocation",
    "GeoProximityLocation": "geoproximity",
    "CidrRoutingConfig": "IP-based (CIDR)",
    "MultiValueAnswer": "multivalue",
}
"""Field of a record set -> how the policy is called."""
REFUSED = {
    "multivalue": "each of its answers holds up to eight records at once",
    **dict.fromkeys(
        ("latency", "geolocation", "geoproximity", "IP-based (CIDR)"),
        "its answers depend on where the question comes from",
    ),
}
_ESCAPED = re.compile(r"\\(\d{3})")


class NotAnswerable(UserError):
    """These records have no answer, or one that is not evaluated here; the message is for whoever wrote them."""


def normal(name: str) -> str:
    """A DNS name to compare by: lower case, no dot at the end, Route 53's octal escapes undone (`\\052` is `*`)."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), name).lower().rstrip(".")


def policy_of(group: Sequence[Record], what: str) -> str:
    """The routing policy that a group's records share. Raises NotAnswerable for a mixture, or one not evaluated."""
    found = sorted({_policy(record, what) for record in group})
    if len(found) > 1:
        raise NotAnswerable(
            f"{what} mixes the routing policies {', '.join(found)}; Route 53 allows one for each name and type"
        )
    if found[0] in REFUSED:
        raise NotAnswerable(
            f"{what} has {found[0]} records, and {REFUSED[found[0]]}: only simple, weighted and failover records, and"
            " aliases, are evaluated"
        )
    if found[0] == "simple" and len(group) > 1:
        raise NotAnswerable(f"{what} has {len(group)} records without routing policy; Route 53 allows one")
    return found[0]


def _policy(record: Record, what: str) -> str:
    fields = [field for field in POLICIES if record.get(field) is not None and record[field] is not False]
    if len(fields) > 1:
        raise NotAnswerable(f"a record of {what} has {' and '.join(fields)}: one routing policy at most")
    return POLICIES[fields[0]] if fields else "simple"
