"""A candidate that is a copy: group, balancer, target groups, launch template, by their names and tags."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant
from bluegreen.registry import kind_of

ELB = "elasticloadbalancing"
LAUNCH = "Auto Scaling asks for it when a launch template is named (EC2 Auto Scaling User Guide, API permissions)"


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if plan.candidate.clone is None:
        return
    yield from _group(arns)
    yield from _balancer(plan, arns)
    yield from _template(plan, arns)
    yield from _launches(arns)


def _group(arns: Arns) -> Iterator[Grant]:
    reads = ("autoscaling:DescribeLifecycleHooks", "autoscaling:DescribePolicies")
    yield Grant("Look", reads, condition=arns.in_regions)
    writes = ("CreateAutoScalingGroup", "DeleteAutoScalingGroup", "PutScalingPolicy")
    yield Grant("Group", tuple(f"autoscaling:{action}" for action in writes), (arns.group(arns.candidate),))


def _balancer(plan: Plan, arns: Arns) -> Iterator[Grant]:
    """Of its own, with listeners and rules like the live one's; behind a shared one there is at most a target group."""
    if kind_of(plan.traffic) == "group_swap":
        return
    reads = ("DescribeTags", "DescribeTargetGroupAttributes")
    yield Grant("Look", tuple(f"{ELB}:{action}" for action in reads), condition=arns.in_regions)
    targets = arns.of(ELB, f"targetgroup/{arns.candidate}/*")
    writes = ("CreateTargetGroup", "DeleteTargetGroup", "ModifyTargetGroupAttributes")
    yield Grant("TargetGroup", tuple(f"{ELB}:{action}" for action in writes), (targets,))
    if plan.traffic.shared:
        yield _tags(("CreateTargetGroup",), (targets,))
        return
    application = arns.of(ELB, f"loadbalancer/app/{arns.candidate}/*")
    classic = arns.of(ELB, f"loadbalancer/{arns.candidate}")
    yield from _own(arns, application, classic)
    yield _tags(("CreateTargetGroup", "CreateLoadBalancer"), (targets, application, classic))


def _own(arns: Arns, application: str, classic: str) -> Iterator[Grant]:
    """Whether the live balancer is an application or a classic one is not in the file."""
    reads = ("DescribeListenerCertificates", "DescribeListeners", "DescribeLoadBalancerAttributes", "DescribeRules")
    yield Grant("Look", tuple(f"{ELB}:{action}" for action in reads), condition=arns.in_regions)
    both = ("CreateLoadBalancer", "DeleteLoadBalancer", "ModifyLoadBalancerAttributes")
    listeners = arns.of(ELB, f"listener/app/{arns.candidate}/*")
    for sid, actions, resource in (
        ("Balancer", (*both, "CreateListener"), application),
        ("Listener", ("AddListenerCertificates", "CreateRule"), listeners),
        ("ClassicBalancer", (*both, "ConfigureHealthCheck"), classic),
    ):
        yield Grant(sid, tuple(f"{ELB}:{action}" for action in actions), (resource,))


def _tags(created: tuple[str, ...], resources: tuple[str, ...]) -> Grant:
    only = {"StringEquals": {f"{ELB}:CreateAction": created}}
    why = "tags are given when a thing is made (Elastic Load Balancing User Guide, tagging on creation)"
    return Grant("BalancerTags", (f"{ELB}:AddTags",), resources, only, implied={f"{ELB}:AddTags": why})


def _template(plan: Plan, arns: Arns) -> Iterator[Grant]:
    clone = plan.candidate.clone
    assert clone is not None
    yield Grant("Look", ("ec2:DescribeLaunchTemplates",), condition=arns.in_regions)
    if clone.image is None:
        return
    yield Grant("Look", ("ec2:DescribeLaunchTemplateVersions",), condition=arns.in_regions)
    template = (arns.of("ec2", "launch-template/*"),)  # by id, which nobody knows yet: the tags tell it
    ours = f"aws:%s/{'bluegreen:service'}"
    yield Grant(
        "MakeTemplate",
        ("ec2:CreateLaunchTemplate",),
        template,
        {"StringEquals": {ours % "RequestTag": plan.service.name}},
    )
    yield Grant(
        "RemoveTemplate",
        ("ec2:DeleteLaunchTemplate",),
        template,
        {"StringEquals": {ours % "ResourceTag": plan.service.name}},
    )
    tags = {"ec2:CreateTags": "tags are given when the template is made (EC2 User Guide, tagging on creation)"}
    made = {"StringEquals": {"ec2:CreateAction": "CreateLaunchTemplate"}}
    yield Grant("TemplateTags", tuple(tags), template, made, implied=tags)


def _launches(arns: Arns) -> Iterator[Grant]:
    launched = {"ArnLike": {"ec2:LaunchTemplate": arns.of("ec2", "launch-template/*")}}
    yield Grant("Launch", ("ec2:RunInstances",), condition=launched, implied={"ec2:RunInstances": LAUNCH})
    tagged = {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    machines = (arns.of("ec2", "*/*"),)
    yield Grant("LaunchTags", ("ec2:CreateTags",), machines, tagged, implied={"ec2:CreateTags": LAUNCH})
    roles = tuple(arns.iam(f"role/{role}") for role in arns.roles) or (arns.iam("role/*"),)
    passed = {"StringEquals": {"iam:PassedToService": ("autoscaling.amazonaws.com", "ec2.amazonaws.com")}}
    yield Grant("PassRoles", ("iam:PassRole",), roles, passed, implied={"iam:PassRole": LAUNCH})
