"""The source has long-running writes, which the guardrails of a switchover do not accept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn
from sim.scene import Scene


class LongWrites(OnData):
    """A switchover of RDS is refused by its guardrails."""

    kind: Literal["long_writes"] = "long_writes"

    @property
    def about(self) -> str:
        return "the source database has long-running writes"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "long_writes", True, any_of)
