"""A load balancer that grows with its load, but not faster than it can.

Beyond what it is warm for it answers 503. Field rule: do not raise the load by more than 50 % in 5 minutes, or
have it pre-warmed (former Elastic Load Balancing guidance for Classic balancers).
"""

from __future__ import annotations

from datetime import timedelta

import simpy
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms


class BalancerSpec(Spec):
    """How balancers grow. AWS publishes none of these numbers; all are to be read as orders of magnitude."""

    cold: float = Field(2500.0, gt=0)
    """Requests/s that a new balancer carries at once. Unpublished; taken is what 100 LCU carry in new connections
    (25/s each), the smallest capacity that can be reserved."""
    growth: float = Field(0.5, gt=0)
    """It can grow by this share..."""
    per: PositiveDuration = parse_duration("5m")
    """...in this time: the 50 % in 5 minutes rule."""
    headroom: float = Field(1.5, ge=1)
    """It grows until it could carry this many times its load. Unpublished."""
    shrink: PositiveDuration = parse_duration("6h")
    """It loses half of what it no longer needs in this time. Unpublished."""
    provisioning: Duration = parse_duration("2m")
    """From created to active. Unpublished; a few minutes in practice."""


class Balancer:
    """One slot's balancer. Rates are requests per second."""

    def __init__(self, spec: BalancerSpec, env: simpy.Environment) -> None:
        self.spec, self._env = spec, env
        self.exists = False
        self.warm = 0.0
        """What it can carry now."""
        self._reserved = 0.0
        self._active_at = 0

    @property
    def active(self) -> bool:
        return self.exists and now_ms(self._env) >= self._active_at

    def create(self, setup: timedelta | None = None) -> None:
        """It is asked for; it becomes active after `setup`, by default `provisioning`."""
        self.exists, self.warm, self._reserved = True, self.spec.cold, self.spec.cold
        self._active_at = now_ms(self._env) + ms(self.spec.provisioning if setup is None else setup)

    def serve_already(self, rate: float) -> None:
        """It has long been there, carrying `rate`."""
        self.create(setup=timedelta(0))
        self.warm = max(self.spec.cold, rate * self.spec.headroom)

    def remove(self) -> None:
        self.exists, self.warm = False, 0.0

    def prewarm(self, rate: float) -> None:
        """Be ready for `rate` from now on, and stay so."""
        self._reserved = max(self._reserved, rate)
        self.warm = max(self.warm, rate)

    def admit(self, rate: float, length: timedelta) -> float:
        """The share of `rate` that is let through during `length`; the rest is answered 503. It then adapts."""
        admitted = min(1.0, self.warm / rate) if rate > 0 else 1.0
        wish = max(rate * self.spec.headroom, self._reserved)
        if wish > self.warm:
            self.warm = min(wish, self.warm * (1 + self.spec.growth) ** (length / self.spec.per))
        else:
            self.warm = wish + (self.warm - wish) * 0.5 ** (length / self.spec.shrink)
        return admitted
