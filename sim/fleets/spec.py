"""What a group is asked to be: its settings, beside those of its machines."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.fleets.hooks import HookSpec
from sim.fleets.policies import PolicySpec
from sim.fleets.schedule import ScheduledSpec
from sim.fleets.tracking import TrackingSpec
from sim.fleets.warm_pool import WarmPoolSpec
from sim.machines import MachineSpec


class FleetSpec(MachineSpec):
    """A group and its machines. `instances`, `minimum` and `maximum` are the live group's at the start."""

    instances: int = Field(10, ge=1, le=5000)
    minimum: int = Field(2, ge=0)
    maximum: int = Field(40, ge=1)
    health_check: Literal["ELB", "EC2"] = "ELB"
    """EC2: a machine that runs but does not answer is never replaced (the default of the API, and often not meant)."""
    grace: Duration = parse_duration("300s")
    """How long after it came in service a machine is not replaced for failing the balancer's checks: 300 s from the
    console, 0 s from the API."""
    status_check: PositiveDuration = parse_duration("2m")
    """From the loss of a zone until EC2's own checks count its machines as lost, whatever `health_check` says. The
    guide says "a few minutes"; the number is assumed."""
    cooldown: Duration = parse_duration("300s")
    """Default cooldown: after what a simple policy did."""
    default_warm_up: Duration | None = None
    """DefaultInstanceWarmup: unset by default, and then the cooldown takes its place."""
    launch_failure: Share = 0.0
    """Chance that an attempt to launch a machine fails at once."""
    retry: PositiveDuration = parse_duration("60s")
    """How long the group waits before it tries a failed launch again, and before it balances zones anew. Unpublished;
    assumed."""
    autoscaling: bool = True
    tracking: TrackingSpec = TrackingSpec()
    """With `autoscaling`, the group's first policy."""
    policies: dict[str, PolicySpec] = {}
    """More policies, by name."""
    warm_pool: WarmPoolSpec | None = None
    hooks: tuple[HookSpec, ...] = ()
    scheduled: tuple[ScheduledSpec, ...] = ()
