"""A dual write that fails on one side: the writer's own store has it, and the other one never hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.chance import Chance
from sim.faults.databases import OnData
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class DualWriteFails(OnData):
    """So many of the `writes` stay in one store. Their users were told that all is well."""

    kind: Literal["dual_write_fails"] = "dual_write_fails"
    writes: Annotated[Share, Field(gt=0)] = 1.0

    @property
    def about(self) -> str:
        return f"{show_share(self.writes)} of the writes stay in the writer's own store"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(writes=chance.pick((0.1, 1.0)))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "one_sided", self.writes, either)
