"""Capacity reserved for a balancer in load balancer capacity units (LCU), instead of pre-warming by support case.

Rules: Elastic Load Balancing, request a capacity unit reservation; limits of Application Load Balancers; errors and
states as in the API's model (ModifyCapacityReservation, elbv2). Classic balancers have no such thing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import ceil
from typing import Literal

import simpy
from numpy.random import Generator
from pydantic import Field

from bluegreen.model import ReservationView
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.draws import lognormal
from sim.errors import AwsError

DAY = ms(timedelta(days=1))
SOON = timedelta(minutes=5)
NEW_CONNECTIONS = 25
"""Per second and LCU (secondary source; one of four dimensions of an LCU)."""


class ReservationSpec(Spec):
    """What may be reserved, and how long it takes."""

    quota: int = Field(0, ge=0)
    """LCU that all balancers of the Region may reserve together. 0 is the real default: ask for an increase first."""
    most: int = Field(15_000, ge=1)
    """For one application balancer."""
    least: int = Field(100, ge=1)
    """Smaller reservations are refused. Not verified."""
    decreases: int = Field(2, ge=0)
    """A day; a day is taken to begin at midnight UTC, and giving a reservation up to be a decrease (both assumed)."""
    takes: PositiveDuration = parse_duration("5m")
    """Mean time until it is provisioned. AWS says usually within minutes, at times hours: assumed."""
    spread: float = Field(0.5, ge=0)
    """Sigma of its log-normal distribution. Assumed."""
    rate_per_unit: float = Field(float(NEW_CONNECTIONS), gt=0)
    """Requests/s that one LCU carries. By default one request to a connection; with keep-alive it is more."""
    available: int | None = Field(None, ge=0)
    """LCU that AWS has to give. None: enough."""


class Reservation:
    """One balancer's. `provisioned(units)` is called, after `settle`, when a reservation comes into force."""

    def __init__(
        self,
        spec: ReservationSpec,
        env: simpy.Environment,
        rng: Generator | None,
        provisioned: Callable[[int], None],
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self.units = 0
        """Asked for."""
        self.effective = 0
        """In force."""
        self.state: Literal["provisioned", "pending", "rebalancing", "failed"] = "provisioned"
        self.fails = False
        """A knob: requests under way will fail."""
        self.modified: int | None = None
        """When it was changed last, in milliseconds."""
        self._env, self._rng, self._provisioned, self._settle = env, rng, provisioned, settle
        self._decreases: tuple[int, int] = (0, 0)  # day, how many

    @property
    def decreases_left(self) -> int:
        day, used = self._decreases
        return self.spec.decreases - (used if day == self._day else 0)

    def view(self) -> ReservationView:
        """As it is described, all zones together."""
        return ReservationView(self.units, float(self.effective), self.state, decreases_left=self.decreases_left)

    def modify(self, units: int, elsewhere: int = 0) -> None:
        """Reserve so many from now on; 0 gives it up. `elsewhere`: what the Region's other balancers have. Raises
        AwsError."""
        self._check(units, elsewhere)
        if units < self.units:
            self._decreases = (self._day, self.spec.decreases - self.decreases_left + 1)
        self.units, self.modified = units, now_ms(self._env)
        self._begin("pending")

    def zones_changed(self) -> None:
        """It is spread evenly over the zones that are up: that takes time."""
        if self.effective and self.state == "provisioned":
            self._begin("rebalancing")

    def _check(self, units: int, elsewhere: int) -> None:
        spec = self.spec
        if self.state in ("pending", "rebalancing"):
            raise AwsError("CapacityReservationPending", "There is a pending capacity reservation")
        if units and units < spec.least:
            raise AwsError("InvalidConfigurationRequest", f"The minimum is {spec.least} capacity units")
        if units > spec.most or (units > self.units and units + elsewhere > spec.quota):
            most = min(spec.most, max(0, spec.quota - elsewhere))
            raise AwsError("CapacityUnitsLimitExceeded", f"{units} capacity units exceed the limit of {most}")
        if units < self.units and self.decreases_left < 1:
            words = f"The limit of {spec.decreases} capacity decreases a day is reached"
            raise AwsError("CapacityDecreaseRequestLimitExceeded", words)
        if spec.available is not None and units > self.units and units > spec.available:
            # A 500: clients that retry on server errors ask again by themselves.
            raise AwsError("InsufficientCapacity", "There is insufficient capacity to reserve", 500)

    @property
    def _day(self) -> int:
        return now_ms(self._env) // DAY

    def _begin(self, state: Literal["pending", "rebalancing"]) -> None:
        """Under way. Times are drawn; without a generator they are the mean."""
        self.state = state
        spec = self.spec
        takes = spec.takes if self._rng is None else lognormal(self._rng, spec.takes, spec.spread)
        self._env.timeout(max(1, ms(takes))).callbacks.append(self._done)

    def _done(self, of: simpy.Event) -> None:
        if self.fails and self.state == "pending":
            self.state, self.units = "failed", self.effective
            return
        self._settle()
        self.state, self.effective = "provisioned", self.units
        self._provisioned(self.units)


def units_to_reserve(before: float, after: float, within: timedelta, spec: ReservationSpec) -> int | None:
    """LCU to reserve before the rate goes from `before` to `after` requests/s `within` a time; None when the balancer
    grows by itself. Rule: reserve when traffic will more than double in under 5 minutes (secondary source)."""
    if after <= 2 * before or within >= SOON:
        return None
    return max(spec.least, ceil(after / spec.rate_per_unit))
