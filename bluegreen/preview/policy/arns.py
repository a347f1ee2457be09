"""On what permissions are given: ARNs of what the file names, and of what the rollout will make."""

from __future__ import annotations

from dataclasses import dataclass

from bluegreen.plan import Plan
from bluegreen.preview.names import made

PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
"""Regions whose ARNs begin differently (AWS General Reference, ARNs)."""


def partition_of(region: str) -> str:
    return next((name for prefix, name in PARTITIONS.items() if region.startswith(prefix)), "aws")


@dataclass(frozen=True, slots=True)
class Arns:
    """ARNs for one plan. With several accounts or regions in the guard their place is `*`: the policy stands in one
    account anyway, and reading is bound to the regions by a condition."""

    plan: Plan
    roles: tuple[str, ...] = ()
    """Names of IAM roles that machines and hooks may get."""

    @property
    def regions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.plan.guard.regions))

    @property
    def in_regions(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The condition that binds a statement to the guard's regions."""
        return {"StringEquals": {"aws:RequestedRegion": self.regions}}

    @property
    def candidate(self) -> str:
        """Names of what the rollout makes in the candidate's slot."""
        return made(self.plan).replace("?????", "*")

    def of(self, service: str, rest: str) -> str:
        """An ARN in the guard's region and account."""
        return self._arn(service, self.regions[0] if len(self.regions) == 1 else "*", self._account, rest)

    def within(self, region: str) -> Arns:
        """The same in one other region."""
        guard = self.plan.guard.model_copy(update={"regions": (region,)})
        return Arns(self.plan.model_copy(update={"guard": guard}), self.roles)

    def anywhere(self, service: str, rest: str) -> str:
        """An ARN of a service that knows no regions and, here, no accounts: Route 53, S3."""
        return self._arn(service, "", "", rest)

    def iam(self, rest: str) -> str:
        """An ARN of IAM, which knows no regions."""
        return self._arn("iam", "", self._account, rest)

    def group(self, name: str) -> str:
        return self.of("autoscaling", f"autoScalingGroup:*:autoScalingGroupName/{name}")

    @property
    def groups(self) -> tuple[str, ...]:
        """Both slots' groups. Only a clone's name is known before it is made."""
        candidate = self.candidate if self.plan.candidate.clone is not None else "*"
        return tuple(dict.fromkeys((self.group(self.plan.live.group or "*"), self.group(candidate))))

    def beanstalk(self, environment: str, application: str = "*") -> str:
        return self.of("elasticbeanstalk", f"environment/{application}/{environment}")

    @property
    def _account(self) -> str:
        accounts = sorted(set(self.plan.guard.accounts))
        return accounts[0] if len(accounts) == 1 else "*"

    def _arn(self, service: str, region: str, account: str, rest: str) -> str:
        return f"arn:{partition_of(self.regions[0])}:{service}:{region}:{account}:{rest}"
