"""What exists before the rollout: a network, the live slot's balancer and group under the plan's names, what the
candidate needs to be launched from, the hosted zone and the service's record.

Made in moto past the hooks: nobody made a call, no time passed, and nothing of it is the rollout's.
"""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

from moto.route53.models import route53_backends

from bluegreen.data.same import Same
from bluegreen.plan import Plan
from bluegreen.traffic.route53 import Route53 as Weighted
from sim.cloud.autoscaling import AutoScaling
from sim.cloud.autoscaling_policies import policy_params
from sim.cloud.bindings import SLOT_TAG
from sim.cloud.elb import Elb
from sim.cloud.elbv2 import ElbV2
from sim.cloud.route53 import Route53
from sim.cloud.service import ACCOUNT, Answer, Service, Site
from sim.cloudspec import IMAGE, INSTANCE_TYPE, CloudSpec, stand_in
from sim.fallback import furnished
from sim.fleet import UTILISATION
from sim.names import kept_names, live_names

ZONES = 3
"""Availability Zones (a, b, c) that balancers and groups span, as the world's fleets do."""


def seconds(length: timedelta) -> int:
    """As most parameters of AWS want it."""
    return round(length.total_seconds())


class Furnisher:
    """Furnishes one cloud."""

    def __init__(self, site: Site, services: dict[str, Service]) -> None:
        self.site = site
        self.plan = site.plan
        self.services = services
        self.slot, self.names, self.fleet = self.plan.live.slot, live_names(self.plan), site.world.spec.live

    def furnish(self) -> None:
        """Everything, once."""
        self._network()
        self._templates()
        balancer = self._place()
        if self.site.spec.zone_exists:
            self._record(balancer)
        self._alarms()
        kept = kept_names(self.plan)
        if kept is not None:
            self.slot, self.names, self.fleet = self.slot.other, kept, self.site.world.spec.candidate
            self._place()

    def _place(self) -> Answer:
        """The slot's balancer, and its group behind it. Gives its AliasTarget."""
        return self._classic() if self.site.spec.balancer == "classic" else self._application()

    def _network(self) -> None:
        """The account's default VPC will do."""
        subnets = self.site.moto("ec2").describe_subnets()["Subnets"]
        self.subnets = [subnet["SubnetId"] for subnet in sorted(subnets, key=lambda s: s["AvailabilityZone"])[:ZONES]]
        self.vpc = subnets[0]["VpcId"]
        self.security_groups = [self.site.moto("ec2").describe_security_groups()["SecurityGroups"][0]["GroupId"]]

    def _templates(self) -> None:
        clone = self.plan.candidate.clone
        kept = kept_names(self.plan)
        names = {self.names.group, *([] if kept is None else [kept.group])}
        names |= {clone.launch_template} if clone and clone.launch_template else set()
        for name in sorted(names):
            data: Answer = {"ImageId": IMAGE, "InstanceType": INSTANCE_TYPE, "SecurityGroupIds": self.security_groups}
            data |= user_data(self.plan, self.site.spec, name)
            self.site.moto("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)

    def _application(self) -> Answer:
        """The balancer as an application balancer, active for long. Gives its AliasTarget."""
        aws, elbv2 = self.site.moto("elbv2"), self.services["elbv2"]
        assert isinstance(elbv2, ElbV2)
        name = self.names.balancer
        made = aws.create_load_balancer(
            Name=name, Subnets=self.subnets, SecurityGroups=self.security_groups, Scheme="internet-facing"
        )
        balancer = made["LoadBalancers"][0]
        elbv2.adopt(balancer, self.slot)
        group = aws.create_target_group(
            Name=name[:32],
            Protocol="HTTP",
            Port=80,
            VpcId=self.vpc,
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=seconds(self.fleet.check_every),
            HealthCheckTimeoutSeconds=seconds(self.fleet.check_timeout),
            HealthyThresholdCount=self.fleet.passes,
            UnhealthyThresholdCount=self.fleet.fails,
        )["TargetGroups"][0]["TargetGroupArn"]
        delay = {"Key": "deregistration_delay.timeout_seconds", "Value": str(seconds(self.fleet.drain))}
        aws.modify_target_group_attributes(TargetGroupArn=group, Attributes=[delay])
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        aws.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
        )
        self._group(TargetGroupARNs=[group])
        return {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"]}

    def _classic(self) -> Answer:
        """The balancer as a classic one. Gives its AliasTarget."""
        aws, elb = self.site.moto("elb"), self.services["elb"]
        assert isinstance(elb, Elb)
        name = self.names.balancer
        listener = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}
        aws.create_load_balancer(
            LoadBalancerName=name, Listeners=[listener], Subnets=self.subnets, SecurityGroups=self.security_groups
        )
        balancer = elb.on_describe_load_balancers({"LoadBalancerNames": [name]})["LoadBalancerDescriptions"][0]
        elb.adopt(balancer, self.slot)
        self._group(LoadBalancerNames=[name])
        return {"HostedZoneId": balancer["CanonicalHostedZoneNameID"], "DNSName": balancer["DNSName"]}

    def _group(self, **attached: Any) -> None:
        """The group, around the fleet that the world already has."""
        autoscaling = self.services["autoscaling"]
        assert isinstance(autoscaling, AutoScaling)
        name = self.names.group
        self.site.moto("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Latest"},
            MinSize=0,
            MaxSize=0,
            VPCZoneIdentifier=",".join(self.subnets),
            HealthCheckType=self.fleet.health_check,
            HealthCheckGracePeriod=seconds(self.fleet.grace),
            Tags=[{"Key": SLOT_TAG, "Value": str(self.slot), "PropagateAtLaunch": True}],
            **attached,
        )
        autoscaling.adopt(name, self.slot)
        if self.fleet.autoscaling:
            self._policy(autoscaling, name)

    def _policy(self, autoscaling: AutoScaling, group: str) -> None:
        """The target tracking that the world's fleet follows."""
        autoscaling.list_policy(group, {"PolicyName": UTILISATION, **policy_params(self.fleet.tracking)})

    def _record(self, target: Answer) -> None:
        service, spec = self.plan.service, self.site.spec
        route53 = self.services["route53"]
        assert isinstance(route53, Route53)
        zone_id = self._zone()
        if spec.record == "none":
            return
        record: dict[str, Any] = {"Name": service.record}
        if service.ttl is None:
            record |= {"Type": "A", "AliasTarget": {**target, "EvaluateTargetHealth": True}}
        else:
            ttl = seconds(service.ttl)
            record |= {"Type": "CNAME", "TTL": ttl, "ResourceRecords": [{"Value": target["DNSName"]}]}
        if spec.record != "simple" and isinstance(self.plan.traffic, Weighted):
            record["SetIdentifier"] = str(self.plan.live.slot)
            weight = self.site.world.dns.weights[self.plan.live.slot]
            record |= {"Weight": weight} if spec.record == "weighted" else {"Region": self.site.region}
        route53.put(zone_id, record)
        for public in furnished(self.site.world, self.plan, spec, target, zone_id):
            route53.put(zone_id, public)

    def _zone(self) -> str:
        """The hosted zone that the plan names. A plan that gives an id gets a zone of that id around its record."""
        zone = self.plan.service.zone
        name = zone if "." in zone else self.plan.service.record.partition(".")[2]
        made = self.site.moto("route53").create_hosted_zone(Name=name, CallerReference="furnished")
        zone_id = str(made["HostedZone"]["Id"]).removeprefix("/hostedzone/")
        if zone == name:
            return zone_id
        stored = route53_backends[ACCOUNT]["aws"].zones
        stored[zone] = stored.pop(zone_id)
        stored[zone].resource_id = zone
        return zone

    def _alarms(self) -> None:
        """Those of the spec, and stand-ins for what else the gates name."""
        world, spec = self.site.world, self.site.spec
        for alarm in (*spec.alarms, *stand_in(self.plan, spec, world.notes)):
            world.metrics.add_alarm(alarm)


def user_data(plan: Plan, spec: CloudSpec, template: str) -> Answer:
    """Of a launch template: it names a database, and only in rehearsals of a plan that wants to know which."""
    source = plan.data.source if isinstance(plan.data, Same) else None
    text = spec.user_data(source, template) if source is not None else ""
    return {"UserData": b64encode(text.encode()).decode()} if text else {}
