"""The slot that was live, when the file says `retire: remove`."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

ELB = "elasticloadbalancing"


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    live = plan.live
    if plan.retire != "remove" or not live.group:
        return
    yield Grant("RetireGroup", ("autoscaling:DeleteAutoScalingGroup",), (arns.group(live.group),))
    # Whichever target groups the live group is in: their names are not in the file.
    yield Grant("RetireTargetGroups", (f"{ELB}:DeleteTargetGroup",), (arns.of(ELB, "targetgroup/*/*"),))
    if not plan.traffic.shared:
        both = (arns.of(ELB, f"loadbalancer/app/{live.balancer}/*"), arns.of(ELB, f"loadbalancer/{live.balancer}"))
        yield Grant("RetireBalancer", (f"{ELB}:DeleteLoadBalancer",), both)
        yield Grant("Look", (f"{ELB}:DescribeLoadBalancerAttributes",), condition=arns.in_regions)
