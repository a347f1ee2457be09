"""The service's record: read and changed, in its own zone, under its own name.

Condition keys: Route 53 Developer Guide, using IAM policy conditions for fine-grained access control.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bluegreen.answers import normal
from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant
from bluegreen.registry import kind_of

ID = re.compile(r"^(/hostedzone/)?([0-9A-Z]{8,32})$")
KEY = "route53:ChangeResourceRecordSets"


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if kind_of(plan.traffic) != "route53":
        return
    zone = zone_of(plan, arns)
    kind = "CNAME" if plan.service.records == "cname" else "A"
    yield change("Record", zone, (plan.service.record,), kind, ("UPSERT", "DELETE"))
    yield Grant("Zone", ("route53:GetHostedZone", "route53:ListResourceRecordSets"), (zone,))
    yield Grant("Change", ("route53:GetChange",), (arns.anywhere("route53", "change/*"),))
    if not ID.match(plan.service.zone):
        yield Grant("Zones", ("route53:ListHostedZonesByName",))


def zone_of(plan: Plan, arns: Arns) -> str:
    """The hosted zone; any, when the file gives its name only."""
    given = ID.match(plan.service.zone)
    return arns.anywhere("route53", f"hostedzone/{given[2] if given else '*'}")


def change(sid: str, zone: str, names: tuple[str, ...], kind: str, actions: tuple[str, ...]) -> Grant:
    """To change the records with these names and one type, in these ways."""
    wanted = {
        f"{KEY}NormalizedRecordNames": tuple(escaped(normal(name)) for name in names),
        f"{KEY}RecordTypes": (kind,),
        f"{KEY}Actions": actions,
    }
    return Grant(sid, (KEY,), (zone,), {"ForAllValues:StringEquals": wanted})


def escaped(name: str) -> str:
    """A name as the condition key has it: lower case, no dot at the end, anything but letters, digits, hyphen,
    underscore and dots as three octal digits."""
    plain = name.rstrip(".").lower()
    return "".join(c if re.fullmatch(r"[a-z0-9._-]", c) else f"\\{ord(c):03o}" for c in plain)
