"""Findings about alarms: each says in a sentence why the alarm would protect nobody.

Sources: Amazon CloudWatch User Guide (using alarms, configuring how alarms treat missing data), Elastic Load Balancing
User Guides (CloudWatch metrics). ELB publishes one point a minute, and none while there is nothing to count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bluegreen.model import AlarmView, Slot
from bluegreen.selftest.spec import SelfTest

MINUTE = 60
BALANCERS = frozenset({"AWS/ELB", "AWS/ApplicationELB"})
ALWAYS_ONE = frozenset({"Average", "Minimum", "Maximum"})
"""Of an ELB count these are 1 whenever there is a point at all: only its Sum says how many (ELB User Guides)."""
SPARSE = re.compile(r"_Count$|ErrorCount$|5XX|4XX|^RejectedConnection|^Spillover|^BackendConnectionErrors$")
"""ELB metrics that have a point only when there is something to count (ELB User Guides, CloudWatch metrics)."""
LOOKBACK = timedelta(hours=3)
"""How far back an alarm's metrics are read: one without a point for so long counts as never published. Assumed."""
SETTLING = timedelta(minutes=5)
"""How long after its own evaluation range an alarm may still be without a state. Assumed."""


def missing(spec: SelfTest, names: Sequence[str], there: Sequence[AlarmView]) -> Iterator[str]:
    """Alarms that do not exist."""
    known = {alarm.name for alarm in there}
    for name in names:
        if name not in known and spec.alarms == "refuse":
            yield f"there is no CloudWatch alarm {name}"


def findings(spec: SelfTest, alarm: AlarmView, live: Slot, at: datetime) -> Iterator[str]:
    """What is wrong with one alarm, as it is set up and as it stands at `at`."""
    if spec.alarms == "off":
        return
    if alarm.strangers and alarm.name not in spec.elsewhere:
        yield (
            f"alarm {alarm.name} watches {alarm.strangers}, which belongs to neither slot; if it is meant to, name it"
            " in selftest.elsewhere"
        )
    yield from _unreachable(alarm)
    if alarm.state == "ALARM" and spec.firing == "refuse":
        yield f"alarm {alarm.name} is in ALARM already: it cannot tell whether a release is bad"
    if spec.silent == "refuse" and (since := _silent(alarm, live, at)):
        yield f"alarm {alarm.name} gets no data: {_metric(alarm)} has had no point {since}"


def _unreachable(alarm: AlarmView) -> Iterator[str]:
    """Why it can never go to ALARM, whatever happens."""
    if alarm.datapoints > alarm.periods > 0:
        yield f"alarm {alarm.name} can never fire: {alarm.datapoints} of {alarm.periods} periods cannot breach"
    elbs = alarm.namespace in BALANCERS
    real = alarm.periods * alarm.period // MINUTE
    if elbs and alarm.period < MINUTE and real < alarm.datapoints and alarm.missing != "breaching":
        yield (
            f"alarm {alarm.name} can never fire: {alarm.periods} periods of {alarm.period}s hold {real} points of a"
            f" balancer's one-minute metric, and {alarm.datapoints} must breach"
        )
    if elbs and alarm.threshold is not None and alarm.comparison:
        yield from _never_breaches(alarm, alarm.threshold)


def _never_breaches(alarm: AlarmView, threshold: float) -> Iterator[str]:
    if alarm.comparison in ("<", "<=") and (threshold < 0 or (threshold == 0 and alarm.comparison == "<")):
        yield f"alarm {alarm.name} can never fire: {alarm.metric} is never {alarm.comparison} {threshold:g}"
    counts = alarm.metric.endswith("_Count") or "5XX" in alarm.metric or alarm.metric == "RequestCount"
    above = (alarm.comparison == ">" and threshold >= 1) or (alarm.comparison == ">=" and threshold > 1)
    if counts and alarm.statistic in ALWAYS_ONE and above:
        yield (
            f"alarm {alarm.name} can never fire: the {alarm.statistic} of {alarm.metric} is always 1, only its Sum says"
            " how many"
        )


def _silent(alarm: AlarmView, live: Slot, at: datetime) -> str:
    """For how long there has been no data though there must be some, or nothing: the live slot serves users, and what
    is not a balancer's has no reason to wait for the candidate. An alarm's state alone tells little: one that takes
    missing data for good is OK for ever."""
    waits = alarm.namespace in BALANCERS and live not in alarm.watches and not alarm.strangers
    told = bool(alarm.metric) or alarm.expression
    patience = timedelta(seconds=alarm.periods * alarm.period) + SETTLING
    if alarm.since is None or alarm.rule or waits or not told or at - alarm.since < patience:
        return ""
    if alarm.heard and alarm.newest is not None and at - alarm.newest < patience:
        return ""
    if alarm.state == "INSUFFICIENT_DATA":
        return "in its evaluation range"
    never = alarm.heard and alarm.newest is None
    return f"for {LOOKBACK // timedelta(hours=1)} hours" if never and not _sparse(alarm) else ""


def _sparse(alarm: AlarmView) -> bool:
    """Its metric has no points on a good day."""
    return alarm.namespace in BALANCERS and SPARSE.search(alarm.metric) is not None


def _metric(alarm: AlarmView) -> str:
    if not alarm.metric:
        return "its expression"
    dimensions = ", ".join(f"{name} {value}" for name, value in alarm.dimensions)
    return f"{alarm.namespace} {alarm.metric}" + (f" of {dimensions}" if dimensions else "")
