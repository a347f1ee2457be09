"""The new version fails for some requests only: one endpoint, one kind of user."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, either
from sim.scene import Scene

CLASSES = (0.002, 0.01, 0.05)
"""Classes of requests as large as a rare, a usual and an important endpoint."""


class BadForSome(OnSlot):
    """A class of requests, the share `requests` of all, fails `error_rate` of the time; the others are well, and the
    mean over all hides it."""

    kind: Literal["bad_for_some"] = "bad_for_some"
    requests: Annotated[Share, Field(gt=0)]
    error_rate: Annotated[Share, Field(gt=0)] = 1.0
    which: str = "one endpoint"
    """What the class is, in a few words."""

    @property
    def about(self) -> str:
        those = f"{self.which}, {show_share(self.requests)} of all requests"
        return f"{self.whom} fails {show_share(self.error_rate)} of {those}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(requests=chance.pick(CLASSES), error_rate=chance.pick((0.3, 1.0)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "error_rate", self.requests * self.error_rate, either)
