"""A load balancer that grows with its load, but not faster than it can.

Beyond what it is warm for it answers 503. Field rule: do not raise the load by more than 50 % in 5 minutes, or
have it pre-warmed (former Elastic Load Balancing guidance for Classic balancers).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from math import exp, inf, log
from typing import Literal

import simpy
from numpy.random import Generator
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.nodes import LostNodes, NodesSpec
from sim.reservation import Reservation, ReservationSpec

SURGE = 1024
"""Requests that each node of a classic balancer keeps waiting; the next one is answered 503 and counts as spillover
(Classic Load Balancers User Guide, CloudWatch metrics). Application balancers have no such queue."""


class BalancerSpec(Spec):
    """How balancers grow. AWS publishes few of these numbers; the others are to be read as orders of magnitude."""

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
    idle_timeout: PositiveDuration = parse_duration("60s")
    """A request that a machine leaves waiting for longer is answered 504 (default of application balancers)."""
    minimum_healthy: int = Field(1, ge=1)
    """With fewer healthy targets the balancer counts as unhealthy in DNS (target group health: DNS failover)."""
    empty_groups: int = Field(0, ge=0)
    """Target groups without targets that it has beside its own: those of services that have no machines now."""
    empty_group_fails: bool = False
    """Whether one target group without targets makes the whole balancer unhealthy in DNS. AWS's text leaves it open;
    that it does not is assumed, since its rule for good balancers speaks of groups that contain targets."""
    nodes: NodesSpec = NodesSpec()
    reservation: ReservationSpec = ReservationSpec()


class Balancer:
    """One slot's balancer. Rates are requests per second. `rng` is for how long reservations take; `settle` is called
    before one comes into force."""

    def __init__(
        self,
        spec: BalancerSpec,
        env: simpy.Environment,
        rng: Generator | None = None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec, self._env, self._rng, self._settle = spec, env, rng, settle
        self.exists = False
        self.kind: Literal["application", "classic"] = "application"
        self.warm = 0.0
        """What it can carry now."""
        self.idle_timeout = spec.idle_timeout.total_seconds()
        self.nodes = LostNodes(spec.nodes)
        self.reservation = self._unreserved()
        self._headroom = spec.headroom
        self._demands = inf if spec.empty_groups and spec.empty_group_fails else spec.minimum_healthy
        self._growth = log(1 + spec.growth) / spec.per.total_seconds()
        self._shrink = log(2) / spec.shrink.total_seconds()
        self._asked = self._reserved = 0.0  # to be kept without load: by prewarm; and what that comes to in all
        self._active_at = 0
        self._refusing = False

    @property
    def active(self) -> bool:
        return self.exists and self._env.now >= self._active_at

    @property
    def reports(self) -> bool:
        """Its nodes tell CloudWatch of their targets; without any node nobody does (Application Load Balancers guide,
        CloudWatch metrics: each node reports)."""
        return self.active and self.nodes.up > 0

    def healthy(self, targets: int) -> bool:
        """In DNS: so many targets of its own group are healthy (Route 53 API reference, AliasTarget)."""
        return targets >= self._demands and self.exists and self._env.now >= self._active_at

    @property
    def moving(self) -> bool:
        """It refuses requests and grows, or clients still hold the address of a node that is lost."""
        return self.exists and (self._refusing or self.nodes.stranding)

    @property
    def surge(self) -> int:
        """How many requests may wait in it."""
        return SURGE * self.nodes.up if self.kind == "classic" else 0

    def create(self, setup: timedelta | None = None, kind: Literal["application", "classic"] | None = None) -> None:
        """It is asked for; it becomes active after `setup`, by default `provisioning`."""
        self.exists, self.warm, self._asked, self._reserved = True, self.spec.cold, self.spec.cold, self.spec.cold
        self.kind = kind or self.kind
        self.reservation, self._refusing = self._unreserved(), False
        self._active_at = now_ms(self._env) + ms(self.spec.provisioning if setup is None else setup)

    def serve_already(self, rate: float) -> None:
        """It has long been there, carrying `rate`."""
        self.create(setup=timedelta(0))
        self.warm = max(self.spec.cold, rate * self.spec.headroom)

    def remove(self) -> None:
        self.exists, self.warm, self._refusing = False, 0.0, False
        self.reservation = self._unreserved()

    def prewarm(self, rate: float) -> None:
        """Be ready for `rate` from now on, and stay so."""
        self._asked = max(self._asked, rate)
        self._reserved = max(self._reserved, rate)
        self.warm = max(self.warm, rate)

    def zones_changed(self, down: set[str]) -> None:
        """These zones are lost now: a node goes with its share of the capacity, and some clients still go there."""
        before = self.nodes.up
        self.nodes.zones_changed(down)
        if not self.exists or self.nodes.up == before:
            return
        if self.nodes.up < before:
            self.warm *= self.nodes.up / before
        else:
            self.warm = max(self.warm, self.spec.cold * self.nodes.up / self.spec.nodes.zones)
        self.reservation.zones_changed()

    def admit(self, rate: float, length_s: float) -> float:
        """The mean share of `rate` that is let through over `length_s` seconds; the rest is answered 503. It adapts
        meanwhile: in closed form, so one long stretch gives what many short ones give."""
        warm, wish = self.warm, rate * self._headroom
        wish = max(wish, self._reserved)
        if wish <= warm:
            self.warm = wish + (warm - wish) * exp(-self._shrink * length_s)
            self._refusing = False
            return 1.0
        grown = warm * exp(self._growth * length_s) if warm > 0 else wish
        self.warm = grown if grown < wish else wish
        self._refusing = self.warm < rate
        return 1.0 if warm >= rate else self._admitted(warm, rate, length_s)

    def _admitted(self, warm: float, rate: float, length_s: float) -> float:
        """The mean of min(1, warm e^(growth t) / rate)."""
        if warm <= 0:
            return 0.0
        enough = min(log(rate / warm) / self._growth, length_s)
        carried = warm * (exp(self._growth * enough) - 1) / self._growth
        return min(1.0, (carried / rate + length_s - enough) / length_s)

    def _unreserved(self) -> Reservation:
        def provisioned(units: int) -> None:
            if mine is self.reservation:  # not of a balancer that is gone
                rate = units * self.spec.reservation.rate_per_unit
                self._reserved = max(self._asked, rate)
                self.warm = max(self.warm, self._reserved)

        mine = Reservation(self.spec.reservation, self._env, self._rng, provisioned, self._settle)
        return mine
