"""Warm pools: machines that are launched beforehand, and started when the group needs them.

Source: Amazon EC2 Auto Scaling User Guide, warm pools; durations from an AWS sample (aws-samples, warm pools).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration


class WarmPoolSpec(Spec):
    """A group's warm pool."""

    state: Literal["Stopped", "Running", "Hibernated"] = "Stopped"
    minimum: int = Field(0, ge=0)
    """MinSize."""
    prepared: int | None = Field(None, ge=0)
    """MaxGroupPreparedCapacity: so many in the pool and the group together. Unset: the group's maximum."""
    stop: Duration = parse_duration("17s")
    """Into the pool a machine takes so much longer than a cold launch (measured: 260 s against 243 s)."""
    start: PositiveDuration = parse_duration("36s")
    """Mean time from the pool until it is in service and answers: measured for stopped machines (36 s against 243 s
    cold). For the other states nothing is published; the same is assumed."""


def pool_size(spec: WarmPoolSpec, desired: int, maximum: int) -> int:
    """How many machines the pool shall have."""
    prepared = maximum if spec.prepared is None else spec.prepared
    return max(0, prepared - desired, spec.minimum)
