"""Equal steps: 10 %, 20 %, ... 100 %."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.registry import examples
from bluegreen.strategies.base import Step, Strategy
from bluegreen.units import PositiveDuration, Share


class Linear(Strategy):
    """Rise by `step` until all traffic has moved, and watch each step for `hold`."""

    model_config = examples({"step": "50%", "hold": "5m"}, {"step": "25%", "hold": "5m"})

    kind: Literal["linear"] = "linear"
    step: Annotated[Share, Field(gt=0, le=1)]
    hold: PositiveDuration

    def steps(self) -> tuple[Step, ...]:
        count = round(1 / self.step + 0.499999)
        return tuple(Step(min(1.0, round(self.step * (i + 1), 6)), self.hold) for i in range(count))
