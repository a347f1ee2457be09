"""One small step, watched for long, then everything."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bluegreen.registry import examples
from bluegreen.strategies.base import Step, Strategy
from bluegreen.units import PositiveDuration, Share


class Canary(Strategy):
    """Give the candidate `share`, watch for `hold`, then give it all and watch as long again (or `final_hold`)."""

    model_config = examples({"share": "10%", "hold": "5m"})

    kind: Literal["canary"] = "canary"
    share: Annotated[Share, Field(gt=0, lt=1)]
    hold: PositiveDuration
    final_hold: PositiveDuration | None = None

    def steps(self) -> tuple[Step, ...]:
        return Step(self.share, self.hold), Step(1.0, self.final_hold or self.hold)
