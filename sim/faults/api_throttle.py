"""AWS refuses calls because there were too many."""

from __future__ import annotations

from typing import Literal

from sim.api import ApiTrouble
from sim.faults.api import ApiFault


class ApiThrottle(ApiFault):
    """Calls are refused because there were too many. They take no effect."""

    kind: Literal["api_throttle"] = "api_throttle"

    @property
    def about(self) -> str:
        return f"{self.which} calls are throttled"

    @property
    def trouble(self) -> ApiTrouble:
        return ApiTrouble("throttle", self.calls, self.chance)
