"""What the faults of the AWS API share: which calls they meet, and how often. No kind of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Self

from pydantic import Field

from bluegreen.units import Share, show_share
from sim.api import ApiTrouble, TroubleKind
from sim.faults.base import Fault
from sim.faults.chance import SHARES, Chance
from sim.faults.knobs import Turn, listed
from sim.scene import Scene

CALLS = ("route53:*", "autoscaling:*", "elbv2:*", "cloudwatch:*", "*:Describe*", "route53:Change*", "*")


class ApiFault(Fault):
    """The base: trouble with some of the calls."""

    trouble: ClassVar[TroubleKind]
    calls: Annotated[tuple[str, ...], Field(min_length=1)] = ("*",)
    """Which calls, as patterns like `route53:*` or `autoscaling:SetDesiredCapacity`."""
    chance: Annotated[Share, Field(gt=0)] = 1.0

    @property
    def which(self) -> str:
        """The calls in words."""
        calls = "all calls" if "*" in self.calls else f"{', '.join(self.calls)} calls"
        return calls if self.chance == 1 else f"{show_share(self.chance)} of {calls}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(chance=chance.pick(SHARES), calls=(chance.pick(CALLS),))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.api, "troubles", ApiTrouble(self.trouble, self.calls, self.chance), listed)
