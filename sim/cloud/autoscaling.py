"""Auto Scaling: moto keeps the groups' settings, the world has their instances.

A group in moto is always empty: its machines are the fleet of the place that the group is bound to, with sizes,
life cycle and time. What moto accepts or breaks on and AWS refuses is refused here (Amazon EC2 Auto Scaling API
reference; EC2 Auto Scaling User Guide).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bluegreen.model import Slot
from sim.clock import now_ms
from sim.cloud.autoscaling_rules import check_sizes, fits, invalid, processes
from sim.cloud.errors import AwsError, NotModelled
from sim.cloud.instances import described
from sim.cloud.service import Answer, Params, Service, Site
from sim.effects import Created, Removed

if TYPE_CHECKING:
    from sim.fleet import Fleet

OURS = frozenset({"AlarmNotification", "ScheduledActions", "AZRebalance", "InstanceRefresh"})
"""Those whose suspension the world's fleets can follow. Without AlarmNotification a group neither grows nor shrinks
by itself; the others never act here."""


class AutoScaling(Service):
    """Groups bound to the world's fleets."""

    name = "autoscaling"
    moto = frozenset(
        [
            "create_launch_configuration",
            "describe_launch_configurations",
            "delete_launch_configuration",
            "describe_tags",
            "put_scaling_policy",
            "describe_policies",
            "delete_policy",
            "describe_lifecycle_hooks",
            "put_lifecycle_hook",
        ]
    )

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.settings: dict[str, Answer] = {}
        """Each bound group as moto describes it; sizes, instances and status come from the world."""
        self.suspended: dict[str, set[str]] = {}
        self._leaving: set[str] = set()  # deleted, but the last instances are still on their way out

    # -- made, adopted, deleted -----------------------------------------------------------------------------------

    def on_create_auto_scaling_group(self, params: Params) -> Answer:
        name = params["AutoScalingGroupName"]
        if self._describe(name) is not None:
            raise AwsError("AlreadyExists", f"AutoScalingGroup by this name already exists - {name}")
        low, high = params["MinSize"], params["MaxSize"]
        desired = params.get("DesiredCapacity", low)
        check_sizes(low, desired, high)
        self._check_target_groups(params.get("TargetGroupARNs", []))
        self._check_balancers(params.get("LoadBalancerNames", []))
        self.aws.create_auto_scaling_group(**{**params, "MinSize": 0, "DesiredCapacity": 0})
        slot = self.site.bindings.by_tags(params.get("Tags", []))
        self.adopt(name, slot)
        self._fleet(name).create(desired=desired, minimum=low, maximum=high)
        self.world.record(Created(slot, f"group/{name}"))
        return {}

    def adopt(self, name: str, slot: Slot) -> None:
        """moto has this (empty) group: from now on its instances are the slot's fleet, which the caller creates."""
        for leaving in list(self._leaving):
            self._describe(leaving)  # one that is gone by now frees its slot
        self.site.bindings.take_group(slot, name)
        self._reread(name)
        self._serve(name, self.settings[name].get("TargetGroupARNs", []))

    def on_delete_auto_scaling_group(self, params: Params) -> Answer:
        name = params["AutoScalingGroupName"]
        self._existing(name)
        fleet = self._fleet(name)
        if name in self._leaving:
            return {}
        if fleet.instances and not params.get("ForceDelete"):
            raise AwsError(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s)"
                " still in the group.",
            )
        self.aws.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        self._leaving.add(name)
        fleet.remove()
        self.world.record(Removed(self.site.bindings.groups[name], f"group/{name}"))
        return {}

    # -- sizes ------------------------------------------------------------------------------------------------------

    def on_set_desired_capacity(self, params: Params) -> Answer:
        fleet, wanted = self._working(params["AutoScalingGroupName"]), params["DesiredCapacity"]
        for wrong, word, bound in (
            (wanted > fleet.maximum, "above max", fleet.maximum),
            (wanted < fleet.minimum, "below min", fleet.minimum),
        ):
            if wrong:
                raise invalid(
                    f"New SetDesiredCapacity value {wanted} is {word} value {bound} for the AutoScalingGroup."
                )
        fleet.want(wanted)
        return {}

    def on_update_auto_scaling_group(self, params: Params) -> Answer:
        """A new minimum or maximum moves the desired capacity along, unless one is given (UpdateAutoScalingGroup)."""
        name = params["AutoScalingGroupName"]
        fleet = self._working(name)
        low, high = params.get("MinSize", fleet.minimum), params.get("MaxSize", fleet.maximum)
        desired = params.get("DesiredCapacity", max(low, min(high, fleet.desired)))
        check_sizes(low, desired, high)
        others = {key: value for key, value in params.items() if key not in {"MinSize", "MaxSize", "DesiredCapacity"}}
        if len(others) > 1:
            self.aws.update_auto_scaling_group(**others)
            self._reread(name)
        fleet.minimum, fleet.maximum = low, high
        fleet.want(desired)
        return {}

    # -- processes, tags, target groups -----------------------------------------------------------------------------

    def on_suspend_processes(self, params: Params) -> Answer:
        name = params["AutoScalingGroupName"]
        self._working(name)
        self._suspend(name, self.suspended.get(name, set()) | processes(params))
        return {}

    def on_resume_processes(self, params: Params) -> Answer:
        name = params["AutoScalingGroupName"]
        self._working(name)
        self._suspend(name, self.suspended.get(name, set()) - processes(params))
        return {}

    def _suspend(self, name: str, suspended: set[str]) -> None:
        if unknown := suspended - OURS:
            raise NotModelled(f"the rehearsal's fleets cannot suspend {', '.join(sorted(unknown))}")
        self.suspended[name] = suspended
        fleet = self._fleet(name)
        fleet.scale_in_held = fleet.scale_out_held = "AlarmNotification" in suspended

    def on_create_or_update_tags(self, params: Params) -> Answer:
        return self._tag(params, self.aws.create_or_update_tags)

    def on_delete_tags(self, params: Params) -> Answer:
        return self._tag(params, self.aws.delete_tags)

    def _tag(self, params: Params, call: Any) -> Answer:
        names = {tag["ResourceId"] for tag in params["Tags"]}
        for name in names:
            self._existing(name)
        call(**params)
        for name in names:
            self._reread(name)
        return {}

    def on_attach_load_balancer_target_groups(self, params: Params) -> Answer:
        name, arns = params["AutoScalingGroupName"], params["TargetGroupARNs"]
        self._working(name)
        self._check_target_groups(arns)
        self.aws.attach_load_balancer_target_groups(**params)
        self._reread(name)
        self._serve(name, arns)
        return {}

    def _serve(self, name: str, arns: list[str]) -> None:
        """The group's instances are these target groups' targets."""
        slot = self.site.bindings.groups[name]
        for arn in arns:
            self.site.bindings.targets[arn] = self.site.bindings.metrics[arn.rpartition(":")[2]] = slot

    # -- what is seen -----------------------------------------------------------------------------------------------

    def on_describe_auto_scaling_groups(self, params: Params) -> Answer:
        names = params.get("AutoScalingGroupNames") or list(self.settings)
        found = [group for name in names if (group := self._describe(name)) is not None]
        filters = params.get("Filters", [])
        return {"AutoScalingGroups": [group for group in found if all(fits(group, wanted) for wanted in filters)]}

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
            "Instances": described(fleet, self.settings[name], self.site.region, now_ms(self.world.env)),
            "SuspendedProcesses": [
                {"ProcessName": process, "SuspensionReason": "User suspended"}
                for process in sorted(self.suspended.get(name, set()))
            ],
        }
        return {**group, "Status": "Delete in progress"} if name in self._leaving else group

    def _forget(self, name: str) -> None:
        """The last instance is gone, and the group with it."""
        for arn in self.settings.pop(name).get("TargetGroupARNs", []):
            self.site.bindings.targets.pop(arn, None)
        self._leaving.discard(name)
        self.suspended.pop(name, None)
        del self.site.bindings.groups[name]

    def _reread(self, name: str) -> None:
        found = self.aws.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        assert found, f"moto has no group {name}"
        self.settings[name] = found[0]

    # -- what must be there -----------------------------------------------------------------------------------------

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

    def _check_target_groups(self, arns: list[str]) -> None:
        """moto would make the group and its instances, and raise then."""
        known = (
            {group["TargetGroupArn"] for group in self.site.moto("elbv2").describe_target_groups()["TargetGroups"]}
            if arns
            else set()
        )
        if missing := [arn for arn in arns if arn not in known]:
            raise invalid(f"Provided Target Groups may not be valid. Target group {missing[0]} not found.")

    def _check_balancers(self, names: list[str]) -> None:
        described = self.site.moto("elb").describe_load_balancers()["LoadBalancerDescriptions"] if names else []
        known = {balancer["LoadBalancerName"] for balancer in described}
        if missing := [name for name in names if name not in known]:
            raise invalid(f"Provided Load Balancers may not be valid. Please ensure they exist: {missing[0]}")
