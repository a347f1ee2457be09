"""Somebody terminates machines by hand."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorTerminates(Deed, OnSlot):
    """The oldest `instances` machines of the group are terminated; they drain first, and their successors are
    launched. With `shrink` nobody takes their place, down to the group's minimum."""

    kind: Literal["operator_terminates"] = "operator_terminates"
    instances: Annotated[int, Field(ge=1)]
    shrink: bool = False

    @property
    def about(self) -> str:
        what = f"{self.instances} machine{'s' if self.instances > 1 else ''} of {self.slot or 'the candidate'}"
        return f"by hand: {what} terminated{', for good' if self.shrink else ''}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(instances=chance.pick((1, 4, 20)), shrink=chance.pick((False, True)), slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        fleet = self.place(scene).fleet
        if fleet.exists and not fleet.removing:
            for instance in [each for each in fleet.instances if each.serves][: self.instances]:
                fleet.terminate(instance, self.shrink and fleet.desired > fleet.minimum, by="operator")
