"""A fence lets writes through: one old process nobody thought of, a job with its own connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn
from sim.scene import Scene


class FenceLeaks(OnData):
    """The team's fence says that nobody writes, and writes are taken all the same."""

    kind: Literal["fence_leaks"] = "fence_leaks"

    @property
    def about(self) -> str:
        return "fences let writes through"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "leaky", True, any_of)
