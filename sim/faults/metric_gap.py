"""CloudWatch gets no metrics."""

from __future__ import annotations

from typing import Literal

from bluegreen.model import Slot
from sim.faults.base import Fault
from sim.scene import Scene


class MetricGap(Fault):
    """The balancers' metrics of `slot`, or of both, are not published."""

    kind: Literal["metric_gap"] = "metric_gap"
    slot: Slot | None = None

    @property
    def about(self) -> str:
        return f"no metrics of {self.slot or 'either slot'}"

    def strike(self, scene: Scene) -> None:
        scene.world.metrics.gap.update([self.slot] if self.slot else Slot)

    def heal(self, scene: Scene) -> None:
        scene.world.metrics.gap.difference_update([self.slot] if self.slot else Slot)
