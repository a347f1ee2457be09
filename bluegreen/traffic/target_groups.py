"""Weighted target groups behind one application balancer: no DNS in between."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from bluegreen.registry import examples
from bluegreen.traffic.base import Mover, needs_copy
from bluegreen.units import Duration, parse_duration

if TYPE_CHECKING:
    from bluegreen.plan import Plan


class TargetGroups(Mover):
    """The candidate is a copy of the live group with a target group of its own on the live balancer. Every listener and
    rule that forwards to the live target group forwards to both, with weights from 0 to 999 (Elastic Load Balancing
    API Reference, TargetGroupTuple)."""

    finest: ClassVar[int] = 999
    shared: ClassVar[bool] = True
    by_dns: ClassVar[bool] = False

    model_config = examples({}, {"stickiness": "10m"})

    kind: Literal["target_groups"] = "target_groups"
    delay: Annotated[Duration, Field(le=parse_duration("5m"))] = parse_duration("10s")
    """From a change of a listener until all nodes of the balancer go by it. Unpublished; assumed."""
    stickiness: Annotated[Duration, Field(ge=parse_duration("1s"), le=parse_duration("7d"))] | None = None
    """How long a user stays with the target group that was chosen first, whatever the weights are then, 0 included.
    Default: the rollout turns stickiness between target groups off (TargetGroupStickinessConfig); it does so in any
    case as long as the candidate has no weight, so that a way back takes everybody along."""

    def lasts(self, ttl: timedelta) -> timedelta:
        return self.delay + (self.stickiness or timedelta(0))

    def lasts_back(self, ttl: timedelta) -> timedelta:
        return self.delay  # cookies are not minded then

    def takes(self, dns: timedelta) -> timedelta:
        return self.delay

    def sticky(self, candidate: int) -> timedelta | None:
        """How long a user stays with a target group, given the candidate's weight. A candidate without any has no
        users yet, or is left because it is bad: then none is held there by a cookie."""
        return self.stickiness if candidate else None

    def problems(self, plan: Plan) -> Iterator[str]:
        yield from needs_copy(plan, self.kind)
