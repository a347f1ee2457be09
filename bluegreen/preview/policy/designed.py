"""What checks want to know of how the candidate is built."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if not any(check.wants_built for check in (*plan.verify.checks, *(hook.check for hook in plan.hooks))):
        return
    yield Grant("Look", ("ec2:DescribeLaunchTemplateVersions",), condition=arns.in_regions)
    if plan.candidate.template is not None or plan.candidate.command is not None:
        stacks = arns.of("cloudformation", "stack/*/*")
        yield Grant("LookAtStack", ("cloudformation:DescribeStacks",), (stacks,))
