"""Machines: a process each, for every instance that an Auto Scaling group in moto has."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from numpy.random import Generator

from bluegreen.model import Slot
from sim.draws import lognormal
from sim.fleets.spec import FleetSpec
from stage.config import Config
from stage.knobs import PlaceKnobs, StageWorld
from stage.pace import Pace
from stage.processes import Child

DRAWS = 256
"""So many draws of chance each machine is given."""


@dataclass(slots=True)
class Machine:
    """One machine. Times are the stage's, in Unix seconds."""

    id: str
    slot: Slot
    zone: str
    host: str
    launched: float
    """From then on EC2 has given it."""
    boot: float
    """Seconds from then until it answers; infinite: never."""
    grace: float
    """From then on Auto Scaling minds that it is unhealthy."""
    config: dict[str, object]
    old: bool = False
    """It was there before the stage was."""
    child: Child | None = None
    listening: threading.Event = field(default_factory=threading.Event)
    died: float | None = None
    crashes: float = inf
    """When its process dies the next time."""
    leaving: float | None = None
    told: dict[str, float] = field(default_factory=dict)

    def here(self, now: float) -> bool:
        """Whether it can be registered with a balancer. Old ones passed their checks long ago: they answer then."""
        return now >= self.launched and self.leaving is None and (not self.old or self.listening.is_set())

    def in_service(self, now: float) -> bool:
        return now >= self.launched and self.died is None and self.leaving is None


class Machines:
    """All machines of both slots, by instance id."""

    def __init__(self, world: StageWorld, specs: dict[Slot, FleetSpec], pace: Pace, config: Config) -> None:
        self.world, self.specs, self.pace, self.home = world, specs, pace, config.folder
        self.all: dict[str, Machine] = {}
        self._block, self._port, self._count = config.block, config.port, 0
        self._rng = {slot: world.rng(f"machines/{slot}") for slot in Slot}

    def of(self, slot: Slot) -> list[Machine]:
        return [machine for machine in self.all.values() if machine.slot is slot]

    def serving(self, slot: Slot) -> list[str]:
        """Those that a fault may kill: they run, and have had time to boot."""
        now = self.pace.seconds()
        return [m.id for m in self.of(slot) if m.in_service(now) and now >= m.launched + m.boot]

    # -- how they come and go ---------------------------------------------------------------------------------------

    def launch(self, name: str, slot: Slot, *, old: bool = False) -> Machine:
        """A new one; `old`: it was there before the stage was."""
        spec, knobs, rng, now = self.specs[slot], self.world.places[slot], self._rng[slot], self.pace.seconds()
        zones = self.world.good_zones or list(self.world.zones)
        own = self.of(slot)
        zone = min(zones, key=lambda z: sum(m.zone == z and m.leaving is None for m in own))
        launch = 0.0 if old else lognormal(rng, spec.launch, spec.spread).total_seconds()
        boot = 0.0 if old else lognormal(rng, spec.boot, spec.spread).total_seconds() * knobs.fleet.boot_factor
        fails = rng.random() < knobs.fleet.boot_failure or not self.world.good_zones
        machine = Machine(
            id=name,
            slot=slot,
            zone=zone,
            host=self._address(),
            launched=now + launch,
            boot=inf if fails and not old else boot,
            grace=now + launch + spec.grace.total_seconds(),
            config=self._config(name, slot, spec, rng),
            old=old,
        )
        self.all[name] = machine
        return machine

    def tend(self, name: str, now: float, tell_death: Callable[[Machine], None]) -> None:
        """Start its process when its time has come, notice its death, and let it crash where its version does."""
        machine = self.all[name]
        release = self.world.places[machine.slot].release
        if machine.child is None:
            if now >= machine.launched and machine.died is None and machine.boot < inf:
                self._start(machine, machine.boot - (now - machine.launched))
            return
        if not machine.child.running and machine.died is None and machine.leaving is None:
            machine.died = now
            tell_death(machine)
        if release.crash_every is None:
            machine.crashes = inf
        elif machine.crashes == inf:
            mean = release.crash_every.total_seconds()
            machine.crashes = now + self._rng[machine.slot].exponential(mean)
        if now >= machine.crashes and machine.died is None:
            machine.child.stop(0)
            machine.crashes = inf
            self._start(
                machine, lognormal(self._rng[machine.slot], self.specs[machine.slot].boot, 0.25).total_seconds()
            )

    def behave(self) -> None:
        """Tell each of them how its version behaves by now."""
        for machine in self.all.values():
            knobs: PlaceKnobs = self.world.places[machine.slot]
            behaviour = {
                "error_rate": knobs.release.error_rate,
                "latency_factor": knobs.release.latency_factor,
                "lost": min(1.0, knobs.leaked),
            }
            if machine.child is not None and machine.told != behaviour:
                machine.child.tell(**behaviour)
                machine.told = behaviour

    def kill(self, name: str) -> None:
        """Its process dies, as a machine would. Whoever looks after it finds out."""
        if (machine := self.all.get(name)) and machine.child is not None:
            machine.child.kill()
        elif machine is not None:
            machine.died = machine.died or self.pace.seconds()

    def remove(self, name: str) -> None:
        """It is gone."""
        machine = self.all.pop(name)
        if machine.child is not None:
            machine.child.stop(1)

    def stop(self) -> None:
        for name in list(self.all):
            self.remove(name)

    def _start(self, machine: Machine, boot: float) -> None:
        config = machine.config | {"host": machine.host, "boot": max(0.0, self.pace.real(boot))}
        command = [sys.executable, "-m", "stage.instance", json.dumps(config)]
        listening = machine.listening
        machine.child = Child(
            f"machine {machine.id}", command, self.home / "machines.log", listen=lambda _: listening.set()
        )
        machine.told = {}

    def _address(self) -> str:
        taken = {machine.host for machine in self.all.values()}
        while True:
            host = f"{self._block}.{20 + self._count % 230}"
            self._count += 1
            if host not in taken:
                return host

    def _config(self, name: str, slot: Slot, spec: FleetSpec, rng: Generator) -> dict[str, object]:
        shape = rng.exponential(size=DRAWS)
        return {
            "port": self._port,
            "workers": spec.parallel,
            "service": self.pace.real(spec.service_s),
            "queue": self.pace.real(spec.queue),
            "exponential": [round(float(draw / shape.mean()), 4) for draw in shape],
            "uniform": [round(float(draw), 4) for draw in rng.random(DRAWS)],
            "says": {"slot": str(slot), "instance": name},
        }
