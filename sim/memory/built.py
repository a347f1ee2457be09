"""How a slot is configured, read with the calls of `bluegreen/aws/environments/built.py`. A clone has no stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sim.cloudspec import IMAGE, INSTANCE_TYPE

if TYPE_CHECKING:
    from sim.memory.named import Named


def built(named: Named) -> Mapping[str, str]:
    """Empty while there is no group."""
    if not named.facts() or named.find() is None:
        return {}
    sizes = _sizes(named)
    return {**sizes, **named.calls.ask("ec2:DescribeLaunchTemplateVersions", lambda: _launches(named))}


def _sizes(named: Named) -> dict[str, str]:
    fleet, hold = named.place.fleet, named.holdings.hold
    serving = {instance.zone for instance in fleet.instances if instance.serves}
    return {
        "minimum": str(hold[1] if hold else fleet.minimum),
        "maximum": str(fleet.maximum),
        "health check": fleet.spec.health_check,
        "zones": str(len(named.store.world.zones)),
        "zones in service": str(len(serving)),
    }


def _launches(named: Named) -> dict[str, str]:
    plan, live = named.store.plan, named.store.plan.live
    clone = plan.candidate.clone if named.slot is not live.slot else None
    if clone is None:
        return {"launch template": live.group, "image": IMAGE, "instance type": INSTANCE_TYPE}
    if clone.launch_template is not None:
        return {"launch template": clone.launch_template, "image": IMAGE, "instance type": INSTANCE_TYPE}
    name = named.store.name(named.slot)
    return {"launch template": name, "image": str(clone.image), "instance type": INSTANCE_TYPE}
