"""CloudWatch is late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Literal, Self

from bluegreen.units import PositiveDuration, show_duration
from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, total
from sim.scene import Scene


class MetricDelay(Fault):
    """A minute's points are published `later` than usual."""

    kind: Literal["metric_delay"] = "metric_delay"
    later: PositiveDuration

    @property
    def about(self) -> str:
        return f"metrics are published {show_duration(self.later)} later than usual"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(later=timedelta(minutes=chance.pick((1, 3, 8, 30))))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.metrics, "delay", self.later, total)
