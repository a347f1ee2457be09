"""What a scenario's faults turn. The faults are the world's own, and strike a scene: here the scene's world is this, so
that a fault means the same on the stage as in a rehearsal. Whoever runs machines, metrics or the API obeys these knobs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from numpy.random import Generator

from bluegreen.model import Slot
from sim.api import Api
from sim.draws import generator
from sim.instance import State
from sim.release import Release

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.scenario import Scenario

ZONES = ("a", "b", "c")

POSSIBLE = (
    "api_error",
    "api_once",
    "api_slow",
    "api_throttle",
    "api_timeout",
    "az_loss",
    "bad_release",
    "boot_failure",
    "crash_loop",
    "engine_crash",
    "instance_loss",
    "leak",
    "lost_reply",
    "metric_delay",
    "metric_gap",
    "slow_boot",
    "slow_release",
)
"""Kinds of faults that the stage can do."""


@dataclass(slots=True)
class Serving:
    """A machine that an `instance_loss` may meet."""

    id: str
    state: State = State.SERVING


@dataclass(slots=True)
class FleetKnobs:
    """How a slot's machines come, and which there are."""

    serving: Callable[[], Iterable[str]]
    boot_factor: float = 1.0
    boot_failure: float = 0.0
    condemned: list[str] = field(default_factory=list)
    """Machines that a fault has killed, until somebody has done it."""

    @property
    def instances(self) -> list[Serving]:
        return [Serving(name) for name in sorted(self.serving())]

    def kill(self, unlucky: Iterable[Serving]) -> None:
        self.condemned += [machine.id for machine in unlucky]


@dataclass(slots=True)
class PlaceKnobs:
    """A slot."""

    fleet: FleetKnobs
    release: Release = field(default_factory=Release)
    leaked: float = 0.0
    """Share of its capacity that is lost to leaks so far."""


@dataclass(slots=True)
class MetricKnobs:
    """CloudWatch."""

    delay: timedelta
    gap: AbstractSet[Slot] = field(default_factory=set)


class StageWorld:
    """The stage, as faults see it."""

    zones = ZONES

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, serving: Callable[[Slot], Iterable[str]]) -> None:
        self.seed, self.plan = seed, plan
        self.places = {slot: PlaceKnobs(FleetKnobs(partial(serving, slot))) for slot in Slot}
        self.metrics = MetricKnobs(scenario.world.metrics.delay)
        self.api = Api(self.rng("api"), latency=timedelta(0))
        self.lost_zones: dict[str, int] = {}

    def rng(self, name: str) -> Generator:
        return generator(self.seed, f"stage/{name}")

    def lose_zone(self, zone: str) -> None:
        self.lost_zones[zone] = self.lost_zones.get(zone, 0) + 1

    def restore_zone(self, zone: str) -> None:
        self.lost_zones[zone] -= 1

    @property
    def good_zones(self) -> list[str]:
        """Where machines can be launched; with none left, everywhere in vain."""
        return [zone for zone in ZONES if not self.lost_zones.get(zone)]
