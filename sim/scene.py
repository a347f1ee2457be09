"""What a fault can reach: the world, and the people and processes around the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bluegreen.model import Command
from bluegreen.plan import Plan

if TYPE_CHECKING:
    from sim.world import World


@dataclass(slots=True)
class Desk:
    """The operators' side: commands wait here until the engine looks (`bluegreen.ports.Control`)."""

    waiting: list[Command] = field(default_factory=list)

    def take(self) -> tuple[Command, ...]:
        taken, self.waiting = tuple(self.waiting), []
        return taken


@dataclass(slots=True)
class Scene:
    """One rehearsal's moving parts."""

    world: World
    plan: Plan
    desk: Desk = field(default_factory=Desk)
    restart: timedelta = timedelta(minutes=2)
    """How long a dead engine stays dead."""
