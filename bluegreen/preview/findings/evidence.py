"""Whether the gates will have seen enough when they are asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.gates.base import Gate
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.preview.gates import can_be_tried, soonest
from bluegreen.strategies.base import Step
from bluegreen.units import show_duration, show_share

MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(minutes=2)


def _judged(case: Case, gate: Gate) -> Iterator[tuple[int, Step]]:
    """The steps, from 1, that wait for the gate: a dry run is not waited for, and a gate that compares with live has
    nothing to say once the candidate has everything."""
    for number, step in enumerate(case.plan.steps, start=1):
        if not gate.dry_run and (step.share < 1 or gate.decides_alone):
            yield number, step


@finding(
    "min-requests-never-reached",
    Severity.ERROR,
    fact="no evidence is UNKNOWN, and UNKNOWN never promotes: the rollout ends as `on_unknown` says",
)
def never_reached(case: Case) -> Iterator[Hit]:
    """A gate never passes even on a perfect candidate, since a step brings too few requests (--requests-per-minute)."""
    rate = case.known.requests_per_minute
    for place, gate in case.gates if rate is not None else ():
        for number, step in _judged(case, gate):
            if can_be_tried(gate) and soonest(gate, case.known, step.share) is None:
                requests = f"{case.known.rate * step.share:.0f} requests a minute"
                what = (
                    f"step {number} ({show_share(step.share)}) brings {requests}, too few for {gate.name} ever to pass"
                )
                yield Hit(place, what, "begin with a larger step, or ask for fewer requests")
                break


@finding(
    "gate-never-passes",
    Severity.ERROR,
    fact="no evidence is UNKNOWN, and UNKNOWN never promotes",
)
def never(case: Case) -> Iterator[Hit]:
    """A gate passes too late even on a perfect candidate with plenty of requests: after the hold and its max_wait."""
    for place, gate in case.gates:
        for number, step in _judged(case, gate):
            first = soonest(gate, case.known, step.share)
            if first is not None and first > step.hold + gate.max_wait:
                what = (
                    f"{gate.name} passes {show_duration(first)} into step {number} at the soonest; it is given"
                    f" {show_duration(step.hold)} and {show_duration(gate.max_wait)}"
                )
                yield Hit(place, what, "hold for longer, or judge a shorter time")
                break


@finding(
    "gate-window-longer-than-hold",
    Severity.WARNING,
    fact="a gate judges whole minutes that lie in the step, and CloudWatch has them a minute or more later",
)
def window(case: Case) -> Iterator[Hit]:
    """A gate needs longer than the hold: each hold then lasts as long as the gate."""
    for place, gate in case.gates:
        for number, step in _judged(case, gate):
            first = soonest(gate, case.known, step.share)
            if first is not None and step.hold < first <= step.hold + gate.max_wait:
                what = (
                    f"{gate.name} passes after {show_duration(first)}; step {number} holds {show_duration(step.hold)}"
                )
                yield Hit(place, what, f"hold for {show_duration(first)}, which is what it will take")
                break


@finding(
    "metric-lag-longer-than-hold",
    Severity.WARNING,
    fact="Elastic Load Balancing User Guides, CloudWatch metrics: points are of whole minutes, published after them",
)
def lag(case: Case) -> Iterator[Hit]:
    """A hold ends before CloudWatch can show one whole minute of it: gates that pass then go by old news."""
    needed = 2 * MINUTE + case.known.metric_lag
    shortest = min(step.hold for step in case.plan.steps)
    if shortest < needed:
        what = (
            f"a hold of {show_duration(shortest)} may end before one of its minutes is seen ({show_duration(needed)})"
        )
        yield Hit(("strategy", "hold"), what, f"hold for {show_duration(needed)} or longer")


@finding(
    "no-patience-with-late-metrics",
    Severity.WARNING,
    fact="CloudWatch publishes no limit for how late a point may be; a minute or two is common",
)
def patience(case: Case) -> Iterator[Hit]:
    """A gate whose max_wait is below two minutes: one late minute, and the rollout goes back or asks."""
    for place, gate in case.gates:
        if gate.max_wait < PATIENCE:
            what = f"{gate.name} waits only {show_duration(gate.max_wait)} for evidence that is late"
            yield Hit((*place, "max_wait"), what, "leave it at 10m, the default")
