"""AWS answers calls with HTTP 500."""

from __future__ import annotations

from typing import Literal

from sim.api import ApiTrouble
from sim.faults.api import ApiFault


class ApiError(ApiFault):
    """Calls are answered with HTTP 500. They take no effect."""

    kind: Literal["api_error"] = "api_error"

    @property
    def about(self) -> str:
        return f"{self.which} calls fail with HTTP 500"

    @property
    def trouble(self) -> ApiTrouble:
        return ApiTrouble("error", self.calls, self.chance)
