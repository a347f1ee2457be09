"""The new version answers some requests with errors."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot
from sim.scene import Scene


class BadRelease(OnSlot):
    """`error_rate` of the requests are answered with HTTP 500."""

    kind: Literal["bad_release"] = "bad_release"
    error_rate: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"the new version fails {show_share(self.error_rate)} of its requests"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.error_rate += self.error_rate

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.error_rate -= self.error_rate
