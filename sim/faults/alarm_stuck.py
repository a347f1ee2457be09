"""An alarm stays in one state, whatever happens: nobody feeds its metric, or somebody set it by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Self

from sim.alarms import AlarmState
from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, laid_over
from sim.scene import Scene


class AlarmStuck(Fault):
    """The alarm of that name, or every alarm, is in `state`. Of several faults on one alarm the last one counts."""

    kind: Literal["alarm_stuck"] = "alarm_stuck"
    alarm: str | None = None
    state: AlarmState

    @property
    def about(self) -> str:
        who = f"alarm {self.alarm}" if self.alarm else "every alarm"
        return f"{who} is stuck in {self.state.replace('_', ' ')}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        states: tuple[AlarmState, ...] = ("OK", "INSUFFICIENT_DATA", "ALARM")
        return cls(state=chance.pick(states))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        names = [self.alarm] if self.alarm else list(scene.world.metrics.alarms)
        yield Turn(scene.world.metrics, "forced_alarms", dict.fromkeys(names, self.state), laid_over)
