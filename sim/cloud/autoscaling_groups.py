"""Auto Scaling groups as both keep them: moto the settings, the world the machines. What the group's other files share.

A group in moto is always empty: its machines are the fleet of the place that the group is bound to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cloud.autoscaling_rules import invalid
from sim.cloud.instances import described
from sim.cloud.service import Answer, Params, Service, Site

if TYPE_CHECKING:
    from sim.fleet import Fleet
    from sim.instance import Instance


class Groups(Service):
    """Groups bound to the world's fleets."""

    name = "autoscaling"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.settings: dict[str, Answer] = {}
        """Each bound group as moto describes it; sizes, instances and status come from the world."""
        self.scheduled: dict[str, dict[str, Params]] = {}
        """By group and name: scheduled actions as they were asked for."""
        self.listed: dict[str, dict[str, Answer]] = {}
        """By group and name: scaling policies as DescribePolicies tells of them."""
        self.notices: dict[str, dict[str, Answer]] = {}
        """By group and name: whom lifecycle hooks tell."""
        self._leaving: set[str] = set()  # deleted, but the last instances are still on their way out

    def _describe(self, name: str) -> Answer | None:
        """The group as the world has it now."""
        if name not in self.settings:
            return None
        fleet = self._fleet(name)
        if name in self._leaving and not fleet.exists:
            self._forget(name)
            return None
        group = {
            **self.settings[name],
            "MinSize": fleet.minimum,
            "MaxSize": fleet.maximum,
            "DesiredCapacity": fleet.desired,
            **_settings(fleet),
            "Instances": described(fleet, self.settings[name], self.site.region),
            "SuspendedProcesses": [
                {"ProcessName": process, "SuspensionReason": "User suspended"} for process in sorted(fleet.suspended)
            ],
        }
        return {**group, "Status": "Delete in progress"} if name in self._leaving else group

    def _forget(self, name: str) -> None:
        """The last instance is gone, and the group with it."""
        for arn in self.settings.pop(name).get("TargetGroupARNs", []):
            self.site.bindings.targets.pop(arn, None)
        self._leaving.discard(name)
        self.scheduled.pop(name, None)
        self.listed.pop(name, None)
        self.notices.pop(name, None)
        del self.site.bindings.groups[name]

    def _fleet(self, name: str) -> Fleet:
        return self.world.places[self.site.bindings.groups[name]].fleet

    def _existing(self, name: str) -> Answer:
        group = self._describe(name)
        if group is None:
            raise invalid(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
        return group

    def _working(self, name: str) -> Fleet:
        if "Status" in self._existing(name):
            raise invalid(f"AutoScalingGroup '{name}' is pending delete")
        return self._fleet(name)

    def _machine(self, instance_id: str) -> tuple[str, Fleet, Instance]:
        """The machine of that id, with the name of its group and its fleet."""
        for name in list(self.settings):
            fleet = self._fleet(name)
            if instance := fleet.instance(instance_id):
                return name, fleet, instance
        raise invalid(f"Instance Id not found - No managed instance found for instance ID {instance_id}")


def _settings(fleet: Fleet) -> Answer:
    """What the world's fleet heeds; moto takes a grace of 0 s for none, and says 300 s."""
    told: Answer = {
        "HealthCheckType": fleet.health_check,
        "HealthCheckGracePeriod": round(fleet.grace.total_seconds()),
        "DefaultCooldown": round(fleet.cooldown.total_seconds()),
    }
    if fleet.default_warm_up is not None:
        told["DefaultInstanceWarmup"] = round(fleet.default_warm_up.total_seconds())
    return told
