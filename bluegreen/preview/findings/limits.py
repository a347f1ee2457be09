"""Time limits that even a rollout in which all goes well would break, or nearly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.model import Phase
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_about, show_duration

DNS = timedelta(seconds=60)


def _longest(case: Case) -> dict[Phase, timedelta]:
    """How long each phase with a deadline takes at the most, when all goes well."""
    found: dict[Phase, timedelta] = {}
    for visit in case.unhurried.visits:
        if case.plan.deadlines.of(visit.phase) is not None:
            found[visit.phase] = max(visit.length, found.get(visit.phase, timedelta(0)))
    return found


@finding(
    "deadline-too-short",
    Severity.ERROR,
    fact="machines take 123 s in an AWS sample from launch to service; changes of records are with all servers"
    ' "generally within 60 seconds" (Route 53 API Reference)',
)
def too_short(case: Case) -> Iterator[Hit]:
    """A phase needs longer than its deadline even when all goes well."""
    for phase, length in _longest(case).items():
        deadline = case.plan.deadlines.of(phase) or timedelta(0)
        if length > deadline:
            what = f"{phase} takes {show_about(length)} when all goes well; its deadline is {show_duration(deadline)}"
            yield Hit(("deadlines", phase.value), what, "leave the default, or say --boot if your machines are faster")


@finding(
    "deadline-tight",
    Severity.WARNING,
    fact="boot times are log-normal rather than fixed: twice the usual time is nothing unusual",
)
def tight(case: Case) -> Iterator[Hit]:
    """A phase needs more than half of its deadline when all goes well."""
    for phase, length in _longest(case).items():
        deadline = case.plan.deadlines.of(phase) or timedelta(0)
        if deadline / 2 < length <= deadline:
            what = f"{phase} takes about {show_about(length)} when all goes well, of {show_duration(deadline)}"
            yield Hit(("deadlines", phase.value), what, f"allow {show_duration(2 * deadline)}")


@finding(
    "rollback-deadline-shorter-than-boot",
    Severity.WARNING,
    fact="a live slot that has shrunk gets its machines back first, and then DNS has to follow",
)
def way_back(case: Case) -> Iterator[Hit]:
    """The way back must be over before lost machines of the live slot could be back."""
    needed, limit = 2 * case.known.boot + DNS, case.plan.deadlines.rollback
    if limit < needed:
        what = f"the way back is given {show_duration(limit)}; new machines and DNS take {show_duration(needed)}"
        yield Hit(("deadlines", "rollback"), what, "leave it at 30m, the default")


@finding(
    "does-not-end-well", Severity.ERROR, fact="the engine itself was run through this file in a world without trouble"
)
def bad_end(case: Case) -> Iterator[Hit]:
    """Even when all goes well the rollout does not succeed, and no other error says why."""
    walked = case.walk
    if walked.end != "succeeded":
        end = walked.end or "no end at all"
        yield Hit((), f"with nothing going wrong, it comes to: {end} ({walked.why})", "change what it names")
