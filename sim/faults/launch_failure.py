"""Machines cannot be launched: a wrong image, a missing permission, a broken launch template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class LaunchFailure(OnSlot):
    """`chance` of the launches fail at once; Auto Scaling tries again, more and more rarely."""

    kind: Literal["launch_failure"] = "launch_failure"
    chance: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{show_share(self.chance)} of the launches for {self.whom} fail"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(chance=chance.pick(SHARES), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).fleet, "launch_failure", self.chance, either)
