"""Both groups behind one target group: the share follows the number of healthy machines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from bluegreen.registry import examples
from bluegreen.traffic.base import Mover, middle_steps, needs_copy
from bluegreen.units import Duration, parse_duration, show_share

if TYPE_CHECKING:
    from bluegreen.plan import Plan


class GroupSwap(Mover):
    """The candidate's group is attached to the live target group beside the live group, and later the live group is
    detached. While both are attached each machine gets the same share, so the candidate's share is what its machines
    are of all: no weights, and never more than its whole group is (AWS whitepaper Blue/Green Deployments on AWS, swap
    the Auto Scaling group behind the load balancer)."""

    weighs: ClassVar[bool] = False
    shared: ClassVar[bool] = True
    counts_apart: ClassVar[bool] = False
    by_dns: ClassVar[bool] = False

    model_config = examples({})

    kind: Literal["group_swap"] = "group_swap"
    delay: Annotated[Duration, Field(le=parse_duration("5m"))] = parse_duration("10s")
    """From a change of the targets until all nodes of the balancer go by it. Unpublished; assumed."""

    def lasts(self, ttl: timedelta) -> timedelta:
        return self.delay

    def takes(self, dns: timedelta) -> timedelta:
        return self.delay

    def problems(self, plan: Plan) -> Iterator[str]:
        yield from needs_copy(plan, self.kind)
        if beyond := [share for share in middle_steps(plan) if share > 1 / 2]:
            shares = ", ".join(show_share(share) for share in beyond)
            yield (
                f"strategy: with both groups behind one balancer the candidate gets at most about half, so group_swap"
                f" has no step of {shares}; step from 50% or less to 100%, or use target_groups"
            )


def realised(live: int, candidate: int) -> float:
    """The candidate's share while both groups are attached, by healthy machines: what a step's share is rounded to."""
    return candidate / (live + candidate) if candidate else 0.0
