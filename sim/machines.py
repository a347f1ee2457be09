"""The machines of one slot: they launch, boot, serve, crash, are checked by the balancer, and go.

Target health follows the Application Load Balancer guide (target group health checks). A machine is in service once
EC2 has given it; it is registered then, and healthy after the first check that it passes.
"""

from __future__ import annotations

from collections.abc import Generator
from datetime import timedelta
from math import exp
from typing import Any

import simpy
from numpy.random import Generator as Rng
from pydantic import Field

from bluegreen.model import Slot
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.clock import ms, now_ms
from sim.draws import lognormal
from sim.instance import Counts, Health, Instance, State, count
from sim.servers import ServerSpec

ZONES = ("a", "b", "c")

Process = Generator[simpy.Event, Any, None]


class MachineSpec(ServerSpec):
    """How machines come, are checked, and go."""

    launch: PositiveDuration = parse_duration("35s")
    """Mean time until EC2 gives a machine. With `boot` 123 s: measured in an AWS sample, 243 s less its 120 s of
    sleep (aws-samples, warm pools). The split is assumed."""
    boot: PositiveDuration = parse_duration("88s")
    """Mean time until its service answers."""
    spread: float = Field(0.25, ge=0)
    """Sigma of both log-normal distributions. Assumed."""
    warm_up: Duration = parse_duration("60s")
    """In this time a machine's capacity grows from `cold` to all of it. Assumed."""
    cold: Share = 0.5
    boot_failure: Share = 0.0
    """Chance that a launched machine never answers."""
    check_every: PositiveDuration = parse_duration("30s")
    fails: int = Field(2, ge=1)
    """Failed checks until a target is unhealthy; `passes` until it is healthy again. A new target needs one."""
    passes: int = Field(5, ge=1)
    drain: Duration = parse_duration("300s")
    """Deregistration delay."""
    shutdown: Duration = parse_duration("30s")
    """From the end of the drain until the machine is gone. Assumed."""


class Machines:
    """Machines of one slot. `zones_down` is shared with the world."""

    def __init__(self, slot: Slot, spec: MachineSpec, env: simpy.Environment, rng: Rng, zones_down: set[str]) -> None:
        self.slot = slot
        self.instances: list[Instance] = []
        """Oldest first; terminated ones leave the list when they are gone."""
        self.boot_factor = 1.0
        """Launching and booting take this many times as long."""
        self.boot_failure = spec.boot_failure
        self.spec, self._env, self._rng, self._zones_down = spec, env, rng, zones_down
        self._launched = 0
        self._counts: Counts | None = None
        self._warming: list[Instance] = []

    # -- what is seen

    @property
    def counts(self) -> Counts:
        if self._counts is None:
            self._counts = count(self.instances, self._zones_down)
        return self._counts

    @property
    def in_service(self) -> int:
        """In service by the group's own count."""
        return self.counts.in_service

    @property
    def registered(self) -> int:
        """Known to the balancer and not draining."""
        return self.counts.in_service

    @property
    def healthy(self) -> int:
        """Healthy by the balancer's count."""
        return self.counts.healthy

    @property
    def strength(self) -> float:
        """How many warm machines' capacity answers requests now."""
        missing = 0.0
        for instance in list(self._warming):
            age = now_ms(self._env) - instance.serving_since
            if instance.state is not State.SERVING or age >= ms(self.spec.warm_up):
                self._warming.remove(instance)
            elif instance in self.counts.answering:
                missing += (1 - self.spec.cold) * (1 - age / ms(self.spec.warm_up))
        return len(self.counts.answering) - missing

    # -- what happens to them

    def zones_changed(self) -> None:
        """Some zone went down or came back."""
        self._changed()
        for instance in self.instances:
            self._watch(instance)

    def _wear(self, length: timedelta, crash_every: timedelta) -> None:
        """Serving machines crash, after `crash_every` on average, and boot again."""
        chance = 1 - exp(-(length / crash_every))
        serving = [i for i in self.instances if i.state is State.SERVING]
        for instance, draw in zip(serving, self._rng.random(len(serving)), strict=True):
            if draw < chance:
                self._crash(instance)

    def _launch(self) -> None:
        self._env.process(self._live(self._new()))

    def _new(self) -> Instance:
        """A machine in the zone with the fewest, among those that are up."""
        self._launched += 1
        up = [zone for zone in ZONES if zone not in self._zones_down] or list(ZONES)
        held = {zone: sum(i.active and i.zone == zone for i in self.instances) for zone in up}
        instance = Instance(
            id=f"i-{list(Slot).index(self.slot) + 1:x}{self._launched:016x}",
            zone=min(up, key=lambda zone: held[zone]),
            launched=now_ms(self._env),
            phase=int(self._rng.integers(ms(self.spec.check_every))),
        )
        self.instances.append(instance)
        self._changed()
        return instance

    def _live(self, instance: Instance) -> Process:
        instance.broken = bool(self._rng.random() < self.boot_failure)
        yield self._env.timeout(self._delay(self.spec.launch))
        if not instance.active:
            return
        instance.state, instance.entered = State.BOOTING, now_ms(self._env)
        self._changed()
        self._watch(instance)
        yield from self._boot(instance)

    def _boot(self, instance: Instance) -> Process:
        yield self._env.timeout(self._delay(self.spec.boot))
        if instance.state is State.BOOTING and not instance.broken:
            instance.state, instance.serving_since = State.SERVING, now_ms(self._env)
            self._warming.append(instance)
            self._changed()
            self._watch(instance)

    def _crash(self, instance: Instance) -> None:
        instance.state = State.BOOTING
        self._changed()
        self._watch(instance)
        self._env.process(self._boot(instance))

    def _terminate(self, instance: Instance, drain: bool = True) -> None:
        was_known = instance.registered
        instance.state, instance.terminated = State.TERMINATING, now_ms(self._env)
        instance.health = Health.DRAINING
        self._changed()
        wait = ms(self.spec.shutdown) + (ms(self.spec.drain) if drain and was_known else 0)
        self._env.process(self._leave(instance, wait))

    def _leave(self, instance: Instance, wait: int) -> Process:
        yield self._env.timeout(wait)
        if instance in self.instances:
            self.instances.remove(instance)

    # -- health checks: a process for a target only while its known health is not its real one

    def _watch(self, instance: Instance) -> None:
        if instance.registered and not instance.watched:
            instance.watched = True
            self._env.process(self._check(instance))

    def _check(self, instance: Instance) -> Process:
        streak, last = 0, None
        while instance.registered and not self._settled(instance):
            every = ms(self.spec.check_every)
            yield self._env.timeout(every - (now_ms(self._env) - instance.phase) % every)
            passed = self._answers(instance)
            streak, last = (streak + 1 if passed is last else 1), passed
            if passed and (streak >= self.spec.passes or not instance.proven):
                self._judge(instance, Health.HEALTHY)
            elif not passed and streak >= self.spec.fails:
                self._judge(instance, Health.UNHEALTHY)
        instance.watched = False

    def _judge(self, instance: Instance, health: Health) -> None:
        if instance.registered:
            instance.health, instance.proven = health, instance.proven or health is Health.HEALTHY
            self._changed()

    def _settled(self, instance: Instance) -> bool:
        return instance.health is (Health.HEALTHY if self._answers(instance) else Health.UNHEALTHY)

    def _answers(self, instance: Instance) -> bool:
        return instance.state is State.SERVING and instance.zone not in self._zones_down

    def _delay(self, mean: timedelta) -> int:
        return ms(lognormal(self._rng, mean * self.boot_factor, self.spec.spread))

    def _changed(self) -> None:
        self._counts = None
