"""A replica applies its source's writes too slowly: a long query, a small machine, a table without a primary key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.chance import Chance
from sim.faults.databases import OnData
from sim.faults.knobs import Turn, product
from sim.scene import Scene


class ReplicaLag(OnData):
    """It applies writes only `speed` times as fast as it would: where that is too slow for what the source takes, it
    falls further and further behind."""

    kind: Literal["replica_lag"] = "replica_lag"
    speed: Annotated[float, Field(ge=0, lt=1)] = 0.1

    @property
    def about(self) -> str:
        return f"the replica applies writes {self.speed:g} times as fast as before"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(speed=chance.pick((0.0, 0.1, 0.3)))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "replica_speed", self.speed, product)
