"""How the live balancer is set up, as far as a preview wants to know: what it listens to, how soon it finds a machine
that has failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.session import Api


@dataclass(frozen=True, slots=True)
class Setup:
    """Of one balancer and its target groups."""

    listens: tuple[str, ...]
    """Protocols of its listeners, each once: HTTP, HTTPS, TCP, SSL."""
    unhealthy_after: timedelta
    """Failed checks until a target is unhealthy, times their distance; the slowest target group's."""


def setup_of(api: Api, balancer: Balancer) -> Setup:
    """Makes one or two calls. Raises OperatingError."""
    return _classic(api, balancer) if balancer.kind == "classic" else _application(api, balancer)


def _application(api: Api, balancer: Balancer) -> Setup:
    listeners = api.collect("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=balancer.arn)
    groups = api.collect("elbv2", "describe_target_groups", "TargetGroups", LoadBalancerArn=balancer.arn)
    after = [_after(each["HealthCheckIntervalSeconds"], each["UnhealthyThresholdCount"]) for each in groups]
    return Setup(_once(each["Protocol"] for each in listeners), max(after, default=timedelta(0)))


def _classic(api: Api, balancer: Balancer) -> Setup:
    found = api.call("elb", "describe_load_balancers", LoadBalancerNames=[balancer.name])
    described = found["LoadBalancerDescriptions"][0]
    protocols = (each["Listener"]["Protocol"] for each in described["ListenerDescriptions"])
    check = described["HealthCheck"]
    return Setup(_once(protocols), _after(check["Interval"], check["UnhealthyThreshold"]))


def _once(protocols: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted(set(protocols)))


def _after(seconds: int, times: int) -> timedelta:
    return timedelta(seconds=seconds * times)
