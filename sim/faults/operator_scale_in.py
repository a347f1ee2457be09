"""Somebody shrinks a slot by hand, to save money."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorScaleIn(Deed, OnSlot):
    """The group's minimum and desired capacity are set to `instances`."""

    kind: Literal["operator_scale_in"] = "operator_scale_in"
    instances: Annotated[int, Field(ge=0)]

    @property
    def about(self) -> str:
        return f"by hand: {self.slot or 'the candidate'} to {self.instances} machines"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(instances=chance.pick((4, 1, 0)), slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        fleet = scene.world.places[self.where(scene.plan)].fleet
        fleet.minimum = min(fleet.minimum, self.instances)
        fleet.want(self.instances, by="operator")
