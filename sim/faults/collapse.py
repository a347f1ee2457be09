"""The new version is fine until it gets busy: something shared behind it gives way."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot
from sim.scene import Scene


class Collapse(OnSlot):
    """Above the share `load` of the service's mean demand most requests fail, however many machines there are."""

    kind: Literal["collapse"] = "collapse"
    load: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"the new version collapses above {show_share(self.load)} of the load"

    def strike(self, scene: Scene) -> None:
        rate = scene.world.demand.spec.rate * self.load
        scene.world.places[self.where(scene.plan)].release.collapse_at = rate

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.collapse_at = None
