"""The page for when both slots are broken: a bucket with the public name, and the failover records at that name."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant
from bluegreen.preview.policy.record import change, zone_of

BUCKET = (
    "CreateBucket",
    "GetBucketTagging",
    "ListBucket",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketTagging",
    "PutBucketWebsite",
)
OF_A_CHECK = ("ChangeTagsForResource", "DeleteHealthCheck", "GetHealthCheckStatus", "ListTagsForResources")
"""Their ids are AWS's: nobody can narrow this to a service (Service Authorization Reference, Amazon Route 53)."""


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if plan.fallback is None:
        return
    name, zone, actions = plan.fallback.name, zone_of(plan, arns), ("CREATE", "UPSERT", "DELETE")
    if plan.service.records == "cname":  # the slots' records get their health checks in the same change
        yield change("FallbackRecords", zone, (name, plan.service.record), "CNAME", actions)
        yield Grant("HealthChecks", ("route53:CreateHealthCheck", "route53:ListHealthChecks"))
        its = tuple(f"route53:{action}" for action in OF_A_CHECK)
        yield Grant("OfAHealthCheck", its, (arns.anywhere("route53", "healthcheck/*"),))
    else:
        yield change("FallbackRecords", zone, (name,), "A", actions)
    if not plan.fallback.existing:
        yield Grant("Bucket", tuple(f"s3:{action}" for action in BUCKET), (arns.anywhere("s3", name),))
        yield Grant("Page", ("s3:PutObject",), (arns.anywhere("s3", f"{name}/*"),))
