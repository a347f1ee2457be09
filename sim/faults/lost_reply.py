"""Calls take effect, but the reply is lost."""

from __future__ import annotations

from typing import Literal

from sim.api import ApiTrouble
from sim.faults.api import ApiFault


class LostReply(ApiFault):
    """Calls take effect, but the engine never learns."""

    kind: Literal["lost_reply"] = "lost_reply"

    @property
    def about(self) -> str:
        return f"replies to {self.which} calls are lost"

    @property
    def trouble(self) -> ApiTrouble:
        return ApiTrouble("lost reply", self.calls, self.chance)
