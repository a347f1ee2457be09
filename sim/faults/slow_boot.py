"""Machines take longer to start."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, product
from sim.scene import Scene


class SlowBoot(OnSlot):
    """Starting a machine takes `factor` times as long."""

    kind: Literal["slow_boot"] = "slow_boot"
    factor: Annotated[float, Field(gt=1, le=100)]

    @property
    def about(self) -> str:
        return f"machines of {self.whom} take {self.factor:g} times as long to start"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(factor=chance.pick((1.5, 2.5, 5)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).fleet, "boot_factor", self.factor, product)
