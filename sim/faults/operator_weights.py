"""An operator sets the weights by hand, past the engine."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.model import Slot
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorWeights(Deed):
    """Somebody sets the weights of the records that are there, in the console. Behind one balancer not all of them are
    set to zero: a listener that forwards to nobody is not modelled."""

    kind: Literal["operator_weights"] = "operator_weights"
    weights: dict[Slot, Annotated[int, Field(ge=0, le=255)]]

    @property
    def about(self) -> str:
        return "by hand: " + ", ".join(f"{slot} {weight}" for slot, weight in sorted(self.weights.items()))

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(weights={slot: chance.pick((0, 50, 255)) for slot in Slot})

    def strike(self, scene: Scene) -> None:
        dns = scene.world.dns
        there = {slot: weight for slot, weight in self.weights.items() if slot in dns.weights}
        then = {**dns.weights, **there}
        if there and (scene.plan.traffic.by_dns or any(then.values())):
            dns.change(then, by="operator")
