"""Application load balancers: moto keeps the settings; time, targets and their health are the world's.

A balancer is `provisioning` for a while and then `active`. Creating the same thing twice gives the first one; creating
another one of the same name is refused (Elastic Load Balancing API reference, Create* operations).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.elbv2.models import elbv2_backends

from bluegreen.model import Slot
from sim.cloud.capacity import described, reserve
from sim.cloud.instances import INITIAL, target_health
from sim.cloud.listeners import Listeners
from sim.cloud.service import ACCOUNT, Answer, Params
from sim.effects import Created, Removed
from sim.errors import AwsError, NotModelled
from sim.routing import Registered
from sim.slowstart import check_duration


class ElbV2(Listeners):
    """Balancers bound to the world's places, target groups whose targets are the world's instances."""

    name = "elbv2"
    moto = frozenset(
        [
            "describe_listeners",
            "add_tags",
            "remove_tags",
            "describe_load_balancer_attributes",
            "modify_load_balancer_attributes",
            "describe_target_group_attributes",
            "modify_target_group",
            "set_security_groups",
            "describe_listener_attributes",
        ]
    )

    def on_create_load_balancer(self, params: Params) -> Answer:
        if params.get("Type", "application") != "application":
            raise NotModelled(f"the rehearsal has application and classic balancers, no {params['Type']} ones")
        if len(params.get("Subnets") or params.get("SubnetMappings") or []) < 2:
            raise AwsError("ValidationError", "At least two subnets in different Availability Zones must be specified")
        return self.once(("balancer", params["Name"]), params, "DuplicateLoadBalancerName", self._make_balancer)

    def _make_balancer(self, params: Params) -> Answer:
        answer: Answer = self.aws.create_load_balancer(**{"Scheme": "internet-facing", **params})
        balancer = answer["LoadBalancers"][0]
        slot = self.site.bindings.by_tags(params.get("Tags", []))
        self.adopt(balancer, slot)
        self.world.places[slot].balancer.create(kind="application")
        self.world.record(Created(slot, f"balancer/{params['Name']}"))
        return self._with_states(answer)

    def adopt(self, balancer: Mapping[str, Any], slot: Slot) -> None:
        """moto has this balancer (as it describes it): from now on it is the slot's, which the caller creates."""
        bindings, name, arn = self.site.bindings, balancer["LoadBalancerName"], balancer["LoadBalancerArn"]
        bindings.take_balancer(slot, name)
        bindings.balancers[arn] = bindings.metrics[arn.partition(":loadbalancer/")[2]] = slot
        bindings.bind_name(balancer["DNSName"], balancer["CanonicalHostedZoneId"], slot)

    def on_describe_load_balancers(self, params: Params) -> Answer:
        """moto's, with the world's state."""
        return self._with_states(self.read("describe_load_balancers", **params))

    def on_delete_load_balancer(self, params: Params) -> Answer | None:
        """Deleting what is not there succeeds."""
        arn = params["LoadBalancerArn"]
        slot = self.site.bindings.balancers.pop(arn, None)
        if slot is None:
            return {}
        self.aws.delete_load_balancer(**params)
        name = arn.split("/")[-2]
        self.made = {key: made for key, made in self.made.items() if key != ("balancer", name) and arn not in key}
        self.site.bindings.balancers.pop(name)
        self.world.settle()
        self.world.places[slot].balancer.remove()
        self.world.clients.cut(slot)
        self.world.record(Removed(slot, f"balancer/{name}"))
        return {}

    def _with_states(self, answer: Answer) -> Answer:
        balancers = [{**b, "State": {"Code": self._state(b["LoadBalancerArn"])}} for b in answer["LoadBalancers"]]
        return {**answer, "LoadBalancers": balancers}

    def _state(self, arn: str) -> str:
        return "active" if self.world.places[self.site.bindings.balancers[arn]].balancer.active else "provisioning"

    def on_modify_capacity_reservation(self, params: Params) -> Answer:
        """moto has no such operation."""
        slot = self._slot(params["LoadBalancerArn"])
        reserve(self.world, slot, params)
        return described(self.site, slot)

    def on_describe_capacity_reservation(self, params: Params) -> Answer:
        return described(self.site, self._slot(params["LoadBalancerArn"]))

    def _slot(self, arn: str) -> Slot:
        """Whose balancer it is. Raises AwsError."""
        slot = self.site.bindings.balancers.get(arn)
        if slot is None:
            raise AwsError("LoadBalancerNotFound", f"Load balancer '{arn}' not found")
        return slot

    def on_create_target_group(self, params: Params) -> Answer:
        return self.once(("target group", params["Name"]), params, "DuplicateTargetGroupName", self._make_target_group)

    def _make_target_group(self, params: Params) -> Answer:
        answer: Answer = self.aws.create_target_group(**params)
        slot = self.site.bindings.by_tags(params.get("Tags", []))
        self.world.record(Created(slot, f"target-group/{params['Name']}"))
        return answer

    def on_describe_target_groups(self, params: Params) -> Answer:
        """moto's, but it never forgets which balancers a group once had."""
        if self.world.shared is not None:
            return self._behind_one(params)
        groups = self.read("describe_target_groups", **params)["TargetGroups"]
        unused = {"LoadBalancerArns": list[str]()}
        return {"TargetGroups": [g if self._used(g["TargetGroupArn"]) else {**g, **unused} for g in groups]}

    def _behind_one(self, params: Params) -> Answer:
        """moto forgets the balancer of a target group that a listener forwards to beside another one."""
        asked = {key: value for key, value in params.items() if key != "LoadBalancerArn"}
        groups = self.read("describe_target_groups", **asked)["TargetGroups"]
        live = [arn for arn in self.site.bindings.balancers if arn.startswith("arn:")]
        told = [{**g, "LoadBalancerArns": live if self._used(g["TargetGroupArn"]) else []} for g in groups]
        wanted = params.get("LoadBalancerArn")
        return {"TargetGroups": [group for group in told if wanted is None or wanted in group["LoadBalancerArns"]]}

    def _used(self, arn: str) -> bool:
        backend = elbv2_backends[ACCOUNT][self.site.region]
        return bool(backend._any_listener_using(arn))

    def on_modify_target_group_attributes(self, params: Params) -> None:
        """moto's, but it takes any slow start."""
        changed = {attribute["Key"]: attribute["Value"] for attribute in params["Attributes"]}
        had = self.aws.describe_target_group_attributes(TargetGroupArn=params["TargetGroupArn"])["Attributes"]
        now = {attribute["Key"]: attribute["Value"] for attribute in had} | changed
        try:
            seconds = int(now.get("slow_start.duration_seconds", "0"))
            check_duration(seconds, now.get("load_balancing.algorithm.type", "round_robin"))
        except ValueError as error:
            raise AwsError("InvalidConfigurationRequest", str(error)) from error

    def on_delete_target_group(self, params: Params) -> Answer:
        """Refused while a listener uses it. Deleting what is not there succeeds."""
        arn = params["TargetGroupArn"]
        groups = self.read("describe_target_groups")["TargetGroups"]
        name = next((group["TargetGroupName"] for group in groups if group["TargetGroupArn"] == arn), None)
        if name is None:
            return {}
        if self._used(arn):
            raise AwsError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
        tags = self.aws.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"]
        self.aws.delete_target_group(**params)
        self.made.pop(("target group", name), None)
        slot = self.site.bindings.targets.pop(arn, None) or self.site.bindings.by_tags(tags)
        self.world.record(Removed(slot, f"target-group/{name}"))
        return {}

    def on_describe_tags(self, params: Params) -> None:
        """moto's, but it still knows the tags of a target group that is gone."""
        gone = [arn for arn in params["ResourceArns"] if ":targetgroup/" in arn and arn not in self._target_groups()]
        if gone:
            raise AwsError("TargetGroupNotFound", f"Target groups '{gone}' not found")

    def _target_groups(self) -> set[str]:
        return {group["TargetGroupArn"] for group in self.read("describe_target_groups")["TargetGroups"]}

    def on_delete_listener(self, params: Params) -> None:
        """moto's; the port is free again."""
        arn = params["ListenerArn"]
        self.made = {
            key: made
            for key, made in self.made.items()
            if key[0] != "listener" or made[1]["Listeners"][0]["ListenerArn"] != arn
        }

    def _registered(self, routing: Registered, slot: Slot, group: Answer) -> list[Answer]:
        """Of one of several groups at a target group: all wait for their first check until it is over."""
        found = target_health(self.world.places[slot].fleet, group)
        return found if slot in routing.serving else [{**each, "TargetHealth": INITIAL} for each in found]

    def on_describe_target_health(self, params: Params) -> Answer:
        arn = params["TargetGroupArn"]
        group = self.on_describe_target_groups({"TargetGroupArns": [arn]})["TargetGroups"][0]
        slot = self.site.bindings.targets.get(arn)
        if slot is None:
            return {"TargetHealthDescriptions": []}
        routing = self.world.dns
        wanted = {target["Id"] for target in params.get("Targets", [])}
        if isinstance(routing, Registered):
            found = [each for its in routing.attached for each in self._registered(routing, its, group)]
        else:
            found = target_health(self.world.places[slot].fleet, group)
        return {"TargetHealthDescriptions": [t for t in found if not wanted or t["Target"]["Id"] in wanted]}
