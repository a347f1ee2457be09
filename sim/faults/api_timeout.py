"""AWS never answers calls."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.api import TroubleKind
from sim.faults.api import ApiFault


class ApiTimeout(ApiFault):
    """Calls are never answered, and take no effect."""

    kind: Literal["api_timeout"] = "api_timeout"
    trouble: ClassVar[TroubleKind] = "timeout"

    @property
    def about(self) -> str:
        return f"{self.which} time out"
