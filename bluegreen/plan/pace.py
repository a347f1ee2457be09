"""How fast, how patient, and by when."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.checks.base import same_names as same_checks
from bluegreen.hooks.spec import AnyCheck
from bluegreen.model import Phase
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration


class Verify(Spec):
    """When the candidate counts as healthy before any user sees it."""

    healthy_for: Duration = parse_duration("2m")
    checks: tuple[AnyCheck, ...] = ()
    """All must pass, one after the other, each within a time limit of its own."""

    @model_validator(mode="after")
    def _checks_have_names(self) -> Self:
        if wrong := same_checks(self.checks):
            raise ValueError(wrong)
        return self


class Moved(Spec):
    """When users count as having followed the weights: a hold begins then."""

    band: Share = 0.05
    """The candidate's share of the requests may fall short of its share of the answers by so much; what few large
    resolvers make of a share by chance comes on top. At least half of a step's way must be seen."""
    within: PositiveDuration = parse_duration("15m")
    """After so long nobody waits for stragglers any more."""
    if_not: Literal["go_on", "rollback"] = "go_on"
    """What then: begin the hold all the same, since some clients never ask again, or go back."""


class Rollback(Spec):
    """How traffic goes back."""

    pace: Literal["as_it_comes", "stepped", "at_once"] = "as_it_comes"
    """When the live slot had shrunk: give it what it can carry while its capacity comes back, or all at once. Stepped:
    never more than `step` in `every`, for a live slot that is cold. A candidate that is dead is left at once."""
    step: Annotated[Share, Field(gt=0)] = 0.25
    every: PositiveDuration = parse_duration("1m")


class Drain(Spec):
    """When the slot that lost counts as left by everybody. The floor is the answers' TTL in any case."""

    below: Share = 0.0
    """The share of all requests that may still reach it: 0% means none in any minute."""
    quiet: PositiveDuration = parse_duration("5m")
    """For how long monitoring must show that."""
    ceiling: PositiveDuration = parse_duration("2h")
    """After this a human is asked; as soon as nobody uses it any more, that is the answer."""


class Deadlines(Spec):
    """After these lengths of time a phase has failed."""

    provision: PositiveDuration = parse_duration("30m")
    verify: PositiveDuration = parse_duration("20m")
    scale: PositiveDuration = parse_duration("20m")
    shift: PositiveDuration = parse_duration("10m")
    rollback: PositiveDuration = parse_duration("30m")
    """Twice: until all answers name the live slot again, and then until users have followed."""
    retire: PositiveDuration = parse_duration("30m")

    def of(self, phase: Phase) -> timedelta | None:
        """The limit of a phase; None for those that have a time of their own in the plan."""
        limit: timedelta | None = self.__dict__.get(phase)
        return limit
