"""Where a balancer's listeners and rules forward to, and how a weight is put there.

A listener's default action is its last rule, so rules alone tell everything; but a default rule is changed through its
listener (Elastic Load Balancing API Reference, ModifyListener, ModifyRule).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bluegreen.aws.session import Api

Weights = Mapping[str, int]
"""By the ARN of the target group."""

ALONE = 100
"""What a target group counts as that gets every request, whatever its weight is."""


@dataclass(frozen=True, slots=True)
class Forward:
    """One rule that forwards: of which listener, whether it is the default one, and all of its actions."""

    listener: str
    rule: str
    default: bool
    actions: tuple[dict[str, Any], ...]

    @property
    def weights(self) -> dict[str, int]:
        """The target groups it forwards to."""
        action = self._action
        listed = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
        if len(listed) == 1:
            return {listed[0]["TargetGroupArn"]: ALONE}
        return {target["TargetGroupArn"]: int(target.get("Weight", 1)) for target in listed}

    @property
    def sticky(self) -> int:
        """For how many seconds users stay with a target group; 0: they do not."""
        config = self._action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {})
        return int(config.get("DurationSeconds", 0)) if config.get("Enabled") else 0

    @property
    def _action(self) -> dict[str, Any]:
        return next(action for action in self.actions if action["Type"] == "forward")

    def changed(self, weights: Weights, sticky: int) -> list[dict[str, Any]]:
        """All actions as they should be."""
        targets = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
        stickiness: dict[str, Any] = {"Enabled": True, "DurationSeconds": sticky} if sticky else {"Enabled": False}
        config: dict[str, Any] = {"TargetGroups": targets, "TargetGroupStickinessConfig": stickiness}
        action = self._action
        forward: dict[str, Any] = {key: action[key] for key in ("Type", "Order") if key in action}
        forward["ForwardConfig"] = config
        return [forward if action["Type"] == "forward" else action for action in self.actions]


def forwards_of(api: Api, balancer: str) -> tuple[Forward, ...]:
    """Every rule of the balancer (its ARN) that forwards: one call, and one for each listener."""
    found = []
    for listener in api.collect("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer):
        arn = listener["ListenerArn"]
        for rule in api.collect("elbv2", "describe_rules", "Rules", ListenerArn=arn):
            if any(action["Type"] == "forward" for action in rule["Actions"]):
                found.append(Forward(arn, rule["RuleArn"], rule["IsDefault"], tuple(rule["Actions"])))
    return tuple(found)


def put(api: Api, forward: Forward, weights: Weights, stickiness: timedelta | None) -> None:
    """Make one rule forward so."""
    actions = forward.changed(weights, round(stickiness.total_seconds()) if stickiness else 0)
    if forward.default:
        api.call("elbv2", "modify_listener", ListenerArn=forward.listener, DefaultActions=actions)
    else:
        api.call("elbv2", "modify_rule", RuleArn=forward.rule, Actions=actions)


def beside(forwards: Sequence[Forward], target_groups: Sequence[str]) -> tuple[str, ...]:
    """The names of other target groups that share a rule with these."""
    found = {arn for forward in naming(forwards, target_groups) for arn in forward.weights} - set(target_groups)
    return tuple(sorted(arn.split("/")[-2] for arn in found))


def naming(forwards: Sequence[Forward], target_groups: Sequence[str]) -> list[Forward]:
    """Those that forward to any of these target groups."""
    return [forward for forward in forwards if set(forward.weights) & set(target_groups)]
