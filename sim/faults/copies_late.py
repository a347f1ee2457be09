"""Some of what is copied from one store to the other arrives long after the rest: writes overtake each other."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import PositiveDuration, Share, parse_duration, show_duration, show_share
from sim.faults.chance import Chance
from sim.faults.databases import OnData
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class CopiesLate(OnData):
    """So many of the `writes` are copied `by` so much later than those that were made beside them. Who compares
    versions leaves what is newer; who does not overwrites it."""

    kind: Literal["copies_late"] = "copies_late"
    writes: Annotated[Share, Field(gt=0)] = 0.1
    by: PositiveDuration = parse_duration("5s")

    @property
    def about(self) -> str:
        return f"{show_share(self.writes)} of the writes reach the other store {show_duration(self.by)} late"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(writes=chance.pick((0.01, 0.1)), by=chance.pick((timedelta(seconds=5), timedelta(minutes=1))))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield self.turn(scene, "late", self.writes, either)
        yield self.turn(scene, "late_by", self.by.total_seconds(), longest)


def longest(rest: float, held: Iterable[float]) -> float:
    """The slowest counts."""
    return max(rest, *held)
