"""Listeners and rules of application load balancers: moto keeps them, and the world's users go by them where both slots
stand behind one balancer. What a default action says is then the world's weights; a change by hand made there is seen
here. What moto accepts and AWS refuses is refused (Elastic Load Balancing API Reference, ForwardActionConfig).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bluegreen.model import Slot
from sim.cloud.service import Answer, Params, Service
from sim.errors import AwsError, NotModelled
from sim.routing import Listener, Registered

MAX_WEIGHT = 999
MAX_GROUPS = 5
Action = Mapping[str, Any]


class Listeners(Service):
    """What `ElbV2` knows of listeners' actions."""

    def on_create_listener(self, params: Params) -> Answer:
        self._check(params["DefaultActions"])
        key = ("listener", params["LoadBalancerArn"], str(params["Port"]))
        return self.once(key, params, "DuplicateListener", lambda asked: dict(self.aws.create_listener(**asked)))

    def on_create_rule(self, params: Params) -> None:
        """moto's, where AWS would take it."""
        self._check(params["Actions"])

    def on_modify_listener(self, params: Params) -> Answer:
        self._check(params.get("DefaultActions", ()))
        answer: Answer = self.aws.modify_listener(**params)
        self.forget()
        if self._splits:
            for action in _forwards(params.get("DefaultActions", ())):
                weights = {self._slot_behind(arn): weight for arn, weight in _targets(action).items()}
                sticky = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {}).get("Enabled", False)
                self._listener.change(weights, sticky=sticky)
        return answer

    def on_modify_rule(self, params: Params) -> None:
        """moto's, where AWS would take it. The world's users come by the default rule."""
        self._check(params.get("Actions", ()))

    def on_describe_rules(self, params: Params) -> Answer | None:
        """moto's, with the world's weights in the default rule."""
        if not self._splits:
            return None
        rules = self.read("describe_rules", **params)["Rules"]
        return {"Rules": [self._as_it_is(rule) if rule["IsDefault"] else rule for rule in rules]}

    # -- how it works ---------------------------------------------------------------------------------------------

    @property
    def _listener(self) -> Listener:
        assert isinstance(self.world.dns, Listener), "asked only where a listener moves users"
        return self.world.dns

    @property
    def _splits(self) -> bool:
        """Whether the world's users go by the weights of a listener."""
        return isinstance(self.world.dns, Listener) and not isinstance(self.world.dns, Registered)

    def _as_it_is(self, rule: Answer) -> Answer:
        weights = self.world.dns.weights
        actions = []
        for action in rule["Actions"]:
            targets = _targets(action)
            by_slot = {self._slot_behind(arn): arn for arn in targets}
            if not targets or (len(targets) == 1 and set(by_slot) == set(weights)):
                actions.append(action)
                continue
            if strange := sorted(set(weights) - set(by_slot)):
                raise NotModelled(f"a weight for {strange[0]} set by hand, without a target group in the listener")
            listed = [{"TargetGroupArn": by_slot[slot], "Weight": weight} for slot, weight in weights.items()]
            actions.append({**action, "ForwardConfig": {**action.get("ForwardConfig", {}), "TargetGroups": listed}})
        return {**rule, "Actions": actions}

    def _slot_behind(self, arn: str) -> Slot:
        """The slot whose machines are, or will be, this group's targets."""
        bound = self.site.bindings.targets.get(arn)
        if bound is not None:
            return bound
        return self.site.bindings.by_tags(self.aws.describe_tags(ResourceArns=[arn])["TagDescriptions"][0]["Tags"])

    def _check(self, actions: Sequence[Action]) -> None:
        """Raises AwsError for a forward that AWS refuses."""
        known = {group["TargetGroupArn"] for group in self.read("describe_target_groups")["TargetGroups"]}
        for action in _forwards(actions):
            targets = _targets(action)
            if len(targets) > MAX_GROUPS:
                raise AwsError("ValidationError", f"A forward action can have at most {MAX_GROUPS} target groups")
            for arn, weight in targets.items():
                if not 0 <= weight <= MAX_WEIGHT:
                    raise AwsError("ValidationError", f"Weight '{weight}' must be between 0 and {MAX_WEIGHT} inclusive")
                if arn not in known:
                    raise AwsError("TargetGroupNotFound", f"Target groups '{arn}' not found")


def _forwards(actions: Sequence[Action]) -> Iterator[Action]:
    return (action for action in actions if action["Type"] == "forward")


def _targets(action: Action) -> dict[str, int]:
    """Weights by target group; 100 for one that is alone."""
    if action["Type"] != "forward":
        return {}
    listed = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
    if len(listed) == 1:
        return {listed[0]["TargetGroupArn"]: 100}
    return {target["TargetGroupArn"]: target.get("Weight", 1) for target in listed}
