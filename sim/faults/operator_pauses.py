"""An operator pauses the rollout."""

from __future__ import annotations

from typing import Literal, Self

from bluegreen.model import Command
from sim.faults.base import Fault
from sim.faults.chance import Chance
from sim.scene import Scene


class OperatorPauses(Fault):
    """Somebody asks the engine to stand still, and to go on after `lasts`; without that, never."""

    kind: Literal["operator_pauses"] = "operator_pauses"
    who: str = "operator"
    why: str = "told to wait"

    @property
    def about(self) -> str:
        return f"{self.who} pauses: {self.why}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls()

    def strike(self, scene: Scene) -> None:
        scene.desk.waiting.append(Command("pause", self.who, self.why))

    def heal(self, scene: Scene) -> None:
        scene.desk.waiting.append(Command("resume", self.who, self.why))
