"""An operator tells the engine what to do."""

from __future__ import annotations

from typing import Literal, Self

from bluegreen.model import Command, Verb
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene

DRAWN: tuple[Verb, ...] = ("abort", "promote", "retry", "resume")


class OperatorSays(Deed):
    """Somebody asks the engine for something; it may make no sense at that moment."""

    kind: Literal["operator_says"] = "operator_says"
    verb: Verb = "abort"
    who: str = "operator"
    why: str = "told to"

    @property
    def about(self) -> str:
        return f"{self.who} says {self.verb}: {self.why}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(verb=chance.pick(DRAWN))

    def strike(self, scene: Scene) -> None:
        scene.desk.waiting.append(Command(self.verb, self.who, self.why))
