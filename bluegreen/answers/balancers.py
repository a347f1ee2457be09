"""When Route 53 takes a load balancer for healthy: EvaluateTargetHealth on an alias to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal


def balancer_healthy(
    groups: Iterable[tuple[int, int]],
    kind: Literal["application", "network", "classic"] = "application",
    *,
    empty_group_fails: bool = False,
) -> bool:
    """Whether an alias that evaluates target health takes the balancer for healthy.

    `groups`: (healthy, registered) targets of each target group that the balancer uses; a classic balancer has one,
    its instances. Application and network balancers need a healthy target in *every* group that contains targets; a
    classic one needs a healthy instance. A balancer without any healthy target is unhealthy in any case. (Route 53
    API reference, AliasTarget, EvaluateTargetHealth.)

    That text also says that a group without targets "is considered unhealthy", and leaves open whether one such group
    beside good ones fails the balancer. `empty_group_fails` chooses; the default, that it does not, is assumed.
    """
    counts = list(groups)
    if kind == "classic":
        return any(healthy for healthy, _ in counts)
    judged = counts if empty_group_fails else [group for group in counts if group[1]]
    return bool(judged) and all(healthy for healthy, _ in judged)
