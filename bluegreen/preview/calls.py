"""Which calls to AWS the engine's adapters make, port by port, and how often AWS may be asked.

The lists follow `bluegreen/aws`; a test compares them with the calls that a rehearsal counts. Where the adapters do
different things for application and classic balancers, the application ones are meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.model import Presence, Slot
from bluegreen.plan import Plan
from bluegreen.registry import kind_of

GROUPS = "autoscaling:DescribeAutoScalingGroups"
HEALTH = "elbv2:DescribeTargetHealth"
BALANCER = ("elbv2:DescribeLoadBalancers", "elbv2:DescribeTargetGroups")
ABSENT = ("elbv2:DescribeLoadBalancers", "elb:DescribeLoadBalancers")
LIST = "route53:ListResourceRecordSets"
ZONES, CHANGE = "route53:ListHostedZonesByName", "route53:GetChange"
STACK = "cloudformation:DescribeStacks"

TEMPLATE = ("ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions", "ec2:CreateLaunchTemplate")
TARGET_GROUP = (
    *("elbv2:DescribeTargetGroups",) * 2,
    "elbv2:CreateTargetGroup",
    *("elbv2:DescribeTargetGroupAttributes",) * 2,
)
OWN_BALANCER = (
    *("elbv2:DescribeLoadBalancers",) * 2,
    "elbv2:CreateLoadBalancer",
    *("elbv2:DescribeLoadBalancerAttributes",) * 2,
    *("elbv2:DescribeListeners",) * 2,
    "elbv2:CreateListener",
    "elbv2:DescribeRules",
)
GROUP = (
    "autoscaling:DescribeLifecycleHooks",
    "autoscaling:CreateAutoScalingGroup",
    *("autoscaling:DescribePolicies",) * 2,
    "autoscaling:PutScalingPolicy",
)
FORWARDS = ("elbv2:DescribeListeners", "elbv2:DescribeRules")
MOVERS: dict[str, tuple[tuple[str, ...], str]] = {
    "route53": ((LIST,), "route53:ChangeResourceRecordSets"),
    "target_groups": (FORWARDS, "elbv2:ModifyListener"),
    "group_swap": ((GROUPS, HEALTH), "autoscaling:AttachLoadBalancerTargetGroups"),
    "beanstalk_swap": (("elasticbeanstalk:DescribeEnvironments",), "elasticbeanstalk:SwapEnvironmentCNAMEs"),
}
"""What reading and changing who gets which share takes."""
POLICIES = ("autoscaling:DescribePolicies", "autoscaling:DescribePolicies")
REMOVE = (
    "elbv2:DeleteLoadBalancer",
    "elbv2:DescribeTargetGroups",
    "elbv2:DeleteTargetGroup",
    "autoscaling:DeleteAutoScalingGroup",
)


@dataclass(frozen=True, slots=True)
class Quota:
    """How often a service, or one of its operations, may be asked."""

    calls: str  # a prefix of call names
    per_second: float
    burst: int
    source: str


QUOTAS = (
    Quota("route53:", 10, 50, "Route 53 Developer Guide, throttling; formerly 5 a second"),
    Quota("cloudwatch:GetMetricData", 50, 50, "CloudWatch User Guide, service quotas"),
    Quota("cloudwatch:DescribeAlarms", 9, 9, "CloudWatch User Guide, service quotas"),
)
"""AWS publishes no figures for the others."""


class Ledger:
    """Counts the calls of one walk, look by look. Each takes its time: `passes` is told how much."""

    def __init__(self, plan: Plan, call: timedelta, passes: Callable[[timedelta], None]) -> None:
        self._live = plan.live.slot
        self._stack = plan.candidate.template is not None
        self._copy = plan.candidate.clone is not None
        self._mover = kind_of(plan.traffic)
        self._makes = (*TEMPLATE, *_between(plan, self._mover), *GROUP)
        self._call, self._passes = call, passes
        self._settled: set[Slot] = set()
        self.calls: Counter[str] = Counter()
        self.busiest: Counter[str] = Counter()
        """For each service, the most calls between two looks."""
        self._now: Counter[str] = Counter()

    def ask(self, *calls: str) -> None:
        self.calls.update(calls)
        self._now.update(call.partition(":")[0] for call in calls)
        self._passes(self._call * len(calls))

    def next_look(self) -> None:
        self.busiest |= self._now
        self._now.clear()

    def look(self, slot: Slot, presence: Presence) -> None:
        if slot is not self._live and self._stack and presence is not Presence.READY:
            self.ask(STACK)
            return
        self.ask(GROUPS)
        if presence in (Presence.ABSENT, Presence.REMOVING):
            self._settled.discard(slot)
            self.ask(*ABSENT)
            return
        if slot not in self._settled:
            self.ask(*BALANCER)
            if presence is Presence.READY:
                self._settled.add(slot)
                self.ask(*(POLICIES if slot is not self._live and self._copy else ()))
        self.ask(HEALTH)

    def create(self, slot: Slot, again: bool) -> None:
        """Made in one go; asked again, only what may be missing is compared."""
        if self._stack:
            self.ask(STACK, *(() if again else ("cloudformation:CreateStack",)))
        elif again:
            self.ask(GROUPS, GROUPS, GROUPS, *BALANCER, *POLICIES)
        else:
            self.ask(GROUPS, *BALANCER, GROUPS, *self._makes, GROUPS, *BALANCER)

    def resize(self) -> None:
        self.ask(GROUPS, "autoscaling:UpdateAutoScalingGroup")

    def hold(self, held: bool) -> None:
        tags, processes = ("CreateOrUpdateTags", "SuspendProcesses") if held else ("DeleteTags", "ResumeProcesses")
        self.ask(GROUPS, f"autoscaling:{tags}", "autoscaling:UpdateAutoScalingGroup", f"autoscaling:{processes}")

    def remove(self, slot: Slot, again: bool) -> None:
        if slot is not self._live and self._stack:
            self.ask(STACK, "cloudformation:DeleteStack")
        else:
            self.ask(GROUPS, *(ABSENT if again else (*BALANCER, *REMOVE)))

    def read_weights(self, *, pending: bool) -> None:
        if self._mover == "route53" and not self.calls[ZONES]:
            self.ask(ZONES)
        self.ask(*MOVERS[self._mover][0], *((CHANGE,) if pending and self._mover == "route53" else ()))

    def set_weights(self, changed: bool) -> None:
        reads, change = MOVERS[self._mover]
        self.ask(*reads, *((change,) if changed else ()))

    def read_metrics(self) -> None:
        self.ask("cloudwatch:GetMetricData")

    def read_alarms(self) -> None:
        self.ask("cloudwatch:DescribeAlarms")


def _between(plan: Plan, mover: str) -> tuple[str, ...]:
    """What a clone gets between its launch template and its group."""
    if mover == "group_swap":
        return ()
    return (*TARGET_GROUP, *(FORWARDS if plan.traffic.shared else OWN_BALANCER))
