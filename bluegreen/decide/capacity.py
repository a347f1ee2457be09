"""How many instances a share of the traffic needs, and which share a number of instances can carry."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor, sqrt

from bluegreen.model import Rollout, Slot
from bluegreen.plan import Plan

TAIL = 2.0
"""Standard deviations: the realised share of a step is above its upper tail about one time in forty."""


def upper_share(share: float, resolvers: int) -> float:
    """The upper tail of the realised share, when users sit behind `resolvers` equally large caches and each cache
    draws one answer: share + 2·sqrt(share·(1-share)/resolvers) (binomial; Route 53 draws an answer per query)."""
    return min(1.0, share + TAIL * sqrt(share * (1 - share) / resolvers))


def full(plan: Plan, rollout: Rollout) -> int:
    """Instances of the candidate that all of the traffic needs."""
    return plan.candidate.instances or rollout.live_capacity


def needed(plan: Plan, rollout: Rollout, share: float) -> int:
    """Instances of the candidate that `share` of the traffic needs, upper tail and margin included."""
    spec = plan.candidate
    load = upper_share(share, spec.resolvers) * full(plan, rollout) * (1 + spec.margin)
    return max(1, ceil(round(load, 6)))


def live_can_carry(plan: Plan, rollout: Rollout, healthy: int) -> float:
    """The share the live slot can carry with `healthy` instances, when it carried all with what it had at the
    start and the plan's margin is its slack too."""
    enough = ceil(round(rollout.live_capacity / (1 + plan.candidate.margin), 6))
    if healthy >= enough:
        return 1.0
    return floor(100 * healthy / enough) / 100


def weights_for(live: Slot, share: float, finest: int = 255) -> Mapping[Slot, int]:
    """Weights that give the candidate `share`: hundredths when these are exact, else parts of `finest`, which is what
    the way of moving traffic can tell apart (Route 53: 255)."""
    hundredths = round(share * 100)
    exact = abs(share * 100 - hundredths) < 1e-9 and (0 < hundredths < 100 or share in (0, 1))
    total = 100 if exact else finest
    candidate = round(share * total)
    if 0 < share < 1:
        candidate = min(max(candidate, 1), total - 1)
    return {live: total - candidate, live.other: candidate}


def show_weights(weights: Mapping[Slot, int]) -> str:
    """`blue 60, green 40`."""
    return ", ".join(f"{slot} {weight}" for slot, weight in sorted(weights.items()))
