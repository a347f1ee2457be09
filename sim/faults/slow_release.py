"""The new version is slower."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.faults.base import OnSlot
from sim.scene import Scene


class SlowRelease(OnSlot):
    """Each request takes `factor` times as long, so that each machine also carries less."""

    kind: Literal["slow_release"] = "slow_release"
    factor: Annotated[float, Field(gt=1, le=1000)]

    @property
    def about(self) -> str:
        return f"the new version takes {self.factor:g} times as long"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.latency_factor *= self.factor

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.latency_factor /= self.factor
