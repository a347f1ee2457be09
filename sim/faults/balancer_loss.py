"""A balancer loses some of its nodes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.scene import Scene


class BalancerLoss(Deed, OnSlot):
    """The slot's balancer loses `capacity` of what it can carry, and grows again as fast as balancers grow. What it
    cannot carry meanwhile is answered 503."""

    kind: Literal["balancer_loss"] = "balancer_loss"
    capacity: Annotated[Share, Field(gt=0, lt=1)]

    @property
    def about(self) -> str:
        return f"the balancer of {self.whom} loses {show_share(self.capacity)} of its capacity"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(capacity=chance.pick((0.3, 0.5, 0.9)), slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        self.place(scene).balancer.warm *= 1 - self.capacity
