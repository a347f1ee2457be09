"""One call goes wrong, and no other."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from sim.api import TroubleKind
from sim.faults.base import Deed
from sim.faults.chance import Chance
from sim.scene import Scene

TROUBLES: tuple[TroubleKind, ...] = ("throttle", "error", "timeout", "lost reply")


class ApiOnce(Deed):
    """The engine's n-th call to AWS, counted from 1, meets this trouble."""

    kind: Literal["api_once"] = "api_once"
    call: Annotated[int, Field(ge=1)]
    trouble: TroubleKind

    @property
    def about(self) -> str:
        return f"call {self.call} meets: {self.trouble}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(call=chance.whole(1, 1000), trouble=chance.pick(TROUBLES))

    def strike(self, scene: Scene) -> None:
        scene.world.api.at_call[self.call] = self.trouble
