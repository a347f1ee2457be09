"""Both slots: looked at, grown, held. Describe actions of Auto Scaling, ELB and CloudWatch know no resources."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

READ = (
    "autoscaling:DescribeAutoScalingGroups",
    "elasticloadbalancing:DescribeInstanceHealth",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "cloudwatch:GetMetricData",
)


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    yield Grant("Look", READ, condition=arns.in_regions)
    if any(gate.alarms() for gate in plan.gates):
        # A narrower scope would leave composite alarms out (CloudWatch API Reference, DescribeAlarms).
        yield Grant("Look", ("cloudwatch:DescribeAlarms",), condition=arns.in_regions)
    if plan.selftest.drill:
        alarms = tuple(arns.of("cloudwatch", f"alarm:{name}") for name in plan.selftest.drill)
        yield Grant("Drill", ("cloudwatch:SetAlarmState", "cloudwatch:DescribeAlarmHistory"), alarms)
    yield Grant(
        "GrowAndHold",
        (
            "autoscaling:CreateOrUpdateTags",
            "autoscaling:DeleteTags",
            "autoscaling:ResumeProcesses",
            "autoscaling:SuspendProcesses",
            "autoscaling:UpdateAutoScalingGroup",
        ),
        arns.groups,
    )
