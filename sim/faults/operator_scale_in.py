"""Somebody shrinks a slot by hand, to save money."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.faults.base import OnSlot
from sim.scene import Scene


class OperatorScaleIn(OnSlot):
    """The group's minimum and desired capacity are set to `instances`."""

    kind: Literal["operator_scale_in"] = "operator_scale_in"
    instances: Annotated[int, Field(ge=0)]

    @property
    def about(self) -> str:
        return f"by hand: {self.slot or 'the candidate'} to {self.instances} machines"

    def strike(self, scene: Scene) -> None:
        fleet = scene.world.places[self.where(scene.plan)].fleet
        fleet.minimum = min(fleet.minimum, self.instances)
        fleet.want(self.instances, by="operator")

    def heal(self, scene: Scene) -> None:
        """Nobody takes it back by hand."""
