"""A balancer's nodes, one in each Availability Zone: who is sent to which targets, and what a lost node costs.

Sources: Elastic Load Balancing User Guide, how Elastic Load Balancing works (cross-zone load balancing; names of
balancers have a TTL of 60 s); CloudWatch metrics for Application Load Balancers (each node reports).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration

TTL = timedelta(seconds=60)
"""Of balancers' names."""


class NodesSpec(Spec):
    """What happens to the clients of a node whose zone is lost."""

    zones: int = Field(3, ge=1)
    """In how many zones the balancer has a node; AWS runs more with load, which changes no share."""
    noticed: Duration = parse_duration("30s")
    """Until the lost node's address leaves the balancer's DNS name. Unpublished, assumed."""
    ttl: PositiveDuration = parse_duration("60s")
    """Clients then ask again, evenly over this time: the TTL of balancers' names."""
    fall_back: Share = 0.0
    """Share of the clients that try another address of the same answer at once. Assumed 0 %: the worst case."""


class LostNodes:
    """Nodes in lost zones, and the share of clients that still go there. Time is passed in: no clock."""

    def __init__(self, spec: NodesSpec) -> None:
        self._spec = spec
        self._noticed, self._ttl = spec.noticed.total_seconds(), spec.ttl.total_seconds()
        self._ages: dict[str, float] = {}  # zone -> seconds since it was lost
        self.stranding = False
        """Whether some clients still hold a lost node's address."""

    @property
    def up(self) -> int:
        """Nodes that work."""
        return max(0, self._spec.zones - len(self._ages))

    def zones_changed(self, down: Iterable[str]) -> None:
        """These zones are lost now. The addresses of one that is back are good again."""
        self._ages = {zone: self._ages.get(zone, 0.0) for zone in sorted(down)}
        self.stranding = bool(self._ages)

    def stranded(self, length: float) -> float:
        """The mean share of requests over the next `length` seconds that meet no node; they pass."""
        share, active = 0.0, False
        for zone, age in self._ages.items():
            share += (self._lost_until(age + length) - self._lost_until(age)) / length / self._spec.zones
            self._ages[zone] = age + length
            active = active or age + length < self._noticed + self._ttl
        self.stranding = active
        if self._ages and not self.up:
            self.stranding = True
            return 1.0
        return min(share, 1.0) * (1 - self._spec.fall_back)

    def _lost_until(self, age: float) -> float:
        """Seconds' worth of one node's clients that were lost until `age`: all at first, then ever fewer."""
        late = min(max(age - self._noticed, 0.0), self._ttl)
        return min(age, self._noticed) + late - late * late / (2 * self._ttl)


def target_shares(targets: Mapping[str, int], cross_zone: bool) -> dict[str, float]:
    """The share of all requests that one target in each zone gets. `targets`: how many are in each zone; clients
    spread evenly over the nodes of zones that have targets."""
    used = {zone: count for zone, count in targets.items() if count > 0}
    total = sum(used.values())
    return {zone: 1 / total if cross_zone else 1 / (len(used) * count) for zone, count in used.items()}


@dataclass(frozen=True, slots=True)
class NodeReport:
    """One node's statistics of a period."""

    least: float
    most: float
    average: float
    samples: int = 1


def across_nodes(reports: Iterable[NodeReport]) -> NodeReport:
    """What CloudWatch makes of all nodes' reports: the average is weighted by their samples. Raises ValueError
    when there is none."""
    known = list(reports)
    if not known:
        raise ValueError("no node reported: there is no data point, not even 0")
    samples = sum(report.samples for report in known)
    average = sum(report.average * report.samples for report in known) / samples
    return NodeReport(min(r.least for r in known), max(r.most for r in known), average, samples)
