"""Replication stops: an error, or DDL that the replica cannot follow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn
from sim.scene import Scene


class ReplicaStops(OnData):
    """Nothing is replicated: ReplicaLag is -1, which is below every limit."""

    kind: Literal["replica_stops"] = "replica_stops"

    @property
    def about(self) -> str:
        return "replication stops; ReplicaLag is -1"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "replication_off", True, any_of)
