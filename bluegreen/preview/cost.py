"""What it costs that two fleets stand side by side. Prices are given, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bluegreen.plan import Plan
from bluegreen.preview.known import NOMINAL, Known
from bluegreen.preview.walk import Walk

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Prices:
    """Of one for one hour; None: not given."""

    machine: float | None = None
    unit: float | None = None
    """A load balancer capacity unit (LCU) that is reserved."""


NO_PRICES = Prices()


@dataclass(frozen=True, slots=True)
class Cost:
    """Machine hours beyond what the live slot alone would have taken."""

    expected: float
    worst: float
    """With all of the candidate's machines, for as long as all limits together."""
    counted: bool
    """Whether these are machines; else nobody knows how many the live slot has, and they are hours of all of it."""
    price: float | None
    """Of one machine for one hour."""

    reserved: float = 0.0
    """Hours of load balancer capacity units (LCU) that are reserved for the rollout."""
    reserved_worst: float = 0.0
    unit_price: float | None = None
    """Of one of them for one hour."""

    def money(self, hours: float) -> float | None:
        return None if self.price is None or not self.counted else hours * self.price


def cost_of(plan: Plan, known: Known, walk: Walk, *, most: int, longest: timedelta, prices: Prices) -> Cost:
    """`most`: of the candidate's machines. `longest`: all limits together."""
    expected = walk.machine_hours - walk.standing * (walk.length / HOUR)
    worst = longest / HOUR * most
    counted = known.instances is not None or plan.candidate.instances is not None
    scale = 1 if counted else NOMINAL
    return Cost(
        expected / scale,
        worst / scale,
        counted,
        prices.machine,
        reserved=walk.unit_hours,
        reserved_worst=longest / HOUR * units_of(plan),
        unit_price=prices.unit,
    )


def units_of(plan: Plan) -> int:
    """Capacity units that are reserved at the same time."""
    spec = plan.prewarm
    return 0 if spec is None else spec.units * (2 if spec.also_live else 1)
