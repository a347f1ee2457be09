"""Auto Scaling: moto keeps the groups' settings, the world has their instances.

A group in moto is always empty: its machines are the fleet of the place that the group is bound to, with sizes,
life cycle and time. What moto accepts or breaks on and AWS refuses is refused here (Amazon EC2 Auto Scaling API
reference; EC2 Auto Scaling User Guide).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bluegreen.model import Slot
from sim.cloud.autoscaling_lifecycle import Lifecycle
from sim.cloud.autoscaling_machines import Machines
from sim.cloud.autoscaling_policies import hook_of, notice_of
from sim.cloud.autoscaling_rules import check_sizes, fits, invalid, processes
from sim.cloud.autoscaling_scaling import Scaling
from sim.cloud.service import Answer, Params
from sim.effects import Created, Removed
from sim.errors import AwsError, NotModelled
from sim.routing import Registered

if TYPE_CHECKING:
    from sim.fleet import Fleet

API_DEFAULTS = {"HealthCheckType": "EC2", "HealthCheckGracePeriod": 0, "DefaultCooldown": 300}
"""What the API takes for what is left out; moto takes 300 s of grace, as the console does (BC
CreateAutoScalingGroupType)."""
STACK_TAG = "aws:cloudformation:stack-name"


class AutoScaling(Scaling, Lifecycle, Machines):
    """Groups bound to the world's fleets: made and deleted, sizes, processes, tags, target groups."""

    moto = frozenset(
        [
            "create_launch_configuration",
            "describe_launch_configurations",
            "delete_launch_configuration",
            "describe_tags",
        ]
    )

    # -- made, adopted, deleted -----------------------------------------------------------------------------------

    def on_create_auto_scaling_group(self, params: Params, *, whole: bool = False) -> Answer:
        """`whole`: by who makes everything that belongs to a group, as stacks do."""
        name = params["AutoScalingGroupName"]
        if self._describe(name) is not None:
            raise AwsError("AlreadyExists", f"AutoScalingGroup by this name already exists - {name}")
        low, high = params["MinSize"], params["MaxSize"]
        desired = params.get("DesiredCapacity", low)
        check_sizes(low, desired, high)
        self._check_target_groups(params.get("TargetGroupARNs", []))
        self._check_balancers(params.get("LoadBalancerNames", []))
        hooks = [hook_of(hook, None) for hook in params.get("LifecycleHookSpecificationList", ())]
        tags = params.get("Tags", [])
        self.aws.create_auto_scaling_group(**{**API_DEFAULTS, **params, "MinSize": 0, "DesiredCapacity": 0})
        slot = self.site.bindings.by_tags(tags)
        self.adopt(name, slot)
        fleet = self._fleet(name)
        of_stack = any(tag["Key"] == STACK_TAG for tag in tags)
        # Policies inside a template are not made: there the scenario says how the group scales.
        fleet.create(desired=desired, minimum=low, maximum=high, bare=not (of_stack or whole))
        fleet.hooks |= {hook.name: hook for hook in hooks}
        asked = params.get("LifecycleHookSpecificationList", ())
        self.notices[name] = {hook["LifecycleHookName"]: notice_of(hook) for hook in asked}
        _heed(fleet, {**self._defaults(name, params, of_stack), **params})
        self.world.record(Created(slot, f"group/{name}"))
        return {}

    def _defaults(self, name: str, params: Params, of_stack: bool) -> Params:
        """What counts for settings that are left out. How long a template's machines take to boot is the scenario's
        guess, and so is the grace that goes with it: with none, a guess would say that the group never gets ready."""
        if not of_stack or params.get("HealthCheckType") != "ELB" or params.get("HealthCheckGracePeriod") is not None:
            return API_DEFAULTS
        grace = round(self._fleet(name).grace.total_seconds())
        self.world.notes.append(
            f"the group {name} has no HealthCheckGracePeriod: AWS takes 0 s, and may replace its machines while they"
            f" boot; the rehearsal takes {grace} s"
        )
        return {**API_DEFAULTS, "HealthCheckGracePeriod": grace}

    def adopt(self, name: str, slot: Slot) -> None:
        """moto has this (empty) group: from now on its instances are the slot's fleet, which has long been there, or
        which the caller creates."""
        for leaving in list(self._leaving):
            self._describe(leaving)  # one that is gone by now frees its slot
        self.site.bindings.take_group(slot, name)
        self._reread(name)
        self._serve(name, self.settings[name].get("TargetGroupARNs", []))
        if self._fleet(name).exists:
            self._list_own(name)

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
            _heed(fleet, others)
        fleet.minimum, fleet.maximum = low, high
        fleet.want(desired)
        return {}

    # -- processes, tags, target groups -----------------------------------------------------------------------------

    def on_suspend_processes(self, params: Params) -> Answer:
        self._working(params["AutoScalingGroupName"]).suspend(processes(params))
        return {}

    def on_resume_processes(self, params: Params) -> Answer:
        self._working(params["AutoScalingGroupName"]).resume(processes(params))
        return {}

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

    def on_detach_load_balancer_target_groups(self, params: Params) -> Answer:
        name, arns = params["AutoScalingGroupName"], params["TargetGroupARNs"]
        self._working(name)
        if unknown := [arn for arn in arns if arn not in self.settings[name].get("TargetGroupARNs", [])]:
            raise invalid(f"The Target Groups {unknown} are not part of the group {name}")
        self.aws.detach_load_balancer_target_groups(**params)
        self._reread(name)
        slot, routing = self.site.bindings.groups[name], self.world.dns
        if not isinstance(routing, Registered):
            raise NotModelled("a group detached from its target group, where traffic moves in another way")
        routing.change({**routing.weights, slot: 0})
        return {}

    def _serve(self, name: str, arns: list[str]) -> None:
        """The group's instances are these target groups' targets."""
        slot, routing = self.site.bindings.groups[name], self.world.dns
        if isinstance(routing, Registered):
            if arns and slot not in routing.attached:
                routing.change({**routing.weights, slot: 1})
            if slot is not self.site.plan.live.slot:
                return  # the target group counts as the live slot's
        for arn in arns:
            self.site.bindings.targets[arn] = self.site.bindings.metrics[arn.rpartition(":")[2]] = slot

    # -- what is seen -----------------------------------------------------------------------------------------------

    def on_describe_auto_scaling_groups(self, params: Params) -> Answer:
        names = params.get("AutoScalingGroupNames") or list(self.settings)
        found = [group for name in names if (group := self._describe(name)) is not None]
        filters = params.get("Filters", [])
        return {"AutoScalingGroups": [group for group in found if all(fits(group, wanted) for wanted in filters)]}

    def _reread(self, name: str) -> None:
        found = self.aws.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        assert found, f"moto has no group {name}"
        self.settings[name] = found[0]

    # -- what must be there -----------------------------------------------------------------------------------------

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


def _heed(fleet: Fleet, params: Params) -> None:
    """Settings of the group that its machines' lives depend on."""
    fleet.health_check = params.get("HealthCheckType") or fleet.health_check
    for name, setting in (("HealthCheckGracePeriod", "grace"), ("DefaultCooldown", "cooldown")):
        if params.get(name) is not None:
            setattr(fleet, setting, timedelta(seconds=params[name]))
    if params.get("DefaultInstanceWarmup") is not None:
        seconds = params["DefaultInstanceWarmup"]
        fleet.default_warm_up = None if seconds == -1 else timedelta(seconds=seconds)
    fleet.recheck()
