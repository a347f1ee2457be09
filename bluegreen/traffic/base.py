"""What every way to move traffic says of itself, so that the deciding need not know which one it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from bluegreen.registry import Spec

if TYPE_CHECKING:
    from bluegreen.plan import Plan

ALIAS_TTL = timedelta(seconds=60)
"""An alias answers with the TTL of its target, and ELB names have 60 s (Elastic Load Balancing User Guide)."""


class Mover(Spec):
    """A way to move traffic. Each kind is a file in this folder."""

    finest: ClassVar[int] = 255
    """What both weights may add up to: the finest share is one part of it."""
    divides: ClassVar[bool] = True
    """Whether it can give each slot a part of the traffic, and not only all or nothing."""
    weighs: ClassVar[bool] = True
    """Whether a share is set by weights; where it follows the number of machines, none gets more than its part."""
    shared: ClassVar[bool] = False
    """Whether both slots stand behind one balancer, the live one's. No rollout removes that."""
    counts_apart: ClassVar[bool] = True
    """Whether each slot's requests are counted by themselves; where both stand in one target group they are not."""
    by_dns: ClassVar[bool] = True
    """Whether users' resolvers and caches stand between a change and its effect."""
    confirms: ClassVar[bool] = True
    """Whether somebody tells when a change has reached all servers; else so much time is taken for it."""

    @property
    def everywhere(self) -> str:
        """Who must know of a change before it is in place."""
        return "all DNS servers" if self.by_dns else "all nodes of the balancer"

    def lasts(self, ttl: timedelta) -> timedelta:
        """How long a well-behaved user may still go to a slot that has lost its weight; `ttl`: of the records."""
        return ttl

    def lasts_back(self, ttl: timedelta) -> timedelta:
        """The same on the way back from the candidate."""
        return self.lasts(ttl)

    def takes(self, dns: timedelta) -> timedelta:
        """From a change until it is in place everywhere; `dns`: how long records take."""
        return dns

    def problems(self, plan: Plan) -> Iterator[str]:
        """What of this plan this way cannot do: what is wrong, where, what else is possible."""
        yield from ()


def middle_steps(plan: Plan) -> Sequence[float]:
    """The shares of the plan's steps that are neither nothing nor everything."""
    return [step.share for step in plan.steps if 0 < step.share < 1]


def no_fallback(plan: Plan, kind: str) -> Iterator[str]:
    """For ways that set no records: the page for when both slots are broken stands beside weighted records."""
    if plan.fallback is not None:
        yield f"fallback: it stands beside the slots' weighted records, which {kind} does not set; use route53"


def needs_copy(plan: Plan, kind: str) -> Iterator[str]:
    """For ways that put the candidate behind the live balancer: it must be a clone of the group alone."""
    yield from no_fallback(plan, kind)
    if plan.candidate.clone is None:
        yield f"traffic: {kind} puts a copy of the live group behind the live balancer; give `candidate: clone`"
