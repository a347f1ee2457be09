"""Everything in one change."""

from __future__ import annotations

from typing import Literal

from bluegreen.registry import examples
from bluegreen.strategies.base import Step, Strategy
from bluegreen.units import PositiveDuration


class AllAtOnce(Strategy):
    """Give the candidate all traffic in one change and watch for `hold`."""

    model_config = examples({"hold": "5m"})

    kind: Literal["all_at_once"] = "all_at_once"
    hold: PositiveDuration

    def steps(self) -> tuple[Step, ...]:
        return (Step(1.0, self.hold),)
