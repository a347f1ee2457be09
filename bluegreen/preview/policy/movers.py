"""Ways to move traffic other than weighted records."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant
from bluegreen.registry import kind_of

ELB = "elasticloadbalancing"
SWAP = ("autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:DetachLoadBalancerTargetGroups")


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    match kind_of(plan.traffic):
        case "target_groups":
            live = f"app/{plan.live.balancer}/*"
            yield Grant("Weights", (f"{ELB}:ModifyListener",), (arns.of(ELB, f"listener/{live}"),))
            yield Grant("RuleWeights", (f"{ELB}:ModifyRule",), (arns.of(ELB, f"listener-rule/{live}"),))
            yield Grant("Look", (f"{ELB}:DescribeListeners", f"{ELB}:DescribeRules"), condition=arns.in_regions)
        case "group_swap":
            # On the same groups as growing and holding: one statement with them.
            yield Grant("GrowAndHold", SWAP, arns.groups)
        case "beanstalk_swap":
            environments = (arns.beanstalk(plan.live.environment or "*"), arns.beanstalk(arns.candidate))
            yield Grant("Swap", ("elasticbeanstalk:SwapEnvironmentCNAMEs",), environments)
