"""Target tracking: an Auto Scaling group keeps its machines' mean utilisation near a target.

AWS makes two alarms for it: high when the metric is above the target in 3 of 3 minutes, low when it is below 0.7 of
the target in 15 of 15. The numbers are read from captures of consoles; AWS does not state them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import ceil

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, Share, parse_duration


class TrackingSpec(Spec):
    """A target tracking policy on the group's mean utilisation."""

    target: Share = Field(0.6, gt=0)
    high: int = Field(3, ge=1)
    """Minutes above the target before it grows."""
    low: int = Field(15, ge=1)
    """Minutes below `low_factor` of the target before it shrinks."""
    low_factor: float = Field(0.7, gt=0, le=1)
    warm_up: PositiveDuration = parse_duration("300s")
    """For so long a new machine is not in the metric, and nothing shrinks (EstimatedInstanceWarmup; unset, the
    default cooldown of 300 s takes its place)."""


class Tracking:
    """The policy's memory: the metric's last minutes."""

    def __init__(self, spec: TrackingSpec) -> None:
        self.spec = spec
        self._minutes: deque[float | None] = deque(maxlen=max(spec.high, spec.low))

    def wanted(self, metric: float | None, measured: int, desired: int) -> int:
        """Judge one more minute: the capacity it asks for, `desired` when it is content. `metric` is the mean
        utilisation (0 to 1) of `measured` warm machines, None when there is none. Adds are rounded up, removals
        down (Amazon EC2 Auto Scaling User Guide, target tracking)."""
        self._minutes.append(metric)
        spec, last = self.spec, list(self._minutes)
        if metric is None:
            return desired
        # The small allowance keeps exact multiples from being rounded up by floating point.
        fitting = ceil(measured * metric / spec.target - 1e-9)
        if self._all(last[-spec.high :], spec.high, lambda value: value > spec.target):
            return max(desired, fitting)
        if self._all(last[-spec.low :], spec.low, lambda value: value < spec.target * spec.low_factor):
            return min(desired, fitting)
        return desired

    @staticmethod
    def _all(values: list[float | None], needed: int, holds: Callable[[float], bool]) -> bool:
        return len(values) == needed and all(value is not None and holds(value) for value in values)
