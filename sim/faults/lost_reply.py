"""Calls take effect, but the reply is lost."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.api import TroubleKind
from sim.faults.api import ApiFault


class LostReply(ApiFault):
    """Calls take effect, but the engine never learns."""

    kind: Literal["lost_reply"] = "lost_reply"
    trouble: ClassVar[TroubleKind] = "lost reply"

    @property
    def about(self) -> str:
        return f"the replies to {self.which} are lost"
