"""A second engine is started for the same service, on another machine."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from bluegreen.model import Phase
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Rival, Scene


class SecondEngine(Deed):
    """Somebody starts an engine for a service that has one. With `frozen` the first one stands still, from a decision
    on, until the second one has its lease. Without a `team` in the rollout file there is one machine: its lock refuses
    the second engine at once."""

    kind: Literal["second_engine"] = "second_engine"
    frozen: bool = False

    @model_validator(mode="after")
    def _at_a_decision(self) -> Self:
        if self.frozen and (self.after or (self.share is None and self.phase is None)):
            raise ValueError("an engine is frozen at a decision: give its share or its phase, and no after")
        return self

    @property
    def about(self) -> str:
        return f"a second engine is started{' while the first stands still' if self.frozen else ''}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        phase = chance.pick([phase for phase in Phase if phase is not Phase.DONE])
        return cls(phase=phase, frozen=chance.pick((False, True)))

    def strike(self, scene: Scene) -> None:
        scene.rival = Rival(self.frozen)
