"""Auto Scaling: policies and scheduled actions. moto keeps what was asked for; the world's fleet follows it.

Source: Amazon EC2 Auto Scaling API reference.
"""

from __future__ import annotations

from sim.clock import EPOCH, ms
from sim.cloud.autoscaling_groups import Groups
from sim.cloud.autoscaling_policies import policy_of, policy_params
from sim.cloud.autoscaling_rules import invalid
from sim.cloud.service import ACCOUNT, Answer, Params
from sim.errors import NotModelled
from sim.fleets.schedule import ScheduledSpec
from sim.fleets.steps import SimpleSpec


class Scaling(Groups):
    """What a group does by itself."""

    # -- policies ---------------------------------------------------------------------------------------------------

    def on_put_scaling_policy(self, params: Params) -> Answer:
        """moto knows policies by their name alone: one group's would take the place of another's."""
        group, name = params["AutoScalingGroupName"], params["PolicyName"]
        fleet = self._working(group)
        spec = policy_of(params, fleet.spec.tracking)
        if params.get("Enabled", True):
            fleet.put_policy(name, spec)
        else:
            fleet.policies.remove(name)
        return {"PolicyARN": self.list_policy(group, params)["PolicyARN"], "Alarms": []}

    def list_policy(self, group: str, params: Params) -> Answer:
        """From now on DescribePolicies tells of it."""
        kind, name = params.get("PolicyType", "SimpleScaling"), params["PolicyName"]
        arn = f"arn:aws:autoscaling:{self.site.region}:{ACCOUNT}:scalingPolicy:{group}:policyName/{name}"
        told = {"Enabled": True, "Alarms": list[Answer](), **params, "PolicyType": kind, "PolicyARN": arn}
        self.listed.setdefault(group, {})[name] = {**told, "AutoScalingGroupName": group}
        return told

    def on_describe_policies(self, params: Params) -> Answer:
        asked, names, kinds = (params.get(key) for key in ("AutoScalingGroupName", "PolicyNames", "PolicyTypes"))
        found = [
            policy
            for group, policies in sorted(self.listed.items())
            for name, policy in sorted(policies.items())
            if asked in (None, group) and (not names or name in names) and (not kinds or policy["PolicyType"] in kinds)
        ]
        return {"ScalingPolicies": found}

    def on_delete_policy(self, params: Params) -> Answer:
        group = params.get("AutoScalingGroupName")
        if group is None:
            raise NotModelled("the rehearsal deletes policies by group and name only")
        self._working(group).policies.remove(params["PolicyName"])
        self.listed.get(group, {}).pop(params["PolicyName"], None)
        return {}

    def on_execute_policy(self, params: Params) -> Answer:
        """An alarm of somebody else's calls the policy. One that heeds its cooldown and cools does nothing."""
        group, name = params.get("AutoScalingGroupName"), params["PolicyName"]
        if group is None:
            raise NotModelled("the rehearsal executes policies by group and name only")
        fleet = self._working(group)
        policy = fleet.policies.alarmed(name)
        if policy is None:
            raise invalid(f"No step or simple scaling policy {name} of {group} was found")
        given = {"MetricValue", "BreachThreshold"} & set(params)
        if isinstance(policy.spec, SimpleSpec):
            fleet.execute(name, 0.0, 0.0, heed_cooldown=params.get("HonorCooldown", False))
        elif len(given) == 2:
            fleet.execute(name, params["MetricValue"], params["BreachThreshold"])
        else:
            raise invalid("MetricValue and BreachThreshold are required for policies of type StepScaling")
        return {}

    def _list_own(self, name: str) -> None:
        """What the world's fleet does already is told, too: its policies and scheduled actions."""
        fleet = self._fleet(name)
        for policy, spec in fleet.spec.policies.items():
            self.list_policy(name, {"PolicyName": policy, **policy_params(spec)})
        for action in fleet.spec.scheduled:
            sizes = {"MinSize": action.minimum, "MaxSize": action.maximum, "DesiredCapacity": action.desired}
            asked = {key: value for key, value in sizes.items() if value is not None}
            self.scheduled.setdefault(name, {})[action.name] = {
                "AutoScalingGroupName": name,
                "ScheduledActionName": action.name,
                "StartTime": EPOCH + action.at,
                **asked,
            }

    # -- scheduled actions ------------------------------------------------------------------------------------------

    def on_put_scheduled_update_group_action(self, params: Params) -> Answer:
        name, action = params["AutoScalingGroupName"], params["ScheduledActionName"]
        fleet = self._working(name)
        if left := [key for key in ("Recurrence", "EndTime", "TimeZone") if params.get(key)]:
            raise NotModelled(f"the rehearsal's scheduled actions happen once, without {', '.join(left)}")
        start = params.get("StartTime", params.get("Time"))
        sizes = [params.get(key) for key in ("MinSize", "MaxSize", "DesiredCapacity")]
        if start is None or sizes == [None] * 3:
            raise invalid("A scheduled action needs a StartTime, and MinSize, MaxSize or DesiredCapacity")
        if start <= self.site.now():
            raise invalid("Given start time is in the past")
        at = start - EPOCH
        spec = ScheduledSpec(name=action, at=at, minimum=sizes[0], maximum=sizes[1], desired=sizes[2])
        fleet.schedule.put(action, ms(at), spec)
        self.scheduled.setdefault(name, {})[action] = params
        return {}

    def on_delete_scheduled_action(self, params: Params) -> Answer:
        name, action = params["AutoScalingGroupName"], params["ScheduledActionName"]
        fleet = self._working(name)
        if action not in fleet.schedule:
            raise invalid(f"Scheduled action name not found: {action}")
        fleet.schedule.remove(action)
        return {}

    def on_describe_scheduled_actions(self, params: Params) -> Answer:
        """Those that are still to come."""
        asked, wanted = params.get("AutoScalingGroupName"), params.get("ScheduledActionNames")
        found = [
            {**action, "Time": action.get("StartTime", action.get("Time"))}
            for group, actions in sorted(self.scheduled.items())
            for name, action in sorted(actions.items())
            if asked in (None, group) and (not wanted or name in wanted) and name in self._fleet(group).schedule
        ]
        return {"ScheduledUpdateGroupActions": found}
