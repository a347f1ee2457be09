"""What a fault can reach: the world, and the people and processes around the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bluegreen.model import Command
from bluegreen.plan import Plan
from sim.faults.knobs import Knobs

if TYPE_CHECKING:
    from sim.world import World


@dataclass(slots=True)
class Desk:
    """The operators' side: commands wait here until the engine looks (`bluegreen.ports.Control`)."""

    waiting: list[Command] = field(default_factory=list)

    def take(self) -> tuple[Command, ...]:
        taken, self.waiting = tuple(self.waiting), []
        return taken


@dataclass(frozen=True, slots=True)
class Rival:
    """Another engine that wants the service; `frozen`: the first one stands still meanwhile."""

    frozen: bool


@dataclass(slots=True)
class Scene:
    """One rehearsal's moving parts."""

    world: World
    plan: Plan
    desk: Desk = field(default_factory=Desk)
    knobs: Knobs = field(default_factory=Knobs)
    """What faults hold. A world has one scene: two of them would not know of each other's hands."""
    restart: timedelta = timedelta(minutes=2)
    """How long a dead engine stays dead."""
    rival: Rival | None = None
