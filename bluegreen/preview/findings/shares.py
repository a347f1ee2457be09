"""Whether the steps' shares are what users will see."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from bluegreen.decide.capacity import upper_share
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.preview.steps import machines_at, realised
from bluegreen.units import show_share

TOLERATED = 0.05
"""How far a share may be from what was asked for, as a part of it."""
FAR = 0.25
"""The same, where only whole machines count."""
LUMPY = 2.0
DOUBLE = 2.0


@finding(
    "weight-granularity",
    Severity.WARNING,
    fact="Route 53 API Reference, ResourceRecordSet, Weight: a whole number from 0 to 255 (a target group's: to 999)",
)
def granularity(case: Case) -> Iterator[Hit]:
    """A step's share cannot be written as weights: what users get differs from it by more than a twentieth."""
    for number, step in enumerate(case.plan.steps if case.plan.traffic.weighs else (), start=1):
        got = _realised(case, step.share)
        if abs(got - step.share) > TOLERATED * step.share:
            what = f"step {number} asks for {show_share(step.share)}; the nearest weights give {show_share(got)}"
            yield Hit(("strategy",), what, f"ask for {show_share(got)}, or for a share that weights can give")


@finding(
    "share-follows-machines",
    Severity.NOTE,
    fact="AWS whitepaper Blue/Green Deployments on AWS, swap the Auto Scaling group: behind one balancer each machine"
    " gets the same part",
)
def machines(case: Case) -> Iterator[Hit]:
    """Without weights a step gives what its machines are of all, which is far from the share that it asks for."""
    for number, step in enumerate(case.plan.steps if not case.plan.traffic.weighs else (), start=1):
        got = _realised(case, step.share)
        if abs(got - step.share) > FAR * step.share:
            what = f"step {number} asks for {show_share(step.share)}; its machines beside the live ones get {got:.0%}"
            yield Hit(("strategy",), what, f"reckon with {got:.0%}, or use target_groups, which have weights")
            return


def _realised(case: Case, share: float) -> float:
    return realised(case.plan, share, machines_at(case.known.instances, case.plan))


@finding(
    "few-resolvers-lumpy-share",
    Severity.NOTE,
    fact="each DNS cache draws one answer for all its users: the realised share has a standard deviation of"
    " sqrt(p(1-p)/N) over N equal caches (binomial)",
)
def lumpy(case: Case) -> Iterator[Hit]:
    """Users behind so few DNS caches that a small step may become twice as large."""
    resolvers = case.plan.candidate.resolvers
    for number, step in enumerate(case.plan.steps, start=1):
        upper = upper_share(step.share, resolvers)
        if case.plan.traffic.by_dns and step.share < 1 and upper >= LUMPY * step.share:
            what = (
                f"step {number} asks for {show_share(step.share)}; behind {resolvers} caches it may become"
                f" {show_share(upper)}"
            )
            yield Hit(
                ("candidate", "resolvers"), what, "expect that, begin with a larger step, or count your resolvers"
            )
            return


@finding(
    "step-outruns-the-balancer",
    Severity.WARNING,
    fact="Application Load Balancers User Guide, capacity reservations: reserve when traffic will more than double in"
    " under 5 minutes",
)
def outruns(case: Case) -> Iterator[Hit]:
    """A step more than doubles the traffic on a new balancer, or gives it half of everything at once."""
    if case.plan.traffic.shared or case.plan.prewarm is not None:
        return
    shares = [0.0, *(step.share for step in case.plan.steps)]
    for number, (before, after) in enumerate(itertools.pairwise(shares), start=1):
        if after > DOUBLE * before and (before or after >= 1 / DOUBLE):
            what = (
                f"step {number} takes the candidate's balancer from {show_share(before)} to {show_share(after)} at once"
            )
            yield Hit(("strategy",), what, "put steps between, each at most twice the one before, or `prewarm` it")
            return
