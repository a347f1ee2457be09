"""An operator aborts the rollout."""

from __future__ import annotations

from typing import Literal

from bluegreen.model import Command
from sim.faults.base import Fault
from sim.scene import Scene


class OperatorAbort(Fault):
    """Somebody asks the engine to stop and go back."""

    kind: Literal["operator_abort"] = "operator_abort"
    who: str = "operator"
    why: str = "told to stop"

    @property
    def about(self) -> str:
        return f"{self.who} aborts: {self.why}"

    def strike(self, scene: Scene) -> None:
        scene.desk.waiting.append(Command("abort", self.who, self.why))

    def heal(self, scene: Scene) -> None:
        """What was said was said."""
