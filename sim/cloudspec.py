"""What may be set about the cloud, apart from the world: what exists before the rollout, and how slow AWS is."""

from __future__ import annotations

from typing import Literal

from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration
from sim.alarms import AlarmSpec


class CloudSpec(Spec):
    """Every field has the value that a rehearsal starts with."""

    balancer: Literal["application", "classic"] = "application"
    """The kind of the live balancer."""
    record: Literal["weighted", "simple", "latency", "none"] = "weighted"
    """How the service's record stands before the rollout: one weighted record of the live slot, a record without
    routing policy, a latency record (which a rollout must refuse), or none at all."""
    zone_exists: bool = True
    change_processing: Duration = parse_duration("0s")
    """For so long after a change Route 53 refuses the next one in the same zone with PriorRequestNotComplete. AWS
    publishes no figure; 0s means that it never does."""
    alarms: tuple[AlarmSpec, ...] = ()
    """The alarms that exist. One that the plan's gates name, and that is not here, gets a stand-in: an error rate of
    the candidate above 5 % in 3 of 5 minutes."""
