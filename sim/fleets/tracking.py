"""Target tracking: an Auto Scaling group keeps a metric of its machines near a target.

AWS makes two alarms for it: high when the metric is above the target in 3 of 3 minutes, low when it is below 0.7 of
the target in 15 of 15. The numbers are read from captures of consoles; AWS does not state them. Other services have
other factors (ECS 0.9). Alarms with Auto Scaling actions repeat them every minute as long as they last.
"""

from __future__ import annotations

from collections import deque
from math import ceil
from typing import Literal

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, Share
from sim.alarms import ASSUMED, AlarmState, EvaluationSpec, evaluate


class TrackingSpec(Spec):
    """A target tracking policy."""

    kind: Literal["tracking"] = "tracking"
    target: Share = Field(0.6, gt=0)
    """Of the group's mean utilisation (ASGAverageCPUUtilization)."""
    requests: float | None = Field(None, gt=0)
    """The target is so many requests a minute for each machine instead (ALBRequestCountPerTarget)."""
    high: int = Field(3, ge=1)
    """Minutes above the target before it grows. Unpublished: from captures."""
    low: int = Field(15, ge=1)
    """Minutes below `low_factor` of the target before it shrinks. Unpublished: from captures."""
    low_factor: float = Field(0.7, gt=0, le=1)
    """Unpublished: 0.7 in captures of EC2 groups, 0.9 in those of ECS services."""
    warm_up: Duration | None = None
    """For so long a new machine is not in the metric, and nothing shrinks (EstimatedInstanceWarmup). Unset: the
    group's default warm-up, or else its default cooldown."""
    scale_in: bool = True
    """DisableScaleIn is the opposite."""


class _Alarm:
    """N of N minutes. While no minute is missing, counting is enough; else CloudWatch's rules for missing data."""

    __slots__ = ("_breaching", "_points", "_premature", "_real", "minutes", "state")

    def __init__(self, minutes: int, evaluation: EvaluationSpec) -> None:
        self.minutes, self._premature = minutes, evaluation.premature
        self.state: AlarmState = "INSUFFICIENT_DATA"
        looked_at = minutes + evaluation.extra_periods
        self._points: deque[bool | None] = deque([None] * looked_at, maxlen=looked_at)
        self._breaching = self._real = 0  # so many in a row, up to now

    def see(self, breaching: bool | None) -> bool:
        """One more minute. Whether it is in ALARM."""
        self._points.append(breaching)
        self._real = 0 if breaching is None else self._real + 1
        self._breaching = self._breaching + 1 if breaching else 0
        if self._real >= self.minutes:
            self.state = "ALARM" if self._breaching >= self.minutes else "OK"
        else:
            points, minutes = list(self._points), self.minutes
            self.state = evaluate(points, minutes, minutes, "missing", self.state, premature=self._premature)
        return self.state == "ALARM"


class Tracking:
    """The policy's memory: its two alarms."""

    def __init__(self, spec: TrackingSpec, evaluation: EvaluationSpec = ASSUMED) -> None:
        self.spec = spec
        self.target = spec.target if spec.requests is None else spec.requests
        self._floor = self.target * spec.low_factor
        self._high, self._low = _Alarm(spec.high, evaluation), _Alarm(spec.low, evaluation)

    def wanted(self, metric: float | None, measured: int, desired: int) -> int:
        """Judge one more minute: the capacity it asks for, `desired` when it is content. `metric` is the mean over
        `measured` warm machines, None when there is none. Adds are rounded up, removals down (Amazon EC2 Auto
        Scaling User Guide, target tracking)."""
        high, low = self.see(metric)
        if metric is None or not (high or low):
            return (
                desired  # an alarm on what is known is no use without a value: there is nothing to work a size out of
            )
        # The small allowance keeps exact multiples from being rounded up by floating point.
        fitting = ceil(measured * metric / self.target - 1e-9)
        return max(desired, fitting) if high else min(desired, fitting)

    def see(self, metric: float | None) -> tuple[bool, bool]:
        """One more minute. Whether the high and the low alarm are in ALARM."""
        if metric is None:
            return self._high.see(None), self._low.see(None)
        return self._high.see(metric > self.target), self._low.see(metric < self._floor)
