"""The steps as listed."""

from __future__ import annotations

import itertools
from typing import Annotated, Literal

from pydantic import Field, field_validator

from bluegreen.registry import Spec, examples
from bluegreen.strategies.base import Step, Strategy
from bluegreen.units import PositiveDuration, Share, show_share


class CustomStep(Spec):
    """One listed step."""

    share: Annotated[Share, Field(gt=0, le=1)]
    hold: PositiveDuration


class Custom(Strategy):
    """Any rising list of shares that ends at 100 %."""

    model_config = examples({"steps": [{"share": "20%", "hold": "5m"}, {"share": "100%", "hold": "10m"}]})

    kind: Literal["custom"] = "custom"
    steps_: Annotated[tuple[CustomStep, ...], Field(alias="steps", min_length=1)]

    @field_validator("steps_")
    @classmethod
    def _rise_to_all(cls, steps: tuple[CustomStep, ...]) -> tuple[CustomStep, ...]:
        shares = [step.share for step in steps]
        if any(later <= earlier for earlier, later in itertools.pairwise(shares)):
            raise ValueError(f"the shares must rise: {', '.join(map(show_share, shares))}")
        if shares[-1] != 1:
            raise ValueError(f"the last share is {show_share(shares[-1])}; the weights must reach 100%")
        return steps

    def steps(self) -> tuple[Step, ...]:
        return tuple(Step(step.share, step.hold) for step in self.steps_)
