"""What the world's measures are called in CloudWatch, and under which dimensions balancers publish them (Elastic Load
Balancing User Guides, CloudWatch metrics).

Only dimension sets that were published can be queried, and the set must be exact; what was never published is an
empty series, not an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.model import Slot
from sim.cloud.bindings import Bindings
from sim.cloudwatch.measures import Source, source
from sim.cloudwatch.names import APPLICATION, CLASSIC, MEASURES
from sim.errors import NotModelled

BALANCER, TARGETS, NAME = "LoadBalancer", "TargetGroup", "LoadBalancerName"

HOSTS = {"healthy_hosts", "unhealthy_hosts"}
OF_BALANCER = "HTTPCode_ELB_"
"""What a balancer answers by itself has no target group."""

Metric = Mapping[str, Any]
"""{Namespace, MetricName, Dimensions}, as AWS has it."""


def slot_of(bindings: Bindings, metric: Metric) -> Slot | None:
    """The place whose balancer publishes under exactly these dimensions; None when nobody does."""
    namespace, name = metric["Namespace"], metric["MetricName"]
    dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
    if namespace == CLASSIC and set(dimensions) == {NAME}:
        return bindings.metrics.get(dimensions[NAME])
    if namespace != APPLICATION:
        return None
    per_group = MEASURES.get((namespace, name)) in HOSTS
    if bindings.shared and set(dimensions) == {BALANCER, TARGETS}:
        known = dimensions[BALANCER] in bindings.metrics and not name.startswith(OF_BALANCER)
        return bindings.metrics.get(dimensions[TARGETS]) if known else None
    if set(dimensions) != ({BALANCER, TARGETS} if per_group else {BALANCER}):
        return None
    if bindings.shared:
        raise NotModelled(f"{name} of a balancer that both slots stand behind; ask for one of a target group")
    slot = bindings.metrics.get(dimensions[BALANCER])
    return None if per_group and bindings.metrics.get(dimensions[TARGETS]) is not slot else slot


def source_of(metric: Metric, statistic: str) -> Source:
    """The world's measure behind a metric and statistic. Raises NotModelled for what the world cannot tell."""
    key = (metric["Namespace"], metric["MetricName"])
    if key not in MEASURES:
        raise NotModelled(f"the rehearsal's world does not measure {' '.join(key)}")
    try:
        return source(MEASURES[key], statistic)
    except ValueError as unknown:
        raise NotModelled(f"{' '.join(key)}: {unknown}") from unknown


def metric_of(bindings: Bindings, slot: Slot, wanted: Source) -> Metric | None:
    """What a slot's measure is called: the other way round. None while the slot has no balancer, and for what its kind
    of balancer does not publish."""
    known = [value for value, its in bindings.metrics.items() if its is slot]
    balancer = next((value for value in known if value.startswith("app/")), None)
    targets = next((value for value in known if value.startswith("targetgroup/")), None)
    if bindings.shared:
        balancer = next((value for value in bindings.metrics if value.startswith("app/")), None)
    classic = next((value for value in known if not value.startswith(("app/", "targetgroup/"))), None)
    namespace = APPLICATION if balancer else CLASSIC
    name = next((name for (its, name), what in MEASURES.items() if (its, what) == (namespace, wanted.measure)), None)
    per_group = balancer is not None and (bindings.shared or wanted.measure in HOSTS)
    dimensions = {BALANCER: balancer, TARGETS: targets if per_group else None, NAME: None if balancer else classic}
    found = [{"Name": key, "Value": value} for key, value in dimensions.items() if value is not None]
    if name is None or len(found) != 1 + per_group:
        return None
    return {"Namespace": namespace, "MetricName": name, "Dimensions": found}
