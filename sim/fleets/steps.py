"""Step and simple scaling policies: how much an adjustment is, and when it counts.

Source: Amazon EC2 Auto Scaling User Guide, step and simple scaling policies.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil, floor
from typing import Literal, Self

from pydantic import Field, model_validator

from bluegreen.registry import Spec
from bluegreen.units import Duration

Adjustment = Literal["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]
SMALL = 1e-9
"""Keeps what is a whole number but for floating point from being rounded away."""


class Step(Spec):
    """One step. Bounds are relative to the threshold, in the metric's unit; unset: without end."""

    lower: float | None = None
    upper: float | None = None
    change: float
    """Machines, or percent of the current capacity."""

    def holds(self, over: float) -> bool:
        """`over`: the metric less the threshold. Above it the lower bound belongs to the step, below it the upper."""
        if over >= 0:
            return (self.lower is None or over >= self.lower) and (self.upper is None or over < self.upper)
        return (self.lower is None or over > self.lower) and (self.upper is None or over <= self.upper)


class AlarmedSpec(Spec):
    """What step and simple policies have in common: an alarm on the group's mean utilisation, and an adjustment."""

    adjustment: Adjustment = "ChangeInCapacity"
    minimum_magnitude: int = Field(0, ge=0)
    """MinAdjustmentMagnitude: at least so many machines, with PercentChangeInCapacity."""
    threshold: float | None = Field(None, ge=0)
    """In percent of utilisation. Unset: no alarm; it acts only when it is executed (ExecutePolicy)."""
    comparison: Literal[">", ">=", "<", "<="] = ">="
    minutes: int = Field(3, ge=1)
    """So many minutes in a row make the alarm."""

    @property
    def breaches_upwards(self) -> bool:
        return self.comparison in (">", ">=")

    def breaches(self, value: float) -> bool:
        """Whether the metric, in percent, is beyond the threshold."""
        limit = self.threshold
        assert limit is not None, "this policy has no alarm"
        beyond = value > limit if self.breaches_upwards else value < limit
        return beyond or ("=" in self.comparison and value == limit)


class StepSpec(AlarmedSpec):
    """A step policy."""

    kind: Literal["step"] = "step"
    steps: tuple[Step, ...] = Field(min_length=1)
    warm_up: Duration | None = None
    """EstimatedInstanceWarmup. Unset: the group's default warm-up, or else its cooldown."""

    @model_validator(mode="after")
    def _steps_meet(self) -> Self:
        ordered = sorted(self.steps, key=lambda step: float("-inf") if step.lower is None else step.lower)
        for one, next_one in pairwise(ordered):
            if one.upper is None or one.upper != next_one.lower:
                raise ValueError("the steps of a policy can neither overlap nor leave a gap")
        return self


class SimpleSpec(AlarmedSpec):
    """A simple policy: one adjustment, then nothing until that is done and the cooldown is over."""

    kind: Literal["simple"] = "simple"
    change: float
    cooldown: Duration | None = None
    """Unset: the group's default cooldown."""


def whole(change: float) -> int:
    """A change in machines out of percent: towards zero, but at least one."""
    if 0 < change < 1:
        return 1
    if -1 < change < 0:
        return -1
    return floor(change + SMALL) if change > 0 else ceil(change - SMALL)


def adjusted(current: int, adjustment: Adjustment, change: float, at_least: int = 0) -> int:
    """The capacity after the adjustment. `at_least` machines are moved by percent (MinAdjustmentMagnitude)."""
    if adjustment == "ExactCapacity":
        return int(change)
    if adjustment == "ChangeInCapacity":
        return max(0, current + int(change))
    move = whole(current * change / 100)
    if move and abs(move) < at_least:
        move = at_least if move > 0 else -at_least
    return max(0, current + move)


def stepped(spec: StepSpec, over: float, current: int, desired: int) -> int:
    """The capacity that a step policy asks for when the metric is `over` its threshold. To grow, `current` does
    not count machines that warm up; to shrink, it counts those that go: the same breach asks only once."""
    change = next((step.change for step in spec.steps if step.holds(over)), 0.0)
    wanted = adjusted(current, spec.adjustment, change, spec.minimum_magnitude)
    if spec.adjustment == "ExactCapacity":
        return wanted
    return max(desired, wanted) if change > 0 else min(desired, wanted) if change < 0 else desired
