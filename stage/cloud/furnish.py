"""What exists before the rollout, made by AWS's own calls: a network, the live slot's balancer and group under the
plan's names, the hosted zone with the service's record, the alarms.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.ec2.models import EC2Backend

from bluegreen.aws.environments.base import SLOT_TAG
from bluegreen.plan import Plan
from sim.alarms import AlarmSpec
from sim.cloudspec import stand_in
from sim.scenario import Scenario
from stage.cloud.alarms import NAMES
from stage.cloud.records import Zones

Client = Callable[[str], Any]
IMAGE, TYPE = "ami-12c6146b", "t3.micro"


class Furnisher:
    """Furnishes one stage. `client` makes boto3's clients; `ec2` is moto's own, for boto3's needs a third of a second
    to read what EC2 can do."""

    def __init__(self, client: Client, ec2: EC2Backend, plan: Plan, scenario: Scenario, zones: Zones) -> None:
        self._ec2, self._client, self._plan, self._scenario, self._zones = ec2, client, plan, scenario, zones
        self.notes: list[str] = []

    def furnish(self) -> tuple[AlarmSpec, ...]:
        """All of it. Returns the alarms that the scenario has, and stand-ins for those that it lacks."""
        found = sorted(self._ec2.describe_subnets(), key=lambda each: str(each.availability_zone))[:3]
        balancer = self._balancer(found[0].vpc_id, [each.id for each in found])
        self._record(balancer)
        alarms = (*self._scenario.cloud.alarms, *stand_in(self._plan, self._scenario.cloud, self.notes))
        for alarm in alarms:
            self._alarm(alarm)
        return alarms

    def _balancer(self, vpc: str, subnets: list[str]) -> Any:
        elb, live = self._client("elbv2"), self._plan.live
        balancer = elb.create_load_balancer(Name=live.balancer, Subnets=subnets)["LoadBalancers"][0]
        spec = self._scenario.world.live
        group = elb.create_target_group(
            Name=live.balancer[:32],
            Protocol="HTTP",
            Port=80,
            VpcId=vpc,
            HealthCheckPath="/health",
            HealthCheckIntervalSeconds=round(spec.check_every.total_seconds()),
            HealthCheckTimeoutSeconds=round(spec.check_timeout.total_seconds()),
            HealthyThresholdCount=spec.passes,
            UnhealthyThresholdCount=spec.fails,
        )["TargetGroups"][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
        )
        self._group(group, subnets)
        return balancer

    def _group(self, target_group: str, subnets: list[str]) -> None:
        live, spec, clone = self._plan.live, self._scenario.world.live, self._plan.candidate.clone
        names = {live.group} | ({clone.launch_template} if clone and clone.launch_template else set())
        for name in sorted(names):
            data = {"ImageId": IMAGE, "InstanceType": TYPE}
            self._ec2.create_launch_template(name, "", data, {})
        self._client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=live.group,
            LaunchTemplate={"LaunchTemplateName": live.group, "Version": "$Latest"},
            MinSize=min(spec.minimum, spec.instances),
            MaxSize=max(spec.maximum, spec.instances),
            DesiredCapacity=spec.instances,
            TargetGroupARNs=[target_group],
            VPCZoneIdentifier=",".join(subnets),
            HealthCheckType=spec.health_check,
            HealthCheckGracePeriod=round(spec.grace.total_seconds()),
            Tags=[{"Key": SLOT_TAG, "Value": str(live.slot), "PropagateAtLaunch": True}],
        )

    def _record(self, balancer: Any) -> None:
        service, route53 = self._plan.service, self._client("route53")
        name = service.zone if "." in service.zone else service.record.partition(".")[2]
        zone = route53.create_hosted_zone(Name=name, CallerReference="stage")["HostedZone"]["Id"]
        record: dict[str, Any] = {"Name": service.record}
        if service.ttl is None:
            target = {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": balancer["DNSName"]}
            record |= {"Type": "A", "AliasTarget": {**target, "EvaluateTargetHealth": True}}
        else:
            values = [{"Value": balancer["DNSName"]}]
            record |= {"Type": "CNAME", "TTL": round(service.ttl.total_seconds()), "ResourceRecords": values}
        if self._scenario.cloud.record == "weighted":
            record |= {"SetIdentifier": str(self._plan.live.slot), "Weight": 100}
        zone_id = zone.removeprefix("/hostedzone/")
        route53.list_resource_record_sets(HostedZoneId=zone_id)  # from here on it is ours
        self._zones.change(zone_id, [{"Action": "CREATE", "ResourceRecordSet": record}], at_once=True)

    def _alarm(self, alarm: AlarmSpec) -> None:
        self._client("cloudwatch").put_metric_alarm(
            AlarmName=alarm.name,
            Namespace="Stage",
            MetricName=alarm.name,
            Statistic="Average",
            Period=round(alarm.period.total_seconds()),
            EvaluationPeriods=alarm.periods,
            DatapointsToAlarm=alarm.needed,
            Threshold=alarm.threshold,
            ComparisonOperator=NAMES[alarm.comparison],
            TreatMissingData=alarm.treat_missing,
        )
