"""Somebody changes an alarm's threshold by hand."""

from __future__ import annotations

from typing import Literal, Self

from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorEditsAlarm(Deed):
    """The alarm of that name, or every alarm that has one, gets another threshold. It keeps its state until it is
    evaluated again (PutMetricAlarm)."""

    kind: Literal["operator_edits_alarm"] = "operator_edits_alarm"
    alarm: str | None = None
    threshold: float

    @property
    def about(self) -> str:
        who = f"alarm {self.alarm}" if self.alarm else "every alarm"
        return f"by hand: the threshold of {who} is {self.threshold:g} now"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(threshold=chance.pick((1e9, 0.5, -1.0)))

    def strike(self, scene: Scene) -> None:
        metrics = scene.world.metrics
        for name, alarm in list(metrics.alarms.items()):
            if self.alarm in (None, name) and alarm.threshold is not None:
                metrics.add_alarm(alarm.model_copy(update={"threshold": self.threshold}))
