"""The balancer's health checks fail now and then, though the machines are well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, either
from sim.fleet import Fleet
from sim.scene import Scene


class FlappingChecks(OnSlot):
    """Each health check of a serving machine fails with `chance`: machines are taken out, come back, and are replaced
    when their group heeds the balancer."""

    kind: Literal["flapping_checks"] = "flapping_checks"
    chance: Annotated[Share, Field(gt=0, lt=1)]

    @property
    def about(self) -> str:
        return f"{show_share(self.chance)} of the health checks of {self.whom} fail for no reason"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(chance=chance.pick((0.1, 0.3, 0.7)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).fleet, "failing", self.chance, either, put=_tell, rest=0.0)


def _tell(fleet: Fleet, name: str, chance: float) -> None:
    fleet.failing(chance, cause="flapping")
