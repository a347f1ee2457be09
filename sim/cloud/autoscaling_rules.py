"""What Auto Scaling refuses, and how it filters (Amazon EC2 Auto Scaling API reference)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.cloud.service import Answer, Params
from sim.errors import AwsError

PROCESSES = frozenset(
    {
        "Launch",
        "Terminate",
        "AddToLoadBalancer",
        "AlarmNotification",
        "AZRebalance",
        "HealthCheck",
        "InstanceRefresh",
        "ReplaceUnhealthy",
        "ScheduledActions",
    }
)


def invalid(message: str) -> AwsError:
    """How Auto Scaling says that a request makes no sense."""
    return AwsError("ValidationError", message)


def check_sizes(low: int, desired: int, high: int) -> None:
    """Raises unless minimum <= desired <= maximum."""
    if low > high:
        raise invalid(f"Max bound, {high}, must be greater than or equal to min bound, {low}")
    if not low <= desired <= high:
        raise invalid(f"Desired capacity:{desired} must be between the specified min size:{low} and max size:{high}")


def processes(params: Params) -> set[str]:
    """Those named; all, when none are."""
    named = set(params.get("ScalingProcesses") or PROCESSES)
    if unknown := sorted(named - PROCESSES):
        raise invalid(f"Invalid process type: {unknown[0]}")
    return named


def fits(group: Answer, wanted: Mapping[str, Any]) -> bool:
    """DescribeAutoScalingGroups' filters: tag-key, tag-value, and tag:<key>."""
    tags = {tag["Key"]: tag.get("Value", "") for tag in group.get("Tags", [])}
    name, values = wanted["Name"], wanted["Values"]
    if name == "tag-key":
        return any(value in tags for value in values)
    if name == "tag-value":
        return any(value in tags.values() for value in values)
    if name.startswith("tag:"):
        return tags.get(name.removeprefix("tag:")) in values
    raise invalid(f"Filter type {name} is not correct")
