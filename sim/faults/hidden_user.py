"""Somebody uses a slot that nobody knows of: a nightly job, a partner, a monitor that calls the balancer's own name."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.units import PositiveDuration, parse_duration, show_duration
from sim.callers import Caller
from sim.clock import ms
from sim.faults.base import OnSlot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, listed
from sim.scene import Scene


class HiddenUser(OnSlot):
    """Every so often so many requests come to the slot that was live, whatever the weights say: they use its balancer's
    name instead of the service's."""

    kind: Literal["hidden_user"] = "hidden_user"
    requests: Annotated[int, Field(ge=1, le=100_000)] = 5
    every: PositiveDuration = parse_duration("10m")

    @property
    def about(self) -> str:
        who = self.slot or "the old slot"
        return f"{self.requests} requests every {show_duration(self.every)} to {who}'s balancer by its own name"

    def where(self, plan: Plan) -> Slot:
        return self.slot or plan.live.slot

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(requests=chance.pick((1, 50)), every=timedelta(minutes=chance.pick((1, 7, 20))))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(self.place(scene), "callers", Caller(self.requests, ms(self.every)), _also)


def _also(rest: tuple[Caller, ...], more: Iterable[Caller]) -> tuple[Caller, ...]:
    return tuple(listed(rest, tuple(more)))
