"""Capacity reserved for balancers."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

ELB = "elasticloadbalancing"


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if plan.prewarm is None:
        return
    yield Grant("Look", (f"{ELB}:DescribeCapacityReservation",), condition=arns.in_regions)
    candidate = arns.candidate if plan.candidate.clone is not None else "*"
    names = (candidate, plan.live.balancer or "*") if plan.prewarm.also_live else (candidate,)
    balancers = tuple(arns.of(ELB, f"loadbalancer/app/{name}/*") for name in dict.fromkeys(names))
    yield Grant("Reserve", (f"{ELB}:ModifyCapacityReservation",), balancers)
