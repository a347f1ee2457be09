"""Route 53 takes very long to tell all its servers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, product
from sim.scene import Scene


class SlowDns(Fault):
    """Changes made while it lasts need `factor` times as long to be INSYNC."""

    kind: Literal["slow_dns"] = "slow_dns"
    factor: Annotated[float, Field(gt=1, le=1000)]

    @property
    def about(self) -> str:
        return f"changes of DNS records need {self.factor:g} times as long"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(factor=chance.pick((3, 10, 60)))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.dns, "delay_factor", self.factor, product)
