"""AWS never answers calls."""

from __future__ import annotations

from typing import Literal

from sim.api import ApiTrouble
from sim.faults.api import ApiFault


class ApiTimeout(ApiFault):
    """Calls are never answered, and take no effect."""

    kind: Literal["api_timeout"] = "api_timeout"

    @property
    def about(self) -> str:
        return f"{self.which} calls time out"

    @property
    def trouble(self) -> ApiTrouble:
        return ApiTrouble("timeout", self.calls, self.chance)
