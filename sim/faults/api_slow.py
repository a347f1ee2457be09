"""AWS answers late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, Self

from bluegreen.units import PositiveDuration, show_duration
from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, total
from sim.scene import Scene


class ApiSlow(Fault):
    """Every call of the engine takes `longer`."""

    kind: Literal["api_slow"] = "api_slow"
    longer: PositiveDuration

    @property
    def about(self) -> str:
        return f"every call to AWS takes {show_duration(self.longer)} longer"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(longer=timedelta(seconds=chance.pick((1, 5, 20))))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.api, "latency", self.longer, total)
