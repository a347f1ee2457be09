"""What the faults of the AWS API share: which calls they meet, and how often. No kind of its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.api import ApiTrouble
from sim.faults.base import Fault
from sim.scene import Scene


class ApiFault(Fault):
    """The base: trouble with some of the calls."""

    calls: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    """Which calls, as patterns like `route53:*` or `autoscaling:SetDesiredCapacity`."""
    chance: Annotated[Share, Field(gt=0)] = 1.0

    @property
    def trouble(self) -> ApiTrouble:
        raise NotImplementedError

    @property
    def which(self) -> str:
        return f"{show_share(self.chance)} of {', '.join(self.calls)}"

    def strike(self, scene: Scene) -> None:
        scene.world.api.troubles.append(self.trouble)

    def heal(self, scene: Scene) -> None:
        scene.world.api.troubles.remove(self.trouble)
