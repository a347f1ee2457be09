"""The new version leaks: each machine can do less and less the longer it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, total
from sim.scene import Scene


class Leak(OnSlot):
    """A machine loses `per_hour` of its capacity for each hour it runs."""

    kind: Literal["leak"] = "leak"
    per_hour: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{self.whom} leaks {show_share(self.per_hour)} of a machine's capacity an hour"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(per_hour=chance.pick(SHARES), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "leak_per_hour", self.per_hour, total)
