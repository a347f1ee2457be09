"""Alarms that cannot say what they are asked, or not in time. How an alarm is set up is only known with --account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.gates.base import Gate
from bluegreen.model import AlarmView
from bluegreen.preview.finding import Case, Hit, Place, Severity, finding
from bluegreen.selftest.alarms import BALANCERS
from bluegreen.units import show_about, show_duration, show_share

BELOW = ("<", "<=")
STAYS = {"notBreaching": "counts as good", "ignore": "changes nothing", "missing": "is no reason to fire"}
TELLING = timedelta(minutes=1)
"""Until CloudWatch has judged a period that has ended: it evaluates every minute."""


def _set_up(case: Case) -> Iterator[tuple[Place, Gate, AlarmView]]:
    """Each alarm that decides, as it is set up."""
    known = {alarm.name: alarm for alarm in case.known.alarms}
    for place, gate in case.gates:
        for name in gate.alarms():
            if name in known and not known[name].rule:
                yield place, gate, known[name]


@finding(
    "alarm-can-never-see-the-candidate",
    Severity.WARNING,
    fact="CloudWatch User Guide, concepts: a metric is its name and exact dimensions; the candidate's balancer gets its"
    " name when the rollout makes it",
)
def older(case: Case) -> Iterator[Hit]:
    """An alarm that must exist before the rollout is asked about a candidate whose balancer does not exist yet."""
    if case.plan.candidate.clone is None or case.plan.traffic.shared:
        return
    for place, gate in case.gates:
        if gate.alarms():
            names = ", ".join(gate.alarms())
            what = f"{names} cannot have the new balancer as a dimension: it can only watch something else"
            yield Hit(place, what, "make sure that its metric holds the candidate, or use a threshold gate")


@finding(
    "alarms-not-tested",
    Severity.WARNING,
    fact="an alarm with a typo in a dimension stays in INSUFFICIENT_DATA for ever and protects nobody"
    " (aws-samples/aws-serverless-workshops#343)",
)
def not_tested(case: Case) -> Iterator[Hit]:
    """Alarms are asked, and the self-test that would find out whether they can fire is turned off."""
    names = [name for gate in case.plan.gates for name in gate.alarms()]
    if names and case.plan.selftest.alarms == "off":
        what = f"nobody looks whether {', '.join(names)} exists, gets data and can fire"
        yield Hit(("selftest", "alarms"), what, "leave it out; name alarms of other things in selftest.elsewhere")


@finding(
    "alarm-slower-than-the-bake",
    Severity.WARNING,
    fact="CloudWatch API Reference, PutMetricAlarm: an alarm fires when DatapointsToAlarm of its EvaluationPeriods have"
    " breached, each one Period long",
)
def slow(case: Case) -> Iterator[Hit]:
    """An alarm cannot fire for what a step did before the next one follows, or the old slot goes (needs --account)."""
    for place, _, alarm in _set_up(case):
        needed = timedelta(seconds=alarm.period * alarm.datapoints) + case.known.metric_lag + TELLING
        bake, hold = case.plan.bake, min(step.hold for step in case.plan.steps)
        if needed > min(bake, hold):
            which = f"the bake lasts {show_duration(bake)}" if bake < hold else f"a hold lasts {show_duration(hold)}"
            what = (
                f"{alarm.name} needs {alarm.datapoints} periods of {alarm.period}s, about {show_about(needed)} with"
                f" what CloudWatch takes; {which}"
            )
            yield Hit(place, what, f"give it shorter periods, or hold and bake for {show_about(needed)} or longer")


@finding(
    "alarm-quiet-without-data",
    Severity.WARNING,
    fact="Elastic Load Balancing User Guides, CloudWatch metrics: points are published only while there is something to"
    " count; CloudWatch User Guide: TreatMissingData says what a missing point counts as",
)
def quiet(case: Case) -> Iterator[Hit]:
    """An alarm for too little of a balancer's metric does not fire when there is nothing at all (needs --account)."""
    for place, _, alarm in _set_up(case):
        if alarm.namespace in BALANCERS and alarm.comparison in BELOW and alarm.missing in STAYS:
            what = (
                f"{alarm.name} waits for {alarm.metric} {alarm.comparison} {alarm.threshold:g}; when there is no point"
                f" at all, which is the worst case, that {STAYS[alarm.missing]}"
            )
            yield Hit(place, what, "treat missing data as breaching")


@finding(
    "alarm-out-of-reach",
    Severity.WARNING,
    fact="a balancer cannot count more failures than it gets requests",
)
def out_of_reach(case: Case) -> Iterator[Hit]:
    """An alarm on a count that even a first step in which every request fails does not reach (needs --account and
    --requests-per-minute)."""
    rate, share = case.known.requests_per_minute, case.plan.steps[0].share
    for place, _, alarm in _set_up(case) if rate is not None else ():
        counts = alarm.statistic == "Sum" and ("5XX" in alarm.metric or "4XX" in alarm.metric)
        most = (rate or 0.0) * share * alarm.period / 60
        if alarm.namespace in BALANCERS and counts and alarm.comparison not in BELOW and (alarm.threshold or 0) >= most:
            what = (
                f"{alarm.name} fires at {alarm.metric} {alarm.comparison} {alarm.threshold:g} in {alarm.period}s; the"
                f" first step ({show_share(share)}) brings {most:.0f} requests in that time"
            )
            yield Hit(place, what, "watch a rate (metric math), or lower the threshold")
