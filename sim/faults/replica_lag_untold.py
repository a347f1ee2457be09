"""CloudWatch has no points of the replica's lag."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn
from sim.scene import Scene


class ReplicaLagUntold(OnData):
    """ReplicaLag is not published, however far the replica is behind."""

    kind: Literal["replica_lag_untold"] = "replica_lag_untold"

    @property
    def about(self) -> str:
        return "no points of ReplicaLag"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "lag_untold", True, any_of)
