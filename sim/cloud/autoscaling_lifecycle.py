"""Auto Scaling: lifecycle hooks, and the warm pools whose machines they hold.

Source: Amazon EC2 Auto Scaling API reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cloud.autoscaling_groups import Groups
from sim.cloud.autoscaling_policies import hook_of, hook_params, notice_of, pool_configuration, pool_of
from sim.cloud.autoscaling_rules import invalid
from sim.cloud.instances import pooled
from sim.cloud.service import Answer, Params
from sim.errors import NotModelled

if TYPE_CHECKING:
    from sim.fleet import Fleet
    from sim.instance import Instance


class Lifecycle(Groups):
    """What a machine passes through on its way in and out."""

    def on_put_lifecycle_hook(self, params: Params) -> Answer:
        group, name = params["AutoScalingGroupName"], params["LifecycleHookName"]
        fleet = self._working(group)
        known = fleet.hooks.get(name) or next((hook for hook in fleet.spec.hooks if hook.name == name), None)
        fleet.hooks[name] = hook_of(params, known)
        self.notices.setdefault(group, {})[name] = notice_of(params)
        return {}

    def on_delete_lifecycle_hook(self, params: Params) -> Answer:
        group, name = params["AutoScalingGroupName"], params["LifecycleHookName"]
        self._working(group).hooks.pop(name, None)
        self.notices.get(group, {}).pop(name, None)
        return {}

    def on_describe_lifecycle_hooks(self, params: Params) -> Answer:
        group, wanted = params["AutoScalingGroupName"], params.get("LifecycleHookNames")
        self._existing(group)
        notices = self.notices.get(group, {})
        found = [
            {"AutoScalingGroupName": group, **hook_params(hook), **notices.get(name, {})}
            for name, hook in sorted(self._fleet(group).hooks.items())
            if not wanted or name in wanted
        ]
        return {"LifecycleHooks": found}

    def on_complete_lifecycle_action(self, params: Params) -> Answer:
        fleet, instance, hook = self._held(params)
        result = params["LifecycleActionResult"]
        if result not in ("CONTINUE", "ABANDON"):
            raise invalid("LifecycleActionResult must be CONTINUE or ABANDON")
        fleet.complete(instance, hook, result)
        return {}

    def on_record_lifecycle_action_heartbeat(self, params: Params) -> Answer:
        fleet, instance, hook = self._held(params)
        fleet.heartbeat(instance, hook)
        return {}

    def _held(self, params: Params) -> tuple[Fleet, Instance, str]:
        hook = params["LifecycleHookName"]
        if "InstanceId" not in params:
            raise NotModelled("the rehearsal finds lifecycle actions by instance, not by token")
        name, fleet, instance = self._machine(params["InstanceId"])
        if name != params["AutoScalingGroupName"] or not fleet.holds(instance, hook):
            raise invalid(f"No active Lifecycle Action found with instance ID {params['InstanceId']}")
        return fleet, instance, hook

    # -- warm pools -----------------------------------------------------------------------------------------------

    def on_put_warm_pool(self, params: Params) -> Answer:
        fleet = self._working(params["AutoScalingGroupName"])
        fleet.keep_warm(pool_of(params, fleet.warm_pool or fleet.spec.warm_pool))
        return {}

    def on_describe_warm_pool(self, params: Params) -> Answer:
        name = params["AutoScalingGroupName"]
        self._existing(name)
        fleet = self._fleet(name)
        if fleet.warm_pool is None:
            return {"Instances": []}
        machines = pooled(fleet, self.settings[name], self.site.region)
        return {"WarmPoolConfiguration": pool_configuration(fleet.warm_pool), "Instances": machines}

    def on_delete_warm_pool(self, params: Params) -> Answer:
        fleet = self._working(params["AutoScalingGroupName"])
        if fleet.warm_pool is None:
            raise invalid(f"No warm pool found for AutoScalingGroup {params['AutoScalingGroupName']}")
        if fleet.pool and not params.get("ForceDelete"):
            raise NotModelled("the rehearsal deletes warm pools with ForceDelete only")
        fleet.keep_warm(None)
        return {}
