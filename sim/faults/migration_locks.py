"""A migration holds a lock that requests wait for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.chance import SHARES, Chance
from sim.faults.databases import OnData
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class MigrationLocks(OnData):
    """While a migration of the rollout runs, so many of the `requests` to both slots fail at the lock."""

    kind: Literal["migration_locks"] = "migration_locks"
    requests: Annotated[Share, Field(gt=0)] = 0.5

    @property
    def about(self) -> str:
        return f"migrations lock a table that {show_share(self.requests)} of the requests need"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(requests=chance.pick(SHARES))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "locked", self.requests, either)
