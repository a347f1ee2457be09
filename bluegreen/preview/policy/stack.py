"""A candidate that is a CloudFormation stack. What its template makes is made with the caller's own permissions too,
and cannot be told from the rollout file (AWS CloudFormation User Guide, controlling access with IAM)."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

ACTIONS = (
    "CreateChangeSet",
    "CreateStack",
    "DeleteChangeSet",
    "DeleteStack",
    "DescribeChangeSet",
    "DescribeStackEvents",
    "DescribeStacks",
    "ListStackResources",
)


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if plan.candidate.template is None:
        return
    own = arns.of("cloudformation", f"stack/{arns.candidate}/*")
    yield Grant("Stack", tuple(f"cloudformation:{action}" for action in ACTIONS), (own,))
    reads = ("cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate")
    yield Grant("Look", reads, condition=arns.in_regions)
