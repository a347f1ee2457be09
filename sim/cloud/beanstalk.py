"""Elastic Beanstalk: moto has next to nothing of it, so environments are ours altogether. What is inside of one is made
through the other services, as Beanstalk makes it through CloudFormation.

A swap is refused unless both environments are Ready, and unless both are given in the same way (Elastic Beanstalk API
Reference, SwapEnvironmentCNAMEs; Developer Guide, blue/green deployments).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.data.same import Same
from bluegreen.model import Slot
from sim.cloud.outfit import Outfit
from sim.cloud.service import ACCOUNT, Answer, Params, Service, Site
from sim.effects import Created, Removed
from sim.errors import AwsError, NotModelled
from sim.names import parts_of
from sim.stages import READY, Stages

INVALID = "InvalidParameterValue"
PROPERTIES = "aws:elasticbeanstalk:application:environment"


class Beanstalk(Service):
    """The live environment, and the one that a rollout makes."""

    name = "elasticbeanstalk"

    def __init__(self, site: Site, peers: Mapping[str, Any] | None = None) -> None:
        super().__init__(site)
        self.outfit = Outfit(site, peers if peers is not None else {})
        self.stages = Stages(self.world, site.plan)
        self._names: dict[Slot, str] = {}
        if site.plan.live.environment is not None:
            self._names[site.plan.live.slot] = site.plan.live.environment
        self._asked: dict[Slot, Params] = {}

    # -- what is there --------------------------------------------------------------------------------------------

    def on_describe_applications(self, params: Params) -> Answer:
        """The one that the plan names, with what the plan names of it."""
        spec = self.site.plan.candidate.beanstalk
        asked = params.get("ApplicationNames")
        if spec is None or (asked and spec.application not in asked):
            return {"Applications": []}
        versions = [spec.version] if spec.version else []
        found = {"ApplicationName": spec.application, "ConfigurationTemplates": [spec.configuration]}
        return {"Applications": [{**found, "Versions": versions}]}

    def on_describe_environments(self, params: Params) -> Answer:
        wanted = params.get("EnvironmentNames")
        found = [self._described(slot) for slot in sorted(self._names) if self.stages.status(slot)]
        return {"Environments": [each for each in found if not wanted or each["EnvironmentName"] in wanted]}

    def on_describe_environment_resources(self, params: Params) -> Answer:
        name = params["EnvironmentName"]
        self._existing(name)
        parts = parts_of(name)
        balancer = self.outfit.balancer(parts.balancer)
        found = {
            "EnvironmentName": name,
            "AutoScalingGroups": [{"Name": parts.group}] if parts.group in self.site.bindings.groups else [],
            "LoadBalancers": [{"Name": balancer}] if balancer else [],
        }
        return {"EnvironmentResources": found}

    def on_describe_events(self, params: Params) -> Answer:
        slot = self._existing(params["EnvironmentName"])
        event = {"EventDate": self.site.now(), "Message": self.stages.event(slot), "Severity": "INFO"}
        return {"Events": [{**event, "EnvironmentName": params["EnvironmentName"]}]}

    def on_describe_configuration_settings(self, params: Params) -> Answer:
        """What its code is told; of all other options nothing is known here."""
        name = params["EnvironmentName"]
        slot, spec = self._existing(name), self.site.plan.candidate.beanstalk
        data = self.site.plan.data
        source = data.source if isinstance(data, Same) else None
        saved = spec.configuration if spec is not None and slot is not self.site.plan.live.slot else None
        told = self.site.spec.properties(source, saved)
        options = [{"Namespace": PROPERTIES, "OptionName": key, "Value": value} for key, value in told.items()]
        found = {"ApplicationName": params["ApplicationName"], "EnvironmentName": name, "OptionSettings": options}
        return {"ConfigurationSettings": [{**found, "DeploymentStatus": "deployed"}]}

    def on_list_tags_for_resource(self, params: Params) -> Answer:
        arn = params["ResourceArn"]
        slot = self._existing(arn.rpartition("/")[2])
        return {"ResourceArn": arn, "ResourceTags": list(self._asked.get(slot, {}).get("Tags", []))}

    # -- what is done ---------------------------------------------------------------------------------------------

    def on_create_environment(self, params: Params) -> Answer:
        name, plan = params["EnvironmentName"], self.site.plan
        slot = plan.live.slot.other
        if name in self._names.values() and self.stages.status(self._slot(name)):
            raise AwsError(INVALID, f"Environment {name} already exists.")
        if self.stages.status(slot):
            raise NotModelled(f"a second environment ({name}) in slot {slot}")
        spec = plan.candidate.beanstalk
        if spec is None or params["ApplicationName"] != spec.application:
            raise AwsError(INVALID, f"No Application named '{params['ApplicationName']}' found.")
        self._names[slot], self._asked[slot] = name, params
        self.outfit.make(slot, parts_of(name))
        self.stages.launch(slot)
        self.world.record(Created(slot, f"environment/{name}"))
        return self._described(slot)

    def on_terminate_environment(self, params: Params) -> Answer:
        name = params["EnvironmentName"]
        slot = self._existing(name)
        described = self._described(slot)
        if described["Status"] not in (READY, "Launching"):
            raise AwsError(INVALID, f"Environment named {name} is in an invalid state for this operation.")
        self.outfit.take(parts_of(name))
        self.stages.terminate(slot)
        self.world.record(Removed(slot, f"environment/{name}"))
        return {**described, "Status": "Terminating"}

    def on_swap_environment_cnames(self, params: Params) -> Answer:
        source, destination = (self._named(params, side) for side in ("Source", "Destination"))
        if source[0] != destination[0]:
            raise AwsError(INVALID, "Source and destination must be given both by id, or both by name.")
        for slot in (source[1], destination[1]):
            if self.stages.status(slot) != READY:
                raise AwsError(
                    INVALID,
                    f"Environment named {self._names[slot]} is in an invalid state for this operation. Must be Ready.",
                )
        self.stages.swap()
        return {}

    # -- how it works ---------------------------------------------------------------------------------------------

    def _described(self, slot: Slot) -> Answer:
        name, mover = self._names[slot], self.site.plan.traffic
        host = f"{self.site.region}.elasticbeanstalk.com"
        own = getattr(mover, "cname", f"shop.{host}") if self.stages.owner is slot else f"{name}.{host}"
        spec = self.site.plan.candidate.beanstalk
        return {
            "ApplicationName": spec.application if spec is not None else "shop",
            "EnvironmentName": name,
            "EnvironmentId": f"e-{slot}",
            "EnvironmentArn": f"arn:aws:elasticbeanstalk:{self.site.region}:{ACCOUNT}:environment/{name}",
            "CNAME": own,
            "VersionLabel": str(self._asked.get(slot, {}).get("VersionLabel", "v1")),
            "Status": self.stages.status(slot),
            "Health": "Grey" if self.stages.status(slot) == "Launching" else "Green",
        }

    def _slot(self, name: str) -> Slot:
        return next(slot for slot, its in self._names.items() if its == name)

    def _existing(self, name: str) -> Slot:
        known = [slot for slot, its in self._names.items() if name == its and self.stages.status(slot)]
        if not known:
            raise AwsError(INVALID, f"No Environment found for EnvironmentName = '{name}'.")
        return known[0]

    def _named(self, params: Params, side: str) -> tuple[str, Slot]:
        """How one side of a swap is given, and which it is. Raises AwsError."""
        name, identity = params.get(f"{side}EnvironmentName"), params.get(f"{side}EnvironmentId")
        if (name is None) == (identity is None):
            raise AwsError(INVALID, f"Exactly one of {side}EnvironmentId and {side}EnvironmentName must be given.")
        if name is not None:
            return "name", self._existing(name)
        slot = next((slot for slot in self._names if f"e-{slot}" == identity and self.stages.status(slot)), None)
        if slot is None:
            raise AwsError(INVALID, f"No Environment found for EnvironmentId = '{identity}'.")
        return "id", slot
