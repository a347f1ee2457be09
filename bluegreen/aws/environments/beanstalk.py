"""A slot as an Elastic Beanstalk environment: made from a saved configuration, looked into by its resources.

What is inside is an Auto Scaling group and a balancer, which are read, grown and held like any others. Beanstalk knows
nothing of a size that was set behind its back, and puts its own back when it updates the environment (Elastic Beanstalk
Developer Guide, Auto Scaling group): nobody should update one while a rollout runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts, Stamp
from bluegreen.aws.environments.named import NamedPlace
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Live
from bluegreen.plan.ways import Beanstalk

GOING = frozenset({"Terminating", "Terminated"})
SERVICE = "elasticbeanstalk"
PROPERTIES = "aws:elasticbeanstalk:application:environment"
"""The namespace of what its code is told (Developer Guide, general options for all environments)."""


class EnvironmentWay:
    """What both slots share."""

    def __init__(self, api: Api, name: str) -> None:
        self._api, self._name = api, name
        self._place: NamedPlace | None = None  # kept: an environment's group and balancer stay

    def look(self) -> EnvironmentView:
        found = self.find()
        if found is None:
            return EnvironmentView(Presence.ABSENT)
        if found["Status"] in GOING:
            self._place = None
            return EnvironmentView(Presence.REMOVING, detail=f"environment {found['Status']}")
        if found["Status"] == "Launching":
            return EnvironmentView(Presence.CREATING, detail=f"environment Launching: {self._last_event()}")
        return self._look_inside(found)

    def resize(self, instances: int) -> None:
        groups.resize(self._api, self._inside().group, instances)

    def hold_scale_in(self, held: bool) -> None:
        groups.hold_scale_in(self._api, self._inside().group, held)

    def facts(self) -> PlaceFacts | None:
        place = self._place or (self._find_place() if self.find() else None)
        return place.facts() if place else None

    def find(self) -> dict[str, Any] | None:
        """The environment by its name, as DescribeEnvironments tells it."""
        answer = self._api.call(SERVICE, "describe_environments", EnvironmentNames=[self._name], IncludeDeleted=False)
        found = [each for each in answer["Environments"] if each["EnvironmentName"] == self._name]
        return found[0] if found else None

    def properties(self) -> Mapping[str, str]:
        """What its code is told in its environment. A draft that is being deployed is not yet, or will never be."""
        found = self.find()
        if found is None:
            return {}
        asked = {"ApplicationName": found["ApplicationName"], "EnvironmentName": self._name}
        settings = self._api.call(SERVICE, "describe_configuration_settings", **asked)["ConfigurationSettings"]
        options = [
            each for its in settings if its.get("DeploymentStatus") == "deployed" for each in its["OptionSettings"]
        ]
        return {each["OptionName"]: each.get("Value", "") for each in options if each["Namespace"] == PROPERTIES}

    def terminate(self) -> None:
        self._place = None
        self._api.call(SERVICE, "terminate_environment", EnvironmentName=self._name)

    def _look_inside(self, found: dict[str, Any]) -> EnvironmentView:
        place = self._place or self._find_place()
        seen = place.seen() if place else None
        if place is None or seen is None or seen.group is None or seen.balancer is None:
            return EnvironmentView(Presence.FAILED, detail=f"environment {found['Status']}: {self._last_event()}")
        view = place.look_at(seen.group, seen.balancer)
        if found["Status"] == "Ready":
            return view
        return groups.with_presence(view, view.presence, f"environment {found['Status']}")

    def _inside(self) -> NamedPlace:
        place = self._place or self._find_place()
        if place is None:
            raise Missing(f"the environment {self._name} has no Auto Scaling group with a balancer")
        return place

    def _find_place(self) -> NamedPlace | None:
        """The environment's group and balancer."""
        inside = self._api.call(SERVICE, "describe_environment_resources", EnvironmentName=self._name)
        resources = inside["EnvironmentResources"]
        names = [resources.get("AutoScalingGroups") or [], resources.get("LoadBalancers") or []]
        if not all(names):
            return None
        self._place = NamedPlace(self._api, names[0][0]["Name"], _name_of(names[1][0]["Name"]))
        return self._place

    def _last_event(self) -> str:
        events = self._api.call(SERVICE, "describe_events", EnvironmentName=self._name, MaxRecords=1)["Events"]
        return str(events[0]["Message"]) if events else "no event yet"


class LiveEnvironmentWay(EnvironmentWay):
    """`Way` for the live slot."""

    def __init__(self, api: Api, live: Live, *, may_remove: bool) -> None:
        assert live.environment is not None, "the live slot is no environment"
        super().__init__(api, live.environment)
        self._may_remove = may_remove

    def create(self) -> None:
        if self.find() is None:
            raise Missing(f"the live environment {self._name} is gone")

    def remove(self) -> None:
        assert self._may_remove, "the plan keeps the old live slot (retire: keep)"
        found = self.find()
        if found is not None and found["Status"] not in GOING:
            self.terminate()

    def problems(self) -> tuple[str, ...]:
        found = self.find()
        if found is None:
            return (f"live.environment: there is no environment {self._name} in {self._api.region}",)
        if found["Status"] != "Ready":
            return (f"live.environment: {self._name} is {found['Status']}; a rollout can begin when it is Ready",)
        return ()


class NewEnvironmentWay(EnvironmentWay):
    """`Way` for the candidate."""

    def __init__(self, api: Api, spec: Beanstalk, live: Live, stamp: Stamp) -> None:
        super().__init__(api, stamp.name)
        self._spec, self._stamp = spec, stamp
        self._live = EnvironmentWay(api, live.environment) if live.environment else None

    def create(self) -> None:
        if self.find() is not None:
            return
        self._api.call(
            SERVICE,
            "create_environment",
            ApplicationName=self._spec.application,
            EnvironmentName=self._name,
            TemplateName=self._spec.configuration,
            Tags=[{"Key": key, "Value": value} for key, value in self._stamp.tags.items()],
            **self._version(),
        )

    def remove(self) -> None:
        found = self.find()
        if found is None or found["Status"] in GOING:
            return
        listed = self._api.call(SERVICE, "list_tags_for_resource", ResourceArn=found["EnvironmentArn"])["ResourceTags"]
        if not self._stamp.marks({tag["Key"]: tag.get("Value", "") for tag in listed}):
            raise Refused(f"the environment {self._name} was not made by this rollout: it is left alone")
        self.terminate()

    def problems(self) -> tuple[str, ...]:
        spec, where = self._spec, "candidate.beanstalk"
        found = self._api.call(SERVICE, "describe_applications", ApplicationNames=[spec.application])["Applications"]
        found = [each for each in found if each["ApplicationName"] == spec.application]
        if not found:
            return (f"{where}.application: there is no application {spec.application} in {self._api.region}",)
        problems = []
        saved = sorted(found[0].get("ConfigurationTemplates", ()))
        if spec.configuration not in saved:
            problems.append(
                f"{where}.configuration: {spec.application} has no saved configuration {spec.configuration}; it has"
                f" {', '.join(saved) or 'none'}"
            )
        if spec.version is not None and spec.version not in found[0].get("Versions", ()):
            problems.append(f"{where}.version: {spec.application} has no version {spec.version}")
        return tuple(problems)

    def _version(self) -> dict[str, str]:
        """The version to run: the plan's, or what the live environment runs."""
        if self._spec.version is not None:
            return {"VersionLabel": self._spec.version}
        found = self._live.find() if self._live else None
        return {"VersionLabel": found["VersionLabel"]} if found and found.get("VersionLabel") else {}


def _name_of(balancer: str) -> str:
    """A balancer's name; of an application balancer Beanstalk gives the ARN (.../app/<name>/<id>)."""
    return balancer.split("/")[-2] if "/" in balancer else balancer
