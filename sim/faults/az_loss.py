"""An Availability Zone is lost, with everything that is in it."""

from __future__ import annotations

from typing import Literal, Self

from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.scene import Scene


class AzLoss(Fault):
    """Machines of both slots in `zone` (a, b or c), balancers' nodes there and users' way to them are gone until it is
    back; so are users inside of it with their resolvers (`world.clients.zoned`). Auto Scaling replaces the machines
    elsewhere."""

    kind: Literal["az_loss"] = "az_loss"
    zone: Literal["a", "b", "c"] = "a"

    @property
    def about(self) -> str:
        return f"Availability Zone {self.zone} is lost"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(zone=chance.pick(("a", "b", "c")))

    def strike(self, scene: Scene) -> None:
        scene.world.lose_zone(self.zone)

    def heal(self, scene: Scene) -> None:
        scene.world.restore_zone(self.zone)
