"""Counts over a fleet's machines, kept up to date change by change: no recount, however many machines there are.

Whoever changes a machine takes it out of the counts (`_count(machine, -1)`), changes it, and puts it in again.
The world accounts for requests after the fact, stretch by stretch, so the growing capacity of warming machines is
read at the time up to which requests are accounted for, not at the environment's.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import simpy

from sim.instance import Health, Instance, State


class Tally:
    """The counts. `warm_up` in milliseconds: in this time a machine's capacity grows from `cold` (a share) to 1."""

    def __init__(self, env: simpy.Environment, settle: Callable[[], None], warm_up: int, cold: float) -> None:
        self.pending = 0
        self.in_service = 0
        """In service by the group's own count."""
        self.registered = 0
        """Known to the balancer and not draining."""
        self.healthy = 0
        """Healthy by the balancer's count."""
        self.unhealthy = 0
        self._unproven = 0  # registered, never healthy so far, and not marked: they may still turn out well
        self._env, self._settle, self._warm_up, self._cold = env, settle, warm_up, cold
        self._lost: frozenset[str] = frozenset()  # letters of zones
        self._at = 0  # up to here requests are accounted for
        # Machines that answer, and the sum over warming ones of when they began: among the healthy, among all.
        self._able_healthy = self._able = 0
        self._young_healthy = self._young = 0
        self._since_healthy = self._since = 0
        self._warmers: deque[tuple[int, Instance]] = deque()

    @property
    def routed(self) -> int:
        """Machines that the balancer sends requests to: the healthy ones; all it knows when none is (fail-open)."""
        return self.healthy or self.registered

    @property
    def answering(self) -> int:
        """Those of the routed that really answer."""
        return self._able_healthy if self.healthy else self._able

    @property
    def warming(self) -> bool:
        """Whether `strength` still grows."""
        if self._warmers:
            self._cool()
        return bool(self._warmers)

    @property
    def strength(self) -> float:
        """How many warm machines' capacity answers requests, at the time up to which they are accounted for."""
        return self.mean_strength(0.0)

    def mean_strength(self, length_s: float) -> float:
        """The mean of `strength` over the coming `length_s` seconds, exact as long as no machine changes."""
        if not self._warmers:
            return float(self._able_healthy if self.healthy else self._able)
        self._cool()
        able, new, since = self._able, self._young, self._since
        if self.healthy:
            able, new, since = self._able_healthy, self._young_healthy, self._since_healthy
        if not new:
            return float(able)
        full, length = self._warm_up, 1000 * length_s
        missing = new - (new * (self._at + length / 2) - since) / full
        for began, instance in self._warmers:  # those that are warm before the end do not overshoot
            over = self._at + length - began - full
            if over <= 0:
                break
            if self._sent_to(instance, began):
                missing += over * over / (2 * full * length)
        return able - (1 - self._cold) * missing

    def _visible(self) -> None:
        """To be called before a change of what the flow of requests meets."""
        self._settle()
        self._at = int(self._env.now)

    def _warms(self, instance: Instance) -> None:
        """It serves from now on. Not to be called while it is counted."""
        instance.serving_since = int(self._env.now)
        if self._warm_up and self._cold < 1:
            instance.warming = True
            self._warmers.append((instance.serving_since, instance))

    def _cool(self) -> None:
        """Those that are warm by now are counted as such: their strength is one, before and after."""
        warmers, ready = self._warmers, self._at - self._warm_up
        while warmers:
            since, instance = warmers[0]
            current = instance.warming and instance.serving_since == since
            if current and since > ready:
                return
            warmers.popleft()
            if current:
                self._count(instance, -1)
                instance.warming = False
                self._count(instance, 1)

    def _sent_to(self, instance: Instance, began: int) -> bool:
        if not (instance.warming and instance.serving_since == began and instance.attached):
            return False
        return instance.zone not in self._lost and (instance.health is Health.HEALTHY or not self.healthy)

    def _answers(self, instance: Instance) -> bool:
        return instance.state is State.SERVING and instance.zone not in self._lost

    def _count(self, instance: Instance, sign: int) -> None:
        state = instance.state
        if state is State.PENDING:
            self.pending += sign
            return
        if state is not State.SERVING and state is not State.BOOTING:
            return
        self.in_service += sign
        if not instance.attached:
            return
        self.registered += sign
        if not instance.proven and not instance.marked:
            self._unproven += sign
        if instance.health is Health.UNHEALTHY:
            self.unhealthy += sign
        healthy = instance.health is Health.HEALTHY
        if healthy:
            self.healthy += sign
        if state is State.SERVING and instance.zone not in self._lost:
            self._able += sign
            if healthy:
                self._able_healthy += sign
            if instance.warming:
                self._count_warming(sign, sign * instance.serving_since, healthy)

    def _count_warming(self, sign: int, since: int, healthy: bool) -> None:
        self._young += sign
        self._since += since
        if healthy:
            self._young_healthy += sign
            self._since_healthy += since
