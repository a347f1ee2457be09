"""An Availability Zone is ill in a way that health checks do not see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import Fault
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, either
from sim.scene import Scene


class GrayZone(Fault):
    """Requests that go by way of `zone` (a, b or c) fail with `error_rate`, in both slots, while health checks pass.
    One request in three meets it: balancers have a node in each zone, and DNS spreads users evenly over the nodes
    (Elastic Load Balancing User Guide, how it works)."""

    kind: Literal["gray_zone"] = "gray_zone"
    zone: Literal["a", "b", "c"] = "a"
    error_rate: Annotated[Share, Field(gt=0)]

    @property
    def about(self) -> str:
        return f"{show_share(self.error_rate)} of the requests in zone {self.zone} fail, unseen by health checks"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(zone=chance.pick(("a", "b", "c")), error_rate=chance.pick(SHARES))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        for place in scene.world.places.values():
            yield Turn(place.release, "error_rate", self.error_rate / len(scene.world.zones), either)
