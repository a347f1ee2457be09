"""The new version is fine until it gets busy: something shared behind it gives way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, least
from sim.scene import Scene


class Collapse(OnSlot):
    """Above the share `load` of the service's mean demand most requests fail, however many machines there are."""

    kind: Literal["collapse"] = "collapse"
    load: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{self.whom} collapses above {show_share(self.load)} of the load"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(load=chance.pick((0.9, 0.6, 0.3, 0.05)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        rate = scene.world.demand.mean_rate * self.load
        yield Turn(self.place(scene).release, "collapse_at", rate, least)
