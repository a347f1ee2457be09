"""The engine's process dies and is started again."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Duration, parse_duration, show_duration
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene


class EngineCrash(Deed):
    """The engine dies just before its next call to AWS, or before or after its n-th, and comes back after `down`."""

    kind: Literal["engine_crash"] = "engine_crash"
    down: Duration = parse_duration("2m")
    before_call: Annotated[int, Field(ge=1)] | None = None
    after_call: Annotated[int, Field(ge=1)] | None = None

    @property
    def about(self) -> str:
        when = f" before call {self.before_call}" if self.before_call else ""
        when += f" after call {self.after_call}" if self.after_call else ""
        return f"the engine dies{when}, and is back after {show_duration(self.down)}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(down=timedelta(minutes=chance.pick((1, 5, 30))))

    def strike(self, scene: Scene) -> None:
        scene.restart = self.down
        api = scene.world.api
        api.kill_at_once = not (self.before_call or self.after_call)
        api.kill_before |= {self.before_call} if self.before_call else set()
        api.kill_after |= {self.after_call} if self.after_call else set()
