"""An alarm goes off and is quiet again, over and over, though nothing happens."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from datetime import timedelta
from typing import Any, Literal, Self

from bluegreen.units import PositiveDuration, parse_duration, show_duration
from sim.alarms import AlarmState
from sim.clock import ms
from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, laid_over
from sim.scene import Scene


class AlarmFlaps(Fault):
    """The alarm of that name, or every alarm, is in ALARM and OK by turns, for `every` each."""

    kind: Literal["alarm_flaps"] = "alarm_flaps"
    alarm: str | None = None
    every: PositiveDuration = parse_duration("3m")

    @property
    def about(self) -> str:
        who = f"alarm {self.alarm}" if self.alarm else "every alarm"
        return f"{who} changes between ALARM and OK every {show_duration(self.every)}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(every=timedelta(minutes=chance.pick((1, 3, 10))))

    def turns(self, scene: Scene, state: AlarmState = "ALARM") -> Iterable[Turn]:
        names = [self.alarm] if self.alarm else list(scene.world.metrics.alarms)
        yield Turn(scene.world.metrics, "forced_alarms", dict.fromkeys(names, state), laid_over)

    def strike(self, scene: Scene) -> None:
        super().strike(scene)
        scene.world.env.process(self._flap(scene))

    def _flap(self, scene: Scene) -> Generator[Any, Any, None]:
        states: tuple[AlarmState, AlarmState] = ("ALARM", "OK")
        while True:
            yield scene.world.env.timeout(ms(self.every))
            states = (states[1], states[0])
            [turn] = self.turns(scene, states[0])
            if not scene.knobs.holds(turn, by=self):
                return
            scene.knobs.let_go(turn, by=self)
            scene.knobs.hold(turn, by=self)
