"""Auto Scaling groups, the same for every way: find, count, grow, hold, remove.

Holding scale-in. As traffic leaves a slot, target tracking scales its group in after 15 quiet minutes, and a later
rollback would meet a small slot. Suspending `AlarmNotification` prevents that, but also stops the group from growing
while it still serves most users. So the floor is raised instead: MinSize becomes the present desired capacity, and
`ScheduledActions`, which may lower MinSize itself, is suspended (EC2 Auto Scaling User Guide, suspend processes).
What was there before is kept in a tag on the group, so giving it back needs no memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, Self

from bluegreen.aws.balancers import Balancer, count_targets
from bluegreen.aws.session import Api
from bluegreen.errors import Missing
from bluegreen.model import EnvironmentView, Presence

HELD_TAG = "bluegreen:scale-in-held"
SCHEDULED = "ScheduledActions"


@dataclass(frozen=True, slots=True)
class Hold:
    """What a held group's tag says: the floor that keeps it, and what to give back. Written `12 instead of 4`, and
    `12 instead of 4, schedule kept` when scheduled actions had been suspended before us."""

    floor: int
    before: int
    schedule_was_off: bool = False

    def __str__(self) -> str:
        return f"{self.floor} instead of {self.before}" + (", schedule kept" if self.schedule_was_off else "")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """What `str` wrote; None for anything else, which somebody else must have written."""
        found = re.fullmatch(r"(\d+) instead of (\d+)(, schedule kept)?", text)
        return cls(int(found[1]), int(found[2]), found[3] is not None) if found else None


def find(api: Api, name: str) -> dict[str, Any] | None:
    """The group as DescribeAutoScalingGroups tells it."""
    groups = api.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return groups[0] if groups else None


def tags(group: dict[str, Any]) -> dict[str, str]:
    """The group's tags as a plain mapping."""
    return {tag["Key"]: tag.get("Value", "") for tag in group.get("Tags", ())}


def is_going(group: dict[str, Any]) -> bool:
    """Whether the group is being deleted. `Status` is there only then."""
    return bool(group.get("Status"))


def view(api: Api, group: dict[str, Any], balancer: Balancer, presence: Presence, detail: str = "") -> EnvironmentView:
    """Counts as both see them: the group counts what is in service, the balancer what can serve. One call for each
    target group."""
    count = count_targets(api, balancer)
    return EnvironmentView(
        presence=presence,
        desired=group["DesiredCapacity"],
        in_service=sum(in_service(instance) for instance in group.get("Instances", ())),
        healthy=count.healthy,
        registered=count.registered,
        scale_in_held=is_held(group),
        detail=detail,
        minimum=group["MinSize"],
        hold_left=_hold_of(group) is not None,
    )


def in_service(instance: dict[str, Any]) -> bool:
    """Whether the group counts it as serving."""
    return (str(instance["LifecycleState"]), str(instance["HealthStatus"]).lower()) == ("InService", "healthy")


def _hold_of(group: dict[str, Any]) -> Hold | None:
    return Hold.parse(tags(group).get(HELD_TAG, ""))


def _schedule_is_off(group: dict[str, Any]) -> bool:
    return any(process["ProcessName"] == SCHEDULED for process in group.get("SuspendedProcesses", ()))


def is_held(group: dict[str, Any]) -> bool:
    """Whether the hold stands whole: half a hold, after a crash or a human's change, counts as none."""
    hold = _hold_of(group)
    return hold is not None and int(group["MinSize"]) >= hold.floor and _schedule_is_off(group)


def resize(api: Api, name: str, instances: int) -> None:
    """Ask for at least `instances`; the floor of a held group rises with it, also when the group is larger already by
    its own scaling. Never shrinks: a look may be older than what that scaling has done since. Raises Missing when there
    is no group."""
    group = _existing(api, name)
    sizes = {}
    if group["DesiredCapacity"] < instances:
        sizes = {"DesiredCapacity": instances, "MaxSize": max(group["MaxSize"], instances)}
    if is_held(group) and group["MinSize"] < instances:
        sizes["MinSize"] = instances
    if sizes:
        api.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=name, **sizes)


def hold_scale_in(api: Api, name: str, held: bool) -> None:
    """Raise the floor to the present size, or give the old one back; see the top of this file. The tag is written
    first and removed last, so a crash in between loses nothing. Raises Missing when there is no group."""
    group = _existing(api, name)
    if held and not is_held(group):
        _hold(api, name, group)
    if not held:
        _release(api, name, _hold_of(group))


def _hold(api: Api, name: str, group: dict[str, Any]) -> None:
    known = _hold_of(group)
    before = known.before if known else group["MinSize"]
    was_off = known.schedule_was_off if known else _schedule_is_off(group)
    hold = Hold(max(group["DesiredCapacity"], before), before, was_off)
    api.call("autoscaling", "create_or_update_tags", Tags=[_held_tag(name, str(hold))])
    api.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=name, MinSize=hold.floor)
    api.call("autoscaling", "suspend_processes", AutoScalingGroupName=name, ScalingProcesses=[SCHEDULED])


def _release(api: Api, name: str, hold: Hold | None) -> None:
    if hold is None:
        return
    if not hold.schedule_was_off:
        api.call("autoscaling", "resume_processes", AutoScalingGroupName=name, ScalingProcesses=[SCHEDULED])
    api.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=name, MinSize=hold.before)
    api.call("autoscaling", "delete_tags", Tags=[_held_tag(name, str(hold))])


def _held_tag(name: str, value: str) -> dict[str, Any]:
    return {
        "ResourceId": name,
        "ResourceType": "auto-scaling-group",
        "Key": HELD_TAG,
        "Value": value,
        "PropagateAtLaunch": False,
    }


def _existing(api: Api, name: str) -> dict[str, Any]:
    group = find(api, name)
    if group is None:
        raise Missing(f"there is no Auto Scaling group {name}")
    return group


def remove(api: Api, group: dict[str, Any]) -> None:
    """Delete the group and its instances; nothing when that is already under way."""
    if not is_going(group):
        name = group["AutoScalingGroupName"]
        api.call("autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=name, ForceDelete=True)


def minimum(group: dict[str, Any]) -> int:
    """The group's own MinSize, whether or not scale-in is held just now."""
    hold = _hold_of(group)
    return hold.before if hold else int(group["MinSize"])


def with_presence(seen: EnvironmentView, presence: Presence, detail: str) -> EnvironmentView:
    """The same counts, another presence."""
    return replace(seen, presence=presence, detail=detail)
