"""Users come in crowds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, product
from sim.scene import Scene


class DemandSpike(Fault):
    """There are `factor` times as many requests, on both slots as they share them."""

    kind: Literal["demand_spike"] = "demand_spike"
    factor: Annotated[float, Field(gt=0, le=100)]

    @property
    def about(self) -> str:
        return f"{self.factor:g} times as many requests"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(factor=chance.pick((1.3, 2, 4, 0.1)))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.demand, "factor", self.factor, product)
