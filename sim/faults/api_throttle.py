"""AWS refuses calls because there were too many."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.api import TroubleKind
from sim.faults.api import ApiFault


class ApiThrottle(ApiFault):
    """Calls are refused because there were too many. They take no effect."""

    kind: Literal["api_throttle"] = "api_throttle"
    trouble: ClassVar[TroubleKind] = "throttle"

    @property
    def about(self) -> str:
        return f"{self.which} are throttled"
