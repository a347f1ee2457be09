"""An Availability Zone is lost, with every machine of both slots in it."""

from __future__ import annotations

from typing import Literal

from sim.faults.base import Fault
from sim.scene import Scene


class AzLoss(Fault):
    """Machines in `zone` (a, b or c) stop serving until the zone is back; Auto Scaling replaces them elsewhere."""

    kind: Literal["az_loss"] = "az_loss"
    zone: Literal["a", "b", "c"] = "a"

    @property
    def about(self) -> str:
        return f"Availability Zone {self.zone} is lost"

    def strike(self, scene: Scene) -> None:
        scene.world.zones_down.add(self.zone)

    def heal(self, scene: Scene) -> None:
        scene.world.zones_down.discard(self.zone)
