"""Classic load balancers: moto keeps the settings, the world has the instances behind them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.model import Slot
from sim.cloud.instances import instance_health
from sim.cloud.service import Answer, Params, Service
from sim.effects import Created, Removed
from sim.errors import AwsError

ZONE = "Z35SXDOTRQ7X7K"
"""The hosted zone of balancers' names in us-east-1 (AWS General Reference, Elastic Load Balancing endpoints)."""
HEALTH_CHECK = {"Target": "TCP:80", "Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 10}
"""The default of balancers made by the API (Classic Load Balancers User Guide, health checks)."""


class Elb(Service):
    """Classic balancers bound to the world's places. They serve as soon as they exist."""

    name = "elb"
    moto = frozenset(
        [
            "describe_load_balancer_attributes",
            "modify_load_balancer_attributes",
            "configure_health_check",
            "describe_tags",
            "add_tags",
            "remove_tags",
            "create_load_balancer_listeners",
            "delete_load_balancer_listeners",
            "apply_security_groups_to_load_balancer",
            "describe_load_balancer_policies",
        ]
    )

    def on_create_load_balancer(self, params: Params) -> Answer:
        """The name is unique (CreateLoadBalancer, classic API reference)."""
        return self.once(("balancer", params["LoadBalancerName"]), params, "DuplicateLoadBalancerName", self._make)

    def _make(self, params: Params) -> Answer:
        name = params["LoadBalancerName"]
        answer: Answer = self.aws.create_load_balancer(**params)
        slot = self.site.bindings.by_tags(params.get("Tags", []))
        self.adopt(self.aws.describe_load_balancers(LoadBalancerNames=[name])["LoadBalancerDescriptions"][0], slot)
        self.world.places[slot].balancer.create(kind="classic")
        self.world.record(Created(slot, f"balancer/{name}"))
        return answer

    def adopt(self, balancer: Mapping[str, Any], slot: Slot) -> None:
        """moto has this balancer (as it describes it): it is the slot's."""
        bindings, name = self.site.bindings, balancer["LoadBalancerName"]
        bindings.take_balancer(slot, name)
        self.world.places[slot].balancer.kind = "classic"
        bindings.metrics[name] = slot
        bindings.bind_name(balancer["DNSName"], ZONE, slot)

    def on_describe_load_balancers(self, params: Params) -> Answer:
        """moto's, with what it leaves out and AWS always has."""
        found = self.read("describe_load_balancers", **params)["LoadBalancerDescriptions"]
        return {"LoadBalancerDescriptions": [self._complete(balancer) for balancer in found]}

    def _complete(self, balancer: Answer) -> Answer:
        own = {"HealthCheck": HEALTH_CHECK, **balancer, "CanonicalHostedZoneNameID": ZONE}
        slot = self.site.bindings.balancers.get(balancer["LoadBalancerName"])
        if slot is not None:
            states = instance_health(self.world.places[slot].fleet)
            own["Instances"] = [{"InstanceId": state["InstanceId"]} for state in states]
        return own

    def on_delete_load_balancer(self, params: Params) -> Answer:
        """Deleting what is not there succeeds."""
        name = params["LoadBalancerName"]
        slot = self.site.bindings.balancers.pop(name, None)
        if slot is not None:
            self.aws.delete_load_balancer(**params)
            self.made.pop(("balancer", name), None)
            self.world.settle()
            self.world.places[slot].balancer.remove()
            self.world.clients.cut(slot)
            self.world.record(Removed(slot, f"balancer/{name}"))
        return {}

    def on_describe_instance_health(self, params: Params) -> Answer:
        name = params["LoadBalancerName"]
        if name not in self.site.bindings.balancers:
            raise AwsError("LoadBalancerNotFound", f"There is no ACTIVE Load Balancer named '{name}'")
        states = instance_health(self.world.places[self.site.bindings.balancers[name]].fleet)
        wanted = {instance["InstanceId"] for instance in params.get("Instances", [])}
        return {"InstanceStates": [state for state in states if not wanted or state["InstanceId"] in wanted]}
