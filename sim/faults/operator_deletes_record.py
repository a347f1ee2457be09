"""Somebody deletes a slot's record by hand."""

from __future__ import annotations

from typing import Literal, Self

from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorDeletesRecord(Deed, OnSlot):
    """The slot's weighted record is deleted in the console; behind one balancer, its target group is taken out of the
    listener's rule. The last one stays, and so does the only one with a weight behind a balancer: a service that
    nobody could reach is not modelled."""

    kind: Literal["operator_deletes_record"] = "operator_deletes_record"

    @property
    def about(self) -> str:
        return f"by hand: the record of {self.slot or 'the candidate'} is deleted"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        dns, slot = scene.world.dns, self.where(scene.plan)
        kept = {each: weight for each, weight in dns.weights.items() if each is not slot}
        if kept and slot in dns.weights and (scene.plan.traffic.by_dns or any(kept.values())):
            dns.change(kept, by="operator")
