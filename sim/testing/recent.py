"""What was rehearsed last in this process. Nothing heavy: the pytest plugin looks here after every failed test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.testing.drawn import Drawn
    from sim.tiers import Tier


@dataclass(slots=True)
class Recent:
    """The scenario as it was tried, or nothing since it was forgotten."""

    scenario: Drawn | None = None
    tier: Tier | None = None

    def tries(self, scenario: Drawn, tier: Tier) -> None:
        self.scenario, self.tier = scenario, tier

    def forget(self) -> None:
        self.scenario = self.tier = None


RECENT = Recent()
"""One process runs one test at a time."""
