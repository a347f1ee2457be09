"""The new version answers some requests with errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class BadRelease(OnSlot):
    """`error_rate` of the requests are answered with HTTP 500."""

    kind: Literal["bad_release"] = "bad_release"
    error_rate: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{self.whom} fails {show_share(self.error_rate)} of its requests"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(error_rate=chance.pick(SHARES), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "error_rate", self.error_rate, either)
