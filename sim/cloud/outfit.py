"""A balancer with its target group and listener, and a group behind it: what Beanstalk and teams' own commands make.
Made and taken down through the other services, so that rules, names and effects are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.model import Slot
from sim.cloud.bindings import SLOT_TAG
from sim.cloud.furnish import ZONES, seconds
from sim.cloud.service import Site
from sim.cloudspec import IMAGE, INSTANCE_TYPE
from sim.names import Names
from sim.stages import starting_size

NOTHING: Mapping[str, str] = {}


class Outfit:
    """The maker of one cloud. `peers`: the other services by name."""

    def __init__(self, site: Site, peers: Mapping[str, Any]) -> None:
        self._site, self._peers = site, peers

    def make(self, slot: Slot, names: Names, machine: Mapping[str, str] = NOTHING) -> None:
        """Like the live slot's, at its minimum. `machine`: more of its launch template."""
        ec2, elbv2 = self._site.moto("ec2"), self._peers["elbv2"]
        subnets = sorted(ec2.describe_subnets()["Subnets"], key=lambda subnet: str(subnet["AvailabilityZone"]))[:ZONES]
        ids, tags = [subnet["SubnetId"] for subnet in subnets], [{"Key": SLOT_TAG, "Value": str(slot)}]
        made = elbv2.on_create_load_balancer({"Name": names.balancer, "Subnets": ids, "Tags": tags})
        group = elbv2.on_create_target_group(
            {"Name": names.target_group, "Protocol": "HTTP", "Port": 80, "VpcId": subnets[0]["VpcId"], "Tags": tags}
        )["TargetGroups"][0]["TargetGroupArn"]
        self._forget()
        elbv2.on_create_listener(
            {
                "LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"],
                "Protocol": "HTTP",
                "Port": 80,
                "DefaultActions": [{"Type": "forward", "TargetGroupArn": group}],
            }
        )
        data = {"ImageId": IMAGE, "InstanceType": INSTANCE_TYPE, **machine}
        ec2.create_launch_template(LaunchTemplateName=names.group, LaunchTemplateData=data)
        self._make_group(names.group, ids, group, slot)
        self._forget()

    def take(self, names: Names) -> None:
        """What of it is there."""
        elbv2, arn = self._peers["elbv2"], self.balancer(names.balancer)
        groups = elbv2.on_describe_target_groups({})["TargetGroups"]
        if arn:
            elbv2.on_delete_load_balancer({"LoadBalancerArn": arn})
        self._forget()
        for group in (each for each in groups if each["TargetGroupName"] == names.target_group):
            elbv2.on_delete_target_group({"TargetGroupArn": group["TargetGroupArn"]})
        if names.group in self._site.bindings.groups:
            asked = {"AutoScalingGroupName": names.group, "ForceDelete": True}
            self._peers["autoscaling"].on_delete_auto_scaling_group(asked)
            self._site.moto("ec2").delete_launch_template(LaunchTemplateName=names.group)
        self._forget()

    def balancer(self, name: str) -> str:
        """Its ARN; empty when there is none."""
        arns = [each for each in self._site.bindings.balancers if each.startswith("arn:") and f"/{name}/" in each]
        return arns[0] if arns else ""

    def _make_group(self, name: str, subnets: list[str], target_group: str, slot: Slot) -> None:
        desired, minimum, maximum = starting_size(self._site.world)
        live = self._site.world.spec.live
        self._peers["autoscaling"].on_create_auto_scaling_group(
            {
                "AutoScalingGroupName": name,
                "LaunchTemplate": {"LaunchTemplateName": name, "Version": "$Latest"},
                "MinSize": minimum,
                "MaxSize": maximum,
                "DesiredCapacity": desired,
                "VPCZoneIdentifier": ",".join(subnets),
                "TargetGroupARNs": [target_group],
                "HealthCheckType": live.health_check,
                "HealthCheckGracePeriod": seconds(live.grace),
                "DefaultCooldown": seconds(live.cooldown),
                "Tags": [{"Key": SLOT_TAG, "Value": str(slot), "PropagateAtLaunch": True}],
            },
            whole=True,
        )

    def _forget(self) -> None:
        """moto was changed past the hooks."""
        for service in self._peers.values():
            service.forget()
