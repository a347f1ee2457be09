"""The other region cannot be reached: neither does its replica hear of the source, nor does RDS there answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.api import ApiTrouble
from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn, listed
from sim.scene import Scene


class Partition(OnData):
    """Replication stops, and calls to RDS time out."""

    kind: Literal["partition"] = "partition"

    @property
    def about(self) -> str:
        return "the replica's region cannot be reached"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "replication_off", True, any_of)
        yield Turn(scene.world.api, "troubles", ApiTrouble("timeout", ("rds:*",)), listed)
