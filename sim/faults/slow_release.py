"""The new version is slower."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, product
from sim.scene import Scene


class SlowRelease(OnSlot):
    """Each request takes `factor` times as long, so that each machine also carries less."""

    kind: Literal["slow_release"] = "slow_release"
    factor: Annotated[float, Field(gt=1, le=1000)]

    @property
    def about(self) -> str:
        return f"{self.whom} takes {self.factor:g} times as long"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(factor=chance.pick((1.5, 2, 5, 20)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "latency_factor", self.factor, product)
