"""One maker for each resource type that a rollout depends on: groups, balancers, and what they stand on. Everything
else is passed over: it exists, has an id and attributes, and does nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.cloud.formation import schemas
from sim.cloud.formation.making import application, classic, elsewhere, groups, launches, network
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Made, Properties, Workshop

Maker = Callable[[Workshop, str, Properties], Made]

GROUP = "AWS::AutoScaling::AutoScalingGroup"
APPLICATION = "AWS::ElasticLoadBalancingV2::LoadBalancer"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"

MAKERS: Mapping[str, Maker] = {
    "AWS::EC2::VPC": network.vpc,
    "AWS::EC2::Subnet": network.subnet,
    "AWS::EC2::SecurityGroup": network.security_group,
    "AWS::EC2::LaunchTemplate": launches.launch_template,
    "AWS::AutoScaling::LaunchConfiguration": launches.launch_configuration,
    GROUP: groups.group,
    APPLICATION: application.application,
    "AWS::ElasticLoadBalancingV2::TargetGroup": application.target_group,
    "AWS::ElasticLoadBalancingV2::Listener": application.listener,
    "AWS::ElasticLoadBalancingV2::ListenerRule": application.rule,
    CLASSIC: classic.classic,
    "AWS::Route53::RecordSet": elsewhere.record,
    "AWS::Route53::RecordSetGroup": elsewhere.record,
    "AWS::CloudFormation::Stack": elsewhere.nested,
}


def make(shop: Workshop, kind: str, logical: str, properties: Properties) -> Made:
    """Make one resource. Raises AwsError with the reason why it failed to create."""
    schema = schemas.schema(kind, shop.site.region)
    complaints = schemas.complaints(schema, properties) if schema is not None else []
    if complaints:
        raise invalid(f"Properties validation failed for resource {logical} with message:\n" + "\n".join(complaints))
    return MAKERS.get(kind, elsewhere.passed_over(kind))(shop, logical, properties)
