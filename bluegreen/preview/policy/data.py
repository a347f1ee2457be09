"""Databases of RDS, and where slots say which database they use."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica
from bluegreen.data.same import Same
from bluegreen.data.sync import Sync
from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

WHY = "RDS asks for it of whoever makes or switches over a blue/green deployment"
IMPLIED = {f"rds:{name}": WHY for name in ("AddTagsToResource", "CreateDBInstanceReadReplica")}
KEY = "RDS asks for it of whoever has a database encrypted with a key (Amazon RDS User Guide, AWS KMS key management)"
ENCRYPTING = {f"kms:{name}": KEY for name in ("CreateGrant", "DescribeKey")}
SWITCHING = {f"rds:{name}": WHY for name in ("ModifyDBInstance", "PromoteReadReplica")}


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    match plan.data:
        case Same(source=str()):
            beanstalk = (plan.live.environment is not None, plan.candidate.beanstalk is not None)
            if not all(beanstalk):
                yield Grant("Look", ("ec2:DescribeLaunchTemplateVersions",), condition=arns.in_regions)
            if plan.candidate.template is not None or plan.candidate.command is not None:
                stacks = arns.of("cloudformation", "stack/*/*")
                yield Grant("LookAtStack", ("cloudformation:DescribeStacks",), (stacks,))
            if any(beanstalk):
                asked = ("elasticbeanstalk:DescribeConfigurationSettings",)
                yield Grant("LookAtProperties", asked, condition=arns.in_regions)
        case Sync():
            yield Grant("LookAtSync", ("cloudwatch:GetMetricData",), condition=arns.in_regions)
        case Replica() as data:
            yield from _replica(data, arns)
        case RdsBlueGreen() as data:
            yield from _deployment(data, arns)


def _replica(data: Replica, arns: Arns) -> Iterator[Grant]:
    here = arns if data.region is None else arns.within(data.region)
    source, replica = arns.of("rds", f"db:{data.source}"), here.of("rds", f"db:{data.replica}")
    groups = tuple(here.of("rds", f"{kind}:*") for kind in ("og", "pg", "subgrp"))
    yield Grant("LookAtData", ("rds:DescribeDBInstances",), (source, replica))
    yield Grant("Replicate", ("rds:CreateDBInstanceReadReplica",), (source, replica, *groups))
    if data.kms_key is not None:
        yield _encrypt(data.kms_key, here)
    yield Grant("Promote", ("rds:PromoteReadReplica",), (replica,))
    regions = {"StringEquals": {"aws:RequestedRegion": data.region or arns.regions}}
    yield Grant("LookAtLag", ("cloudwatch:GetMetricData",), condition=regions)


def _encrypt(key: str, arns: Arns) -> Grant:
    """On the key that is named; an alias tells none. Only by way of RDS, in the replica's region."""
    name = key if key.startswith("arn:") else f"key/{key}"
    resource = arns.of("kms", "key/*") if "alias/" in key else name if name == key else arns.of("kms", name)
    suffix = ".cn" if arns.regions[0].startswith("cn-") else ""
    by_rds = {"StringEquals": {"kms:ViaService": tuple(f"rds.{each}.amazonaws.com{suffix}" for each in arns.regions)}}
    return Grant("Encrypt", tuple(ENCRYPTING), (resource,), by_rds, implied=ENCRYPTING)


def _deployment(data: RdsBlueGreen, arns: Arns) -> Iterator[Grant]:
    databases = tuple(arns.of("rds", f"db:{name}") for name in (data.source, f"{data.source}-*"))
    deployments = arns.of("rds", "deployment:*")
    groups = tuple(arns.of("rds", f"{kind}:*") for kind in ("og", "pg", "subgrp"))
    yield Grant("LookAtData", ("rds:DescribeDBInstances",), databases[:1])
    yield Grant("LookAtDeployment", ("rds:DescribeBlueGreenDeployments",), (deployments,))
    made = (*databases, deployments, *groups)
    yield Grant("Deploy", ("rds:CreateBlueGreenDeployment", *IMPLIED), made, implied=IMPLIED)
    switched = (*databases, deployments)
    yield Grant("Switch", ("rds:SwitchoverBlueGreenDeployment", *SWITCHING), switched, implied=SWITCHING)
