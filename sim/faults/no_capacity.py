"""EC2 has no more machines to give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import OnSlots, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, union
from sim.scene import Scene


class NoCapacity(OnSlots):
    """In `zones` (of a, b and c) no machine can be launched; those that run go on running."""

    kind: Literal["no_capacity"] = "no_capacity"
    zones: Annotated[tuple[Literal["a", "b", "c"], ...], Field(min_length=1)]

    @property
    def about(self) -> str:
        where = "any zone" if len(set(self.zones)) == 3 else f"zone {' and '.join(sorted(self.zones))}"
        return f"EC2 has no capacity in {where} for {self.whom}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        zones: tuple[str, ...] = chance.pick((("a",), ("b", "c"), ("a", "b", "c")))
        return cls.model_validate({"zones": zones, "slot": some_slot(chance)})

    def turns(self, scene: Scene) -> Iterable[Turn]:
        for slot in self.slots:
            yield Turn(scene.world.places[slot].fleet, "capacity_short", frozenset(self.zones), union)
