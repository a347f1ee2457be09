"""Machines of the new version do not come up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class BootFailure(OnSlot):
    """`chance` of the launches never become healthy."""

    kind: Literal["boot_failure"] = "boot_failure"
    chance: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{show_share(self.chance)} of the machines launched for {self.whom} never become healthy"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(chance=chance.pick(SHARES), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).fleet, "boot_failure", self.chance, either)
