"""Capacity that balancers have before the users come: a balancer grows with its load, and a new one has had none.

    prewarm: {kind: reservation, units: 200, also_live: true}

Load that is made before the shift is no matter of this file: it is a check (`bluegreen/checks/locust.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from bluegreen.registry import Spec

if TYPE_CHECKING:
    from bluegreen.plan import Plan

PER_BALANCER = 15_000
"""Limits of Application Load Balancers: reserved capacity units of one."""


class Reservation(Spec):
    """Load balancer capacity units (LCU) reserved before the first user is sent to the candidate, and given back when
    the rollout is over (Application Load Balancers User Guide, capacity unit reservation)."""

    kind: Literal["reservation"]
    units: Annotated[int, Field(ge=1, le=PER_BALANCER)]
    """The balancer's metric PeakLCUs says how many the traffic needs."""
    also_live: bool = False
    """Reserve as many for the live balancer: it shrinks while it has no load, and a way back after a long bake gives it
    all of it at once."""

    @field_validator("kind", mode="before")
    @classmethod
    def _load_is_a_check(cls, kind: Any) -> Any:
        if kind == "load":
            raise ValueError(
                "possible is 'reservation'; load before the shift is a check:"
                " `verify: {checks: [{kind: locust, file: ..., users: ...}]}`"
            )
        return kind


def problems(plan: Plan) -> Iterator[str]:
    """What of this plan a reservation does not go with."""
    if plan.prewarm is not None and plan.traffic.shared:
        yield (
            "prewarm: both slots stand behind the live balancer, which has all of the traffic anyway; leave prewarm out"
        )


_ADVICE = {
    "CapacityUnitsLimitExceeded": "ask AWS for a higher quota of reserved capacity units (a Region begins with 0),"
    " reserve fewer, or leave prewarm out of the rollout file",
    "InvalidConfigurationRequest": "reserve another number of units, or leave prewarm out of the rollout file",
    "InsufficientCapacity": "AWS has not so much to give just now; reserve fewer, or try at another time",
}
"""By the API's error code (ModifyCapacityReservation): what a person can do."""


def advised(error: str) -> str:
    """What AWS said to a reservation, and what can be done."""
    return next((f"{error}; {advice}" for code, advice in _ADVICE.items() if f": {code}: " in error), error)


def not_for(name: str, kind: str) -> str:
    """Why nothing can be reserved for a balancer of this kind."""
    return (
        f"{name} is a {kind} balancer, and capacity can be reserved for application balancers only; leave prewarm out,"
        " and take steps that double the share at most"
    )
