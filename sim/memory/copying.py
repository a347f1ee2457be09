"""Making and removing the candidate as a copy: in the order, and with the calls, of `aws/environments/clone.py`:
launch template, target group, balancer, listener, group, scaling policies. What is there is left alone."""

from __future__ import annotations

from bluegreen.model import Slot
from sim.fleet import UTILISATION
from sim.memory.calls import Calls
from sim.memory.named import Group, Named
from sim.memory.store import Store

POLICIES = "autoscaling:DescribePolicies"


def nothing() -> None:
    """What a call that only reads settings changes."""


class Copy:
    """How one candidate comes to be."""

    def __init__(self, calls: Calls, store: Store, slot: Slot, live: Named, own: Named) -> None:
        self._calls, self._store, self._slot = calls, store, slot
        self._live, self._own = live, own
        self._holdings, self._place = store.holdings[slot], store.place(slot)
        self._has_image = store.plan.candidate.clone is not None and store.plan.candidate.clone.image is not None

    def make(self, live: Group) -> None:
        """Whatever is missing."""
        if self._own.find() is None:
            self._template()
            if self._store.application:
                self._target_group()
                self._application()
                self._listener()
            else:
                self._classic()
            self._group(live)
        if self._own.facts() and self.policies_missing():
            self._calls.ask("autoscaling:PutScalingPolicy", self._add_policies)

    def policies_missing(self) -> bool:
        """The live group has policies which the copy has not."""
        if not self._calls.ask(POLICIES, lambda: self._store.holdings[self._slot.other].policies):
            return False
        return not self._calls.ask(POLICIES, lambda: self._holdings.policies)

    def finds_template(self) -> bool:
        return self._has_image and self._calls.ask("ec2:DescribeLaunchTemplates", lambda: self._holdings.template)

    def finds_target_group(self) -> bool:
        """By its name, which follows from the live one's."""
        if not self._live.facts() or not self._store.application:
            return False
        found = self._calls.ask("elbv2:DescribeTargetGroups", lambda: self._holdings.target_group)
        return found and self._own.is_ours()

    def remove_rest(self) -> None:
        """What is left when the group is gone."""
        if self.finds_target_group():
            self._own.delete_target_group()
        if self._calls.ask("ec2:DescribeLaunchTemplates", lambda: self._holdings.template):
            self._calls.ask("ec2:DeleteLaunchTemplate", lambda: self._drop("template", "launch-template"))

    def preflight(self) -> None:
        if not self._has_image:
            self._calls.ask("ec2:DescribeLaunchTemplates", nothing)
        self._calls.ask(POLICIES, nothing)
        if self._store.application:
            self._calls.ask("elbv2:DescribeListeners", nothing)
            self._calls.ask("elbv2:DescribeRules", nothing)
        else:
            self._calls.ask("elb:DescribeLoadBalancers", nothing)

    # -- one by one -----------------------------------------------------------------------------------------------

    def _template(self) -> None:
        if not self._has_image:
            return
        if not self._calls.ask("ec2:DescribeLaunchTemplates", lambda: self._holdings.template):
            self._calls.ask("ec2:DescribeLaunchTemplateVersions", nothing)
            self._calls.ask("ec2:CreateLaunchTemplate", lambda: self._add("template", "launch-template"))

    def _target_group(self) -> None:
        if self._calls.ask("elbv2:DescribeTargetGroups", lambda: self._holdings.target_group):
            self._own.is_ours()
        else:
            self._calls.ask("elbv2:DescribeTargetGroups", nothing)
            self._calls.ask("elbv2:CreateTargetGroup", lambda: self._add("target_group", "target-group"))
        self._calls.ask("elbv2:DescribeTargetGroupAttributes", nothing)
        self._calls.ask("elbv2:DescribeTargetGroupAttributes", nothing)

    def _application(self) -> None:
        if self._calls.ask("elbv2:DescribeLoadBalancers", lambda: self._place.balancer.exists):
            self._calls.ask("elbv2:DescribeTags", nothing)
        else:
            self._calls.ask("elbv2:DescribeLoadBalancers", nothing)
            self._calls.ask("elbv2:CreateLoadBalancer", self._add_balancer)
        self._calls.ask("elbv2:DescribeLoadBalancerAttributes", nothing)
        self._calls.ask("elbv2:DescribeLoadBalancerAttributes", nothing)

    def _listener(self) -> None:
        there = self._calls.ask("elbv2:DescribeListeners", lambda: self._holdings.listener)
        self._calls.ask("elbv2:DescribeListeners", nothing)
        if not there:
            self._calls.ask("elbv2:CreateListener", lambda: setattr(self._holdings, "listener", True))
        self._calls.ask("elbv2:DescribeRules", nothing)

    def _classic(self) -> None:
        there = self._calls.ask("elb:DescribeLoadBalancers", lambda: self._place.balancer.exists)
        self._calls.ask("elb:DescribeLoadBalancers", nothing)
        if there:
            self._calls.ask("elb:DescribeTags", nothing)
        else:
            self._calls.ask("elb:CreateLoadBalancer", self._add_balancer)
        self._calls.ask("elb:ConfigureHealthCheck", nothing)
        self._calls.ask("elb:DescribeLoadBalancerAttributes", nothing)
        self._calls.ask("elb:ModifyLoadBalancerAttributes", nothing)
        if not there:
            self._calls.ask("elb:DescribeLoadBalancers", nothing)

    def _group(self, live: Group) -> None:
        """The live group's own minimum, at least one machine."""
        hold = self._store.holdings[self._slot.other].hold
        minimum = hold[1] if hold else live.minimum
        maximum = max(1, self._store.place(self._slot.other).fleet.maximum)
        self._calls.ask("autoscaling:DescribeLifecycleHooks", nothing)
        self._calls.ask("autoscaling:CreateAutoScalingGroup", lambda: self._add_group(minimum, maximum))

    def _add(self, name: str, kind: str) -> None:
        setattr(self._holdings, name, True)
        self._store.created(self._slot, kind)

    def _drop(self, name: str, kind: str) -> None:
        setattr(self._holdings, name, False)
        self._store.removed(self._slot, kind)

    def _add_balancer(self) -> None:
        self._place.balancer.create(kind=self._store.spec.balancer)
        self._store.created(self._slot, "balancer")

    def _add_policies(self) -> None:
        """The live group's target, measured as the candidate's world measures."""
        live, own = self._store.place(self._slot.other).fleet.spec.tracking, self._place.fleet
        asked = {"target": live.target, "requests": live.requests, "warm_up": live.warm_up, "scale_in": live.scale_in}
        own.put_policy(UTILISATION, own.spec.tracking.model_copy(update=asked))
        self._holdings.policies = True

    def _add_group(self, minimum: int, maximum: int) -> None:
        """With the live group's settings and hooks."""
        live, own = self._store.place(self._slot.other).fleet, self._place.fleet
        own.create(max(1, minimum), minimum, maximum, bare=True)
        own.hooks |= live.hooks
        own.health_check, own.grace, own.cooldown = live.health_check, live.grace, live.cooldown
        own.default_warm_up = live.default_warm_up
        own.recheck()
        self._store.created(self._slot, "group")
