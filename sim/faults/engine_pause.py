"""The engine's process stands still for a while and goes on with what it knew before: a long garbage collection, a
machine that was frozen or moved."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from bluegreen.model import Phase
from bluegreen.units import PositiveDuration, show_duration
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene


class EnginePause(Deed):
    """The engine has decided, and stands still for `length` before it can do what it decided. It is caught at the very
    moment of a decision: `share` or `phase` says which, without `after`."""

    kind: Literal["engine_pause"] = "engine_pause"
    length: PositiveDuration

    @model_validator(mode="after")
    def _at_a_decision(self) -> Self:
        if self.after or (self.share is None and self.phase is None):
            raise ValueError("an engine is paused at a decision: give its share or its phase, and no after")
        return self

    @property
    def about(self) -> str:
        return f"the engine stands still for {show_duration(self.length)} between a decision and its deed"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        length = f"{chance.pick((1, 5, 30))}m"
        phase = chance.pick([phase for phase in Phase if phase is not Phase.DONE])
        return cls.model_validate({"length": length, "phase": phase})

    def strike(self, scene: Scene) -> None:
        scene.world.clock.sleep(self.length)  # the engine waits in its journal's append; the world goes on
