"""CloudWatch gets no metrics."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.faults.base import OnSlots, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, union
from sim.scene import Scene


class MetricGap(OnSlots):
    """The balancers' metrics of `slot`, or of both, are not published."""

    kind: Literal["metric_gap"] = "metric_gap"

    @property
    def about(self) -> str:
        return f"no metrics of {self.whom}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.metrics, "gap", frozenset(self.slots), union)
