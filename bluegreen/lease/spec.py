"""`team:` in the rollout file: journal, lease and inbox in one DynamoDB table, for engines on several machines."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration


class Team(Spec):
    """Where a team keeps its rollouts."""

    table: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]
    """A DynamoDB table with the keys `pk` and `sk`, both text."""
    lease: Annotated[PositiveDuration, Field(ge=parse_duration("30s"))] = parse_duration("5m")
    """An engine that says nothing for so long counts as gone, and another one may take over. An engine says something
    at every look, so this must be well above `every` and what a look can take when AWS is slow (assumed: 5 minutes)."""
