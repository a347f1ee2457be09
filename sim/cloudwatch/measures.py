"""What is measured of a slot, and which statistics of it can be told.

What did not happen has no point: absent, not zero (Elastic Load Balancing User Guides, CloudWatch metrics: metrics
are reported only while requests flow; error counts only when not zero).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from bluegreen.metricmath.formula import Formula
from sim.cloudwatch.mixture import Latency, mixed, slower
from sim.served import Served

COUNTED = ("requests", "target_5xx", "elb_5xx", "elb_502", "elb_503", "elb_504", "spilled")
"""Each is one sample of the value 1, so that Minimum, Maximum and Average are 1."""


def counts(stretches: Iterable[Served]) -> Mapping[str, int]:
    """What is counted of some stretches. All in one go, and written out: it is asked of each minute."""
    requests = target_5xx = elb_5xx = elb_502 = elb_503 = elb_504 = spilled = 0
    for done in stretches:
        rejected, dead = done.rejected, done.dead - done.given_up
        requests += done.requests - done.unreachable - rejected
        target_5xx += done.shed + done.failed
        elb_5xx += rejected + dead
        elb_502 += dead - done.timed_out
        elb_503 += rejected
        elb_504 += done.timed_out
        spilled += done.spilled
    found = (requests, target_5xx, elb_5xx, elb_502, elb_503, elb_504, spilled)
    return dict(zip(COUNTED, found, strict=True))


class Row:
    """A minute of a slot: what became of requests, stretch by stretch, and its gauges."""

    __slots__ = ("_counts", "gauges", "stretches")

    def __init__(self, stretches: Sequence[Served], gauges: Mapping[str, float]) -> None:
        self.stretches, self.gauges = stretches, gauges
        self._counts: Mapping[str, int] | None = None

    @property
    def counts(self) -> Mapping[str, int]:
        """What was counted, by `COUNTED`. Worked out when it is first asked for."""
        if self._counts is None:
            self._counts = counts(self.stretches)
        return self._counts


Read = Callable[[Sequence[Row]], float | None]
"""One value for some minutes together; None where nothing was."""

GAUGES = ("healthy_hosts", "unhealthy_hosts", "utilisation")
LATENCY, SURGE = "latency", "surge"
LATENCIES = ("latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_avg")
MEASURES = (*COUNTED, SURGE, *LATENCIES, *GAUGES)
"""requests: those for which a target was chosen. elb_503: those refused before that, a part of elb_5xx. spilled: those
refused because a classic balancer's surge queue was full; surge: the most that waited there. latency in seconds,
utilisation (the group's CPU) from 0 to 1."""

ERROR_RATE = "error_rate"
DERIVED: Mapping[str, Formula] = {ERROR_RATE: Formula("(target_5xx + elb_5xx) / (requests + elb_503)")}
"""error_rate: all 5xx over all that reached the balancer. Without requests it is missing, without errors 0."""

KNOWN: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(COUNTED, ("Sum", "Average", "Minimum", "Maximum", "SampleCount")),
    LATENCY: ("Average", "Sum", "SampleCount"),
    SURGE: ("Maximum",),
    **dict.fromkeys(("healthy_hosts", "unhealthy_hosts"), ("Average", "Minimum", "Maximum")),
    "utilisation": ("Average",),
}
"""The statistics that the world can tell, the natural one first. Of latency also percentiles, but no extremes: a
stretch does not tell them. Of hosts the world has one opinion: all balancer nodes agree."""
COMBINE: Mapping[str, Callable[[list[float]], float]] = {
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
}
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d{1,10})?)")
_ABOVE = re.compile(r"TC\((\d+(?:\.\d{1,10})?):\)")


class Source(NamedTuple):
    """A measure by one statistic."""

    measure: str
    statistic: str


@cache
def source(measure: str, statistic: str | None = None) -> Source:
    """The source that `measure` means: `latency_p99` is p99 of `latency`; without `statistic`, each has its natural
    one. Raises ValueError for what is not measured."""
    if measure in LATENCIES:
        wanted = Source(LATENCY, measure.removeprefix("latency_").replace("avg", "Average"))
        known: tuple[str, ...] = (wanted.statistic,)
    elif measure in KNOWN:
        known = KNOWN[measure]
        wanted = Source(measure, statistic or known[0])
    else:
        raise ValueError(f"there is no measure {measure!r}; there are {', '.join((*MEASURES, LATENCY, *DERIVED))}")
    asked = statistic or wanted.statistic
    if asked in known or (measure == LATENCY and (percentile(asked) or above(asked) is not None)):
        return wanted
    more = ", percentiles like p99, and counts above a limit like TC(0.8:)" if measure == LATENCY else ""
    raise ValueError(f"the world cannot tell {asked!r} of {measure}: only {', '.join(known)}{more}")


def percentile(statistic: str) -> float | None:
    """`p99.9` -> 99.9; None for another statistic. p100 is the maximum, which nobody knows here."""
    match = _PERCENTILE.fullmatch(statistic)
    return float(match[1]) or None if match else None


def above(statistic: str) -> float | None:
    """`TC(0.8:)`, the trimmed count of what is above 0.8, -> 0.8; None for another statistic."""
    match = _ABOVE.fullmatch(statistic)
    return float(match[1]) if match else None


def least_samples(percent: float) -> int:
    """With fewer samples a percentile is not significant: 10 / (1 - p), or 10 / p below the median (Amazon CloudWatch
    User Guide, percentile-based alarms and low data samples)."""
    return round(1000 / (100 - percent if percent >= 50 else percent))


@cache
def reader(wanted: Source) -> Read:
    """How a source is read from minutes."""
    measure, statistic = wanted
    if measure == LATENCY:
        return _latency(statistic)
    if measure in COUNTED:
        return _counted(measure, "Sum" if statistic == "SampleCount" else statistic)
    if measure == SURGE:
        return lambda rows: float(max((done.surge for row in rows for done in row.stretches), default=0)) or None
    return _gauge(measure, COMBINE[statistic])


def _gauge(measure: str, combine: Callable[[list[float]], float]) -> Read:
    def gauge(rows: Sequence[Row]) -> float | None:
        values = [row.gauges[measure] for row in rows if measure in row.gauges]
        return combine(values) if values else None

    return gauge


def _counted(measure: str, statistic: str) -> Read:
    def total(rows: Sequence[Row]) -> float | None:
        count = 0
        for row in rows:
            count += row.counts[measure]
        return float(count) or None

    return total if statistic == "Sum" else lambda rows: 1.0 if total(rows) else None


def _latency(statistic: str) -> Read:
    def parts(rows: Sequence[Row]) -> list[tuple[int, Latency]]:
        return [(done.answered, done.latency) for row in rows for done in row.stretches if done.answered > 0]

    def samples(rows: Sequence[Row]) -> float | None:
        return float(sum(count for count, _ in parts(rows))) or None

    def total(rows: Sequence[Row]) -> float | None:
        found = parts(rows)
        return sum(count * latency[4] for count, latency in found) if found else None

    def average(rows: Sequence[Row]) -> float | None:
        found = parts(rows)
        return sum(count * latency[4] for count, latency in found) / sum(n for n, _ in found) if found else None

    if (limit := above(statistic)) is not None:
        return lambda rows: _slower(parts(rows), limit)
    percent = percentile(statistic)
    if percent is None:
        return {"Sum": total, "Average": average, "SampleCount": samples}[statistic]
    share = percent / 100

    def by_share(rows: Sequence[Row]) -> float | None:
        found = parts(rows)
        return mixed(found, share) if found else None

    return by_share


def _slower(parts: list[tuple[int, Latency]], limit: float) -> float | None:
    """How many answers took longer: as many as are expected, in whole numbers, since the world's times know no chance.
    0 beside answers that were all faster (assumed: the guide does not say whether there is a point)."""
    return float(round(sum(count * slower(latency, limit) for count, latency in parts))) if parts else None
