"""Whether a bad candidate would be noticed."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.gates.base import Gate
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.preview.gates import can_be_tried, detects
from bluegreen.preview.trial import CANDIDATE, LIVE
from bluegreen.units import show_share

LARGE = 0.5


def _measures(case: Case) -> set[str]:
    return {query.measure for gate in case.plan.gates for query in gate.queries(LIVE, CANDIDATE)}


def _sees_nothing(case: Case, gate: Gate) -> bool:
    """Whether it would fail no candidate in any step."""
    return all(detects(gate, case.known, step.share) is None for step in case.plan.steps)


@finding(
    "no-stop-condition",
    Severity.ERROR,
    fact="each gate was tried on a candidate that fails nine requests in ten and takes a minute for an answer",
)
def no_stop(case: Case) -> Iterator[Hit]:
    """No gate fails, however bad the candidate is: nothing would stop the rollout."""
    gates = case.plan.gates
    if all(can_be_tried(gate) and _sees_nothing(case, gate) for gate in gates):
        names = ", ".join(gate.name for gate in gates)
        yield Hit(("gates",), f"the worst candidate passes {names}", "add a gate on errors, like `below: 1%`")


@finding(
    "gate-can-never-fail",
    Severity.WARNING,
    fact="the gate was tried on a candidate that fails nine requests in ten and takes a minute for an answer",
)
def never_fails(case: Case) -> Iterator[Hit]:
    """A gate that no candidate can fail, beside others that work."""
    for place, gate in case.gates:
        if can_be_tried(gate) and not gate.dry_run and _sees_nothing(case, gate):
            yield Hit(place, f"{gate.name} fails no candidate, however bad", "lower its limit, or leave it out")


@finding(
    "errors-not-watched",
    Severity.WARNING,
    fact="Elastic Load Balancing User Guides, CloudWatch metrics: balancers count the 5xx of targets, and their own",
)
def errors(case: Case) -> Iterator[Hit]:
    """No gate looks at failed requests, and no alarm is asked."""
    if "errors" not in _measures(case) and not any(gate.alarms() for gate in case.plan.gates):
        what = "a candidate that fails every request fast would pass"
        yield Hit(("gates",), what, "add `{kind: threshold, measure: error_rate, below: 1%}`")


@finding(
    "average-hides-tail",
    Severity.NOTE,
    fact="one request in a hundred that takes 10 s moves an average by 0.1 s",
)
def average(case: Case) -> Iterator[Hit]:
    """Response times are judged by their average alone."""
    measures = _measures(case)
    if "latency_avg" in measures and not any(measure.startswith("latency_p") for measure in measures):
        number = next(
            n for n, gate in enumerate(case.plan.gates) if "latency_avg" in str(gate.queries(LIVE, CANDIDATE))
        )
        yield Hit(
            ("gates", number), "an average does not see what few users suffer", "judge latency_p95 or latency_p99"
        )


@finding(
    "gate-decides-nothing",
    Severity.NOTE,
    fact="a dry run is judged and shown, and neither stops a rollout nor lets it go on",
)
def dry(case: Case) -> Iterator[Hit]:
    """A gate is a dry run still."""
    for place, gate in case.gates:
        if gate.dry_run:
            yield Hit((*place, "dry_run"), f"{gate.name} stops nothing", "leave dry_run out once you trust it")


@finding(
    "first-step-is-large",
    Severity.WARNING,
    fact="whatever the gates see first was seen by everybody in the first step",
)
def large(case: Case) -> Iterator[Hit]:
    """The first step gives the candidate half of the users or more: so many meet what nobody has judged yet."""
    first = case.plan.steps[0].share
    if first >= LARGE and case.plan.traffic.divides:
        what = f"{show_share(first)} of the users are on the candidate before any gate has judged it"
        yield Hit(("strategy",), what, "begin with a small step: `canary`, `linear`, or a list of your own")
