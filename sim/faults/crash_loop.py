"""The new version's machines crash and start again, over and over."""

from __future__ import annotations

from typing import Literal

from bluegreen.units import PositiveDuration, show_duration
from sim.faults.base import OnSlot
from sim.scene import Scene


class CrashLoop(OnSlot):
    """A machine crashes after `every` on average."""

    kind: Literal["crash_loop"] = "crash_loop"
    every: PositiveDuration

    @property
    def about(self) -> str:
        return f"the new version crashes every {show_duration(self.every)}"

    def strike(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.crash_every = self.every

    def heal(self, scene: Scene) -> None:
        scene.world.places[self.where(scene.plan)].release.crash_every = None
