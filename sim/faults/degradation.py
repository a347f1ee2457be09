"""The new version gets slower and slower: a table that grows, a cache that fills, a heap that fragments."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from datetime import timedelta
from typing import Any, Literal, Self

from bluegreen.units import PositiveDuration, show_duration
from sim.clock import ms, now_ms
from sim.faults.base import OnSlot, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, product
from sim.scene import Scene

MOST = 64.0
"""It does not get slower than so many times: by then nobody is served."""
EVERY = ms(timedelta(minutes=1))


class Degradation(OnSlot):
    """The time of each request doubles every `doubles_every`, from when it strikes until it heals."""

    kind: Literal["degradation"] = "degradation"
    doubles_every: PositiveDuration

    @property
    def about(self) -> str:
        return f"{self.whom} gets slower: twice as slow every {show_duration(self.doubles_every)}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(doubles_every=timedelta(minutes=chance.pick((120, 40, 10))), slot=some_slot(chance))

    def turns(self, scene: Scene, factor: float = 1.0) -> Iterable[Turn]:
        yield Turn(self.place(scene).release, "latency_factor", factor, product)

    def strike(self, scene: Scene) -> None:
        super().strike(scene)
        scene.world.env.process(self._creep(scene))

    def _creep(self, scene: Scene) -> Generator[Any, Any, None]:
        world, began = scene.world, now_ms(scene.world.env)
        [rest] = self.turns(scene)
        while True:
            yield world.env.timeout(EVERY)
            if not scene.knobs.holds(rest, by=self):
                return
            world.settle()
            age = now_ms(world.env) - began
            [turn] = self.turns(scene, min(MOST, 2 ** (age / ms(self.doubles_every))))
            scene.knobs.let_go(rest, by=self)
            scene.knobs.hold(turn, by=self)
