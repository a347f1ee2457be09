"""What CloudWatch publishes of a slot's minute: one function for the ideal outside and for the gates' trials."""

from __future__ import annotations

from dataclasses import dataclass

from bluegreen.model import Query


@dataclass(frozen=True, slots=True)
class Minute:
    """One minute of one slot: whole requests, the share that failed, seconds for every answer, healthy machines."""

    requests: float
    error_rate: float
    latency: float
    hosts: float


def published(query: Query, minute: Minute) -> float | None:
    """The minute's value, or None when there is no point: ELB publishes counts only when they are not zero (Elastic
    Load Balancing User Guides, CloudWatch metrics)."""
    requests = minute.requests
    match query.measure:
        case "requests":
            return requests or None
        case "errors":
            return round(requests * minute.error_rate) or None
        case "healthy_hosts":
            return minute.hosts
        case measure if measure.startswith("latency") and requests:
            return _latency(query.statistic, requests, minute.latency)
        case _:
            return None


def _latency(statistic: str, requests: float, latency: float) -> float:
    """All answers take equally long. `SampleCount`: of the answers; `TC(x:)`: of those that took longer than x seconds
    (CloudWatch User Guide, statistics definitions); any other statistic is the length itself."""
    if statistic == "SampleCount":
        return requests
    if statistic.startswith("TC("):
        return requests if latency > float(statistic[3:].partition(":")[0]) else 0.0
    return latency
