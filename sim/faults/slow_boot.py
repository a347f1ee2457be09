"""Machines take longer to start."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.faults.base import OnSlot
from sim.scene import Scene


class SlowBoot(OnSlot):
    """Starting a machine takes `factor` times as long."""

    kind: Literal["slow_boot"] = "slow_boot"
    factor: Annotated[float, Field(gt=1, le=100)]

    @property
    def about(self) -> str:
        return f"machines take {self.factor:g} times as long to start"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].fleet.boot_factor *= self.factor

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].fleet.boot_factor /= self.factor
