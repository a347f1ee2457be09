"""Elastic Beanstalk environments. Beanstalk makes what is inside of them with the caller's permissions, too (Elastic
Beanstalk Developer Guide, managing user policies): those are AWS's own managed policy, and are not listed here.
"""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

EB = "elasticbeanstalk"
READ = ("DescribeApplications", "DescribeEnvironmentResources", "DescribeEnvironments", "DescribeEvents")


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    spec, live = plan.candidate.beanstalk, plan.live.environment
    if spec is None and live is None:
        return
    yield Grant("Look", tuple(f"{EB}:{action}" for action in READ), condition=arns.in_regions)
    if spec is not None:
        own = (arns.beanstalk(arns.candidate, spec.application),)
        writes = ("CreateEnvironment", "ListTagsForResource", "TerminateEnvironment")
        yield Grant("Environment", tuple(f"{EB}:{action}" for action in writes), own)
        tags = {
            f"{EB}:AddTags": "tags are given when the environment is made (Elastic Beanstalk Developer Guide, tagging)"
        }
        yield Grant("Environment", tuple(tags), own, implied=tags)
    if live is not None and plan.retire == "remove":
        yield Grant("RetireEnvironment", (f"{EB}:TerminateEnvironment",), (arns.beanstalk(live),))
