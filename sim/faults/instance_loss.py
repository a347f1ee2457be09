"""Machines die, all at the same moment: a rack, a host, a bad kernel."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.instance import State
from sim.scene import Scene


class InstanceLoss(Deed, OnSlot):
    """`instances` serving machines, chosen at random, answer nobody any more. Their balancer finds out by its health
    checks, Auto Scaling by those or by EC2's own, and replaces them."""

    kind: Literal["instance_loss"] = "instance_loss"
    instances: Annotated[int, Field(ge=1)]

    @property
    def about(self) -> str:
        return f"{self.instances} machine{'s' if self.instances > 1 else ''} of {self.whom} die at once"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(instances=chance.pick((1, 3, 20)), slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        fleet = self.place(scene).fleet
        serving = [instance for instance in fleet.instances if instance.state is State.SERVING]
        unlucky = scene.world.rng("faults").permutation(len(serving))[: self.instances]
        fleet.kill(serving[index] for index in sorted(unlucky))
