"""AWS answers calls with HTTP 500."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.api import TroubleKind
from sim.faults.api import ApiFault


class ApiError(ApiFault):
    """Calls are answered with HTTP 500. They take no effect."""

    kind: Literal["api_error"] = "api_error"
    trouble: ClassVar[TroubleKind] = "error"

    @property
    def about(self) -> str:
        return f"{self.which} fail with HTTP 500"
