"""The machines of one slot: they launch, boot, serve, crash, are checked by the balancer, and go.

Nothing is polled: each machine puts the few moments of its life into the environment when they become known. A
machine is in service once EC2 has given it (and lifecycle hooks have let it pass); it is registered with the balancer
then, and healthy after the first check that it passes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from math import exp, log
from typing import TypedDict

import simpy
from numpy.random import Generator as Rng
from pydantic import Field

from bluegreen.model import Slot
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.clock import ms
from sim.fleets.checks import Checks
from sim.instance import Health, Instance, State
from sim.servers import ServerSpec

ZONES = ("a", "b", "c")
MINUTE = 60_000


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


class Surroundings(TypedDict):
    """What the machines of a slot are given of the world. `zones_down` is shared with it; `settle` is called before
    every change that the flow of requests meets."""

    env: simpy.Environment
    rng: Rng
    zones_down: set[str]
    settle: Callable[[], None]


class Machines(Checks):
    """Machines of one slot, in its `Surroundings`."""

    def __init__(
        self,
        slot: Slot,
        spec: MachineSpec,
        *,
        env: simpy.Environment,
        rng: Rng,
        zones_down: set[str],
        settle: Callable[[], None],
    ) -> None:
        super().__init__(
            env,
            rng,
            settle,
            ms(spec.warm_up),
            spec.cold,
            every=ms(spec.check_every),
            fails=spec.fails,
            passes=spec.passes,
        )
        self.slot = slot
        self.boot_factor = 1.0
        """Launching and booting take this many times as long."""
        self.boot_failure = spec.boot_failure
        self.spec, self._zones_down = spec, zones_down
        self._launch_ms, self._boot_ms, self._spread = ms(spec.launch), ms(spec.boot), spec.spread
        self._drain_ms, self._shutdown_ms = ms(spec.drain), ms(spec.shutdown)
        self._known: dict[str, Instance] = {}
        self._launched = 0
        self._held = dict.fromkeys(ZONES, 0)  # active machines
        self._oldest: dict[str, deque[Instance]] = {zone: deque() for zone in ZONES}  # those, and some that have gone
        self._crash_every: float | None = None
        self._crashes_until = 0
        self._registers = True

    # -- what is seen

    @property
    def instances(self) -> list[Instance]:
        """All machines, oldest first; terminated ones leave when they are gone."""
        return list(self._known.values())

    def instance(self, name: str) -> Instance | None:
        """The machine of that id."""
        return self._known.get(name)

    @property
    def active(self) -> int:
        """Machines that count towards the desired capacity."""
        return self.pending + self.in_service

    # -- what happens to them

    def zones_changed(self) -> None:
        """Some zone went down or came back."""
        lost = frozenset(self._zones_down)
        changed = lost ^ self._lost
        if not changed:
            return
        self._visible()
        there = [i for i in self._known.values() if i.zone in changed]
        for instance in there:
            self._count(instance, -1)
        self._lost = lost
        for instance in there:
            self._count(instance, 1)
            self._recheck(instance)

    # -- how they come

    def _new(self, zone: str, state: State = State.PENDING) -> Instance:
        self._launched += 1
        return Instance(
            f"i-{1 if self.slot is Slot.BLUE else 2:x}{self._launched:016x}",
            zone,
            int(self._env.now),
            int(self._rng.random() * self._every),
            state,
        )

    def _join(self, instance: Instance) -> None:
        """It counts towards the desired capacity from now on."""
        self._known[instance.id] = instance
        self._held[instance.zone] += 1
        self._oldest[instance.zone].append(instance)
        self._count(instance, 1)

    def _start(self, instance: Instance) -> None:
        """EC2 is asked for it."""
        instance.broken = float(self._rng.random()) < self.boot_failure
        self._after(self._delay(self._launch_ms), self._given, instance)

    def _given(self, instance: Instance) -> None:
        """EC2 has given it: it runs."""
        if instance.state is State.PENDING:
            self._boot(instance)
            self._enter(instance)

    def _enter(self, instance: Instance) -> None:
        """It comes in service."""
        self._visible()
        self._count(instance, -1)
        if instance.booted:
            instance.state = State.SERVING
            self._warms(instance)
        else:
            instance.state = State.BOOTING
        instance.entered = int(self._env.now)
        instance.attached = self._registers
        self._count(instance, 1)
        if instance.attached:
            self._first_checks(instance)
        if instance.booted:
            self._wears(instance)

    def _boot(self, instance: Instance) -> None:
        if not instance.broken:
            self._after(self._delay(self._boot_ms), self._booted, instance)

    def _booted(self, instance: Instance) -> None:
        if instance.state is State.PENDING or instance.state is State.WARMED:
            instance.booted = True
        elif instance.state is State.BOOTING:
            self._visible()
            self._count(instance, -1)
            instance.state = State.SERVING
            self._warms(instance)
            self._count(instance, 1)
            self._recheck(instance)
            self._wears(instance)

    # -- how they fail

    def _wear(self, crash_every_ms: float | None) -> None:
        """A minute begins in which serving machines crash after `crash_every_ms` on average. Crashes happen to
        machines that are there now at their moments; those that come later draw when they come (`_wears`)."""
        self._crash_every = crash_every_ms
        self._crashes_until = int(self._env.now) + MINUTE
        if crash_every_ms is not None:
            for instance in self.instances:
                if instance.state is State.SERVING:
                    self._wears(instance)

    def _wears(self, instance: Instance) -> None:
        if self._crash_every is None:
            return
        life = -self._crash_every * log(1.0 - float(self._rng.random()))
        if self._env.now + life < self._crashes_until:
            since = instance.serving_since

            def crash(instance: Instance) -> None:
                if instance.state is State.SERVING and instance.serving_since == since:
                    self._crash(instance)

            self._after(round(life), crash, instance)

    def _crash(self, instance: Instance) -> None:
        self._visible()
        self._count(instance, -1)
        instance.state, instance.warming = State.BOOTING, False
        self._count(instance, 1)
        self._recheck(instance)
        self._boot(instance)

    # -- how they go

    def _drop(self, instance: Instance, wait: int = 0, drain: bool = True) -> None:
        """It is on its way out: it drains, waits `wait` ms more for a lifecycle hook, shuts down and is gone."""
        if instance.active:
            self._held[instance.zone] -= 1
        drains = drain and instance.attached
        if instance.attached:
            self._visible()
        self._count(instance, -1)
        instance.state, instance.health, instance.terminated = State.TERMINATING, Health.DRAINING, int(self._env.now)
        instance.drains, instance.attached, instance.warming = instance.attached, False, False
        instance.verdict = None
        self._after(wait + self._shutdown_ms + (self._drain_ms if drains else 0), self._gone, instance)

    def _gone(self, instance: Instance) -> None:
        self._known.pop(instance.id, None)

    def _least_wanted(self) -> Instance:
        """The oldest of the fullest zone (default termination policy, shortened)."""
        zone = max(ZONES, key=self._held.__getitem__)
        oldest = self._oldest[zone]
        while not oldest[0].active:
            oldest.popleft()
        return oldest[0]

    # -- time

    def _after(self, wait: int, what: Callable[[Instance], None], instance: Instance) -> None:
        self._env.timeout(wait).callbacks.append(lambda _: what(instance))

    def _delay(self, mean: float) -> int:
        """Log-normal, in milliseconds."""
        spread = self._spread
        return round(mean * self.boot_factor * exp(spread * float(self._rng.standard_normal()) - spread * spread / 2))
