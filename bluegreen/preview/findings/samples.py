"""Whether limits and samples fit each other: what chance alone would do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import exp

from bluegreen.gates.mann_whitney import MannWhitney
from bluegreen.gates.threshold import Threshold
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_duration, show_share

MINUTE = timedelta(minutes=1)
LIKELY = 0.05


@finding(
    "one-error-breaks-the-limit",
    Severity.NOTE,
    fact="one failed request of n is an error rate of 1/n",
)
def one_error(case: Case) -> Iterator[Hit]:
    """In the smallest minute that an error-rate gate judges, one failed request is over its limit."""
    for place, gate in case.gates:
        if not isinstance(gate, Threshold) or gate.measure != "error_rate":
            continue
        judged = _smallest(case, gate)
        if gate.below * judged <= 1:
            share, limit = show_share(1 / judged), show_share(gate.below)
            what = f"of {judged:.0f} requests one that fails is {share}; the limit is {limit}"
            yield Hit(place, what, f"ask for more than {1 / gate.below:.0f} requests (min_requests), or allow for it")


@finding(
    "percentile-of-too-few",
    Severity.NOTE,
    fact="CloudWatch User Guide, percentile alarms: below 10/(1-p) samples a percentile is of too few (p99: 1,000)",
)
def percentile(case: Case) -> Iterator[Hit]:
    """A percentile is judged in minutes with fewer requests than it needs to mean something."""
    for place, gate in case.gates:
        if not isinstance(gate, Threshold) or not gate.measure.startswith("latency_p"):
            continue
        needed = round(10 / (1 - int(gate.measure.removeprefix("latency_p")) / 100))
        judged = _smallest(case, gate)
        if judged < needed:
            what = f"{gate.measure} is judged in minutes with {judged:.0f} requests; it takes {needed}"
            yield Hit(place, what, f"ask for {needed} (min_requests), or judge a lower percentile")


def _smallest(case: Case, gate: Threshold) -> float:
    """Requests in the smallest minute that the gate judges, as far as is known."""
    if case.known.requests_per_minute is None:
        return gate.min_requests
    return max(gate.min_requests, case.known.requests_per_minute * case.plan.steps[0].share)


@finding(
    "false-abort-likely",
    Severity.WARNING,
    fact="failures among n requests are binomial; a failing window is at most as likely as the sum over all minutes",
)
def false_abort(case: Case) -> Iterator[Hit]:
    """A healthy candidate fails a gate by chance in more than 5 % of rollouts (--requests-per-minute, --error-rate)."""
    if case.known.requests_per_minute is None or not case.known.error_rate:
        return
    for place, gate in case.gates:
        if isinstance(gate, Threshold) and gate.measure == "error_rate":
            chance = abort_chance(case, gate)
            if chance > LIKELY:
                errors = show_share(case.known.error_rate)
                what = f"{gate.name} fails a candidate with {errors} errors, as today, in {chance:.0%} of rollouts"
                yield Hit(place, what, "raise `below`, or `failures`")


def abort_chance(case: Case, gate: Threshold) -> float:
    """The chance that chance alone fails an error-rate gate somewhere in a rollout: an upper bound, by the expected
    number of minutes with which a failing window begins."""
    from scipy.stats import binom  # noqa: PLC0415  heavy, and only for this finding

    expected = 0.0
    for step in case.plan.steps:
        requests = round(case.known.rate * step.share)
        if requests < gate.min_requests:
            continue
        limit = -(-gate.below * requests // 1)  # the least number of errors that breaks the limit
        broken = float(binom.sf(limit - 1, requests, case.known.error_rate))
        more = float(binom.sf(gate.failures - 2, gate.periods - 1, broken))
        length = step.hold + (case.plan.bake if step.share == 1 else timedelta(0))
        expected += length / MINUTE * broken * more
    return 1 - exp(-expected)


@finding(
    "peeking-fails-good-candidates",
    Severity.NOTE,
    fact="a test for one look that is repeated at every look rejects far more often than it says (Johari, Pekelis,"
    " Walsh, Always valid inference, 2015)",
)
def peeking(case: Case) -> Iterator[Hit]:
    """A Mann-Whitney gate decides: it is asked again and again, and made to be asked once."""
    for place, gate in case.gates:
        if isinstance(gate, MannWhitney) and not gate.dry_run:
            what = f"{gate.name} is judged every {show_duration(case.plan.every)} of a hold, each time as if once"
            yield Hit(place, what, "use `sequential` or `sequential_latency`, made for that; keep this as a dry run")
