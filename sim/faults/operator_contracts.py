"""Somebody contracts the schema by hand, too early."""

from __future__ import annotations

from typing import Literal, Self

from sim.faults.chance import Chance
from sim.faults.databases import DeedOnData
from sim.scene import Scene


class OperatorContracts(DeedOnData):
    """The form that the old code needs is gone."""

    kind: Literal["operator_contracts"] = "operator_contracts"

    @property
    def about(self) -> str:
        return "by hand: the schema is contracted"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def strike(self, scene: Scene) -> None:
        if scene.world.data is not None:
            scene.world.data.contract_by_hand()
