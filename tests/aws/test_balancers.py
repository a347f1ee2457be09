"""Counting targets: who counts as healthy, who is no longer registered."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.aws.balancers import TargetCount, classic, count_targets


class Answers:
    """Calls that are answered with one prepared answer."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.answer = answer

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        return self.answer


@pytest.mark.parametrize(
    ("state", "description", "counted"),
    [
        ("InService", "N/A", TargetCount(registered=1, healthy=1)),
        ("OutOfService", "Instance has failed at least the UnhealthyThreshold", TargetCount(registered=1, healthy=0)),
        ("InService", "Instance deregistration currently in progress.", TargetCount(registered=0, healthy=0)),
    ],
)
def test_an_instance_that_a_classic_balancer_lets_go_is_in_service_and_does_not_count(
    state: str, description: str, counted: TargetCount
) -> None:
    balancer = classic({"LoadBalancerName": "x", "DNSName": "x.elb"})
    states = [{"InstanceId": "i-1", "State": state, "Description": description}]
    assert count_targets(Answers({"InstanceStates": states}), balancer) == counted  # type: ignore[arg-type]
