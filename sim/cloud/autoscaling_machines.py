"""Auto Scaling: single machines, and what was done with them.

Source: Amazon EC2 Auto Scaling API reference.
"""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

from sim.clock import EPOCH, MILLISECOND, ms
from sim.cloud.autoscaling_groups import Groups
from sim.cloud.autoscaling_rules import invalid
from sim.cloud.instances import described_one
from sim.cloud.service import Answer, Params
from sim.errors import NotModelled

if TYPE_CHECKING:
    from sim.fleets.activities import Activity

PAGE = 100
"""MaxRecords of DescribeScalingActivities, by default and at most."""


class Machines(Groups):
    """What can be asked of one machine, and the history of all."""

    def on_describe_auto_scaling_instances(self, params: Params) -> Answer:
        wanted = params.get("InstanceIds")
        found = [
            {**described_one(instance, self.settings[name], self.site.region), "AutoScalingGroupName": name}
            for name in list(self.settings)
            if self._describe(name)
            for instance in self._fleet(name).instances
            if not wanted or instance.id in wanted
        ]
        return {"AutoScalingInstances": found}

    def on_set_instance_health(self, params: Params) -> Answer:
        _, fleet, instance = self._machine(params["InstanceId"])
        if not instance.serves:
            raise invalid(f"Instance {instance.id} is not in service")
        grace = params.get("ShouldRespectGracePeriod", True)
        if params["HealthStatus"] == "Healthy":
            fleet.mark_healthy(instance)
        elif not grace or self.world.env.now >= instance.entered + ms(fleet.grace):
            fleet.mark_unhealthy(instance)
        return {}

    def on_terminate_instance_in_auto_scaling_group(self, params: Params) -> Answer:
        if "InstanceId" not in params:
            raise NotModelled("the rehearsal terminates one instance at a time")
        name, fleet, instance = self._machine(params["InstanceId"])
        self._working(name)
        if not instance.active:
            raise invalid(f"Instance {instance.id} is being terminated already")
        shrink = params["ShouldDecrementDesiredCapacity"]
        if shrink and fleet.desired <= fleet.minimum:
            raise invalid(
                f"Currently, desiredSize equals minSize ({fleet.minimum}). Terminating instance without replacement"
                " will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or"
                " lower group's min size."
            )
        fleet.terminate(instance, shrink)
        assert instance.activity is not None
        return {"Activity": self._activity(name, instance.activity)}

    # -- history --------------------------------------------------------------------------------------------------

    def on_describe_scaling_activities(self, params: Params) -> Answer:
        """Newest first."""
        if params.get("IncludeDeletedGroups") or params.get("Filters"):
            raise NotModelled("the rehearsal lists activities of groups that are there, without filters")
        name = params.get("AutoScalingGroupName")
        if name is not None:
            self._existing(name)
        names = [name] if name is not None else [each for each in list(self.settings) if self._describe(each)]
        found = [
            self._activity(each, activity) for each in names for activity in reversed(self._fleet(each).activities)
        ]
        if wanted := params.get("ActivityIds"):
            found = [activity for activity in found if activity["ActivityId"] in wanted]
        start, size = int(params.get("NextToken", 0)), min(params.get("MaxRecords", PAGE), PAGE)
        more = {"NextToken": str(start + size)} if start + size < len(found) else {}
        return {"Activities": found[start : start + size], **more}

    def _activity(self, group: str, activity: Activity) -> Answer:
        what = "Launching a new EC2 instance" if activity.launches else "Terminating EC2 instance"
        words = f": {activity.instance}" if activity.instance else ""
        message = activity.message
        return {
            "ActivityId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{group}/{self.world.seed}/{activity.number}")),
            "AutoScalingGroupName": group,
            "Description": f"{what}{words}" + (f".  Status Reason: {message}" if message else ""),
            "Cause": activity.cause,
            "StartTime": EPOCH + activity.start * MILLISECOND,
            **({} if activity.end is None else {"EndTime": EPOCH + activity.end * MILLISECOND}),
            "StatusCode": activity.status,
            **({"StatusMessage": message} if message else {}),
            "Progress": 50 if activity.end is None else 100,
            "Details": json.dumps({"Availability Zone": f"{self.site.region}{activity.zone}"}),
        }
