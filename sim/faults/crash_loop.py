"""The new version's machines crash and start again, over and over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, Self

from bluegreen.units import PositiveDuration, show_duration
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, more_often
from sim.scene import Scene


class CrashLoop(OnSlot):
    """A machine crashes after `every` on average."""

    kind: Literal["crash_loop"] = "crash_loop"
    every: PositiveDuration

    @property
    def about(self) -> str:
        return f"{self.whom} crashes every {show_duration(self.every)}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(every=timedelta(minutes=chance.pick((60, 20, 5, 2))), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "crash_every", self.every, more_often)
