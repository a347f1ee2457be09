"""Machines of the new version do not come up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot
from sim.scene import Scene


class BootFailure(OnSlot):
    """`chance` of the launches never become healthy."""

    kind: Literal["boot_failure"] = "boot_failure"
    chance: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{show_share(self.chance)} of the launched machines never become healthy"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].fleet.boot_failure += self.chance

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].fleet.boot_failure -= self.chance
