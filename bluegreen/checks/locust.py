"""A load test before users come: a locust run with limits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.checks.base import Check
from bluegreen.checks.limits import Limits
from bluegreen.units import PositiveDuration, parse_duration


class Locust(Limits, Check):
    """locust, headless, against the candidate's own balancer. Too many failures or too slow an answer fails. When the
    load that was asked for was not reached, nobody knows how the candidate would have fared: unknown."""

    kind: Literal["locust"] = "locust"
    file: Path
    """A locust file, or one of those that come with this package: `loadtests/steady.py`."""
    users: Annotated[int, Field(ge=1)]
    spawn_rate: Annotated[float, Field(gt=0)] = 1.0
    """Users started in a second."""
    lasts: PositiveDuration = parse_duration("2m")
    host: str = ""
    """Default: the candidate's balancer."""
    arguments: tuple[str, ...] = ()
    """Passed on to locust: ["--tags", "checkout"], ["--processes", "2"]."""

    @property
    def asks_candidate(self) -> bool:
        return not self.host

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.timeout <= self.lasts:
            raise ValueError("timeout must be longer than lasts: locust also has to start, and to stop its users")
        return self
