"""An operator sets the weights by hand, past the engine."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.model import Slot
from sim.faults.base import Fault
from sim.scene import Scene


class OperatorWeights(Fault):
    """Somebody sets the weights of the records that are there, in the console."""

    kind: Literal["operator_weights"] = "operator_weights"
    weights: dict[Slot, Annotated[int, Field(ge=0, le=255)]]

    @property
    def about(self) -> str:
        return "by hand: " + ", ".join(f"{slot} {weight}" for slot, weight in sorted(self.weights.items()))

    def strike(self, scene: Scene) -> None:
        dns = scene.world.dns
        there = {slot: weight for slot, weight in self.weights.items() if slot in dns.weights}
        if there:
            dns.change({**dns.weights, **there}, by="operator")

    def heal(self, scene: Scene) -> None:
        """Nobody takes it back by hand."""
