"""The new version leaks: each machine can do less and less the longer it runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot
from sim.scene import Scene


class Leak(OnSlot):
    """A machine loses `per_hour` of its capacity for each hour it runs."""

    kind: Literal["leak"] = "leak"
    per_hour: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"the new version leaks {show_share(self.per_hour)} of a machine's capacity an hour"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.leak_per_hour += self.per_hour

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.leak_per_hour -= self.per_hour
