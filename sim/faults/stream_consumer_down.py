"""What copies between two stores stands still: a consumer that is not started again, a slot that is full."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import OnData, any_of
from sim.faults.knobs import Turn
from sim.scene import Scene


class StreamConsumerDown(OnData):
    """Nothing is copied either way, and nothing is told. When it is back it goes on where it was, and catches up."""

    kind: Literal["stream_consumer_down"] = "stream_consumer_down"

    @property
    def about(self) -> str:
        return "nobody copies from one store to the other, and nobody tells how far they are apart"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "consumer_down", True, any_of)
