"""People who are asked, hours in which it may act, and steps that cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from bluegreen.checks.accept import Accept
from bluegreen.model import Phase
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_about, show_duration
from bluegreen.windows import Window

DAY = timedelta(days=1)


@finding(
    "asks-nobody",
    Severity.WARNING,
    fact="a question waits for `ask_for`, and then the rollout ends as it is: users stay where they are",
)
def nobody(case: Case) -> Iterator[Hit]:
    """A person is asked, for want of evidence or to accept, and nobody is told (`notify`)."""
    if any("asked" in way.events for way in case.plan.notify):
        return
    for place, _, check in case.checks:
        if isinstance(check, Accept):
            what = f"{check.name} waits {show_duration(check.timeout)} for somebody to look"
            yield Hit(place, what, "add `notify`, with the event `asked`")
    if case.plan.on_unknown == "ask":
        what = f"with `ask`, a rollout without evidence waits {show_duration(case.plan.ask_for)} for somebody to look"
        yield Hit(("on_unknown",), what, "add `notify`, with the event `asked`, or say `rollback`")


@finding(
    "window-shorter-than-the-shift",
    Severity.WARNING,
    fact="outside of the windows nothing steps up: both slots serve until the next one opens",
)
def window(case: Case) -> Iterator[Hit]:
    """All steps together take longer than the longest deployment window: users stay divided until the next one."""
    opened = case.plan.windows.open
    longest = max((_length(each) for each in opened), default=DAY)
    walked = case.unhurried
    needed = sum((visit.length for visit in walked.visits if visit.phase not in _AFTER), timedelta(0))
    if longest < min(needed, DAY):
        what = f"all steps take about {show_about(needed)}, the longest window {show_duration(longest)}"
        yield Hit(("windows", "open"), what, "take fewer or shorter steps, or open for longer")


_AFTER = (Phase.BAKE, Phase.DRAIN, Phase.RETIRE)


def _length(window: Window) -> timedelta:
    """A whole day may go on into the next one: as long as it takes."""
    begin, end = (datetime.strptime(clock, "%H:%M") for clock in (window.begins, window.ends.replace("24:00", "00:00")))  # noqa: DTZ007
    return (end - begin) % DAY or DAY


@finding(
    "moved-within-shorter-than-caches",
    Severity.WARNING,
    fact="users follow within the TTL, and CloudWatch shows it in the first whole minute after that, a minute later",
)
def moved(case: Case) -> Iterator[Hit]:
    """Users are given less time to follow a step than caches and CloudWatch take to show that they did."""
    limit, needed = case.plan.moved.within, case.plan.answers_live_for + timedelta(minutes=2) + case.known.metric_lag
    if limit < needed:
        then = "the rollout goes back" if case.plan.moved.if_not == "rollback" else "the hold begins without them"
        what = f"after {show_duration(limit)} {then}; to see them follow takes {show_duration(needed)}"
        yield Hit(("moved", "within"), what, "leave it at 15m, the default")


@finding(
    "hook-without-way-back",
    Severity.NOTE,
    fact="after an irreversible hook has begun the engine does not go back by itself: old code may not fit what it did",
)
def irreversible(case: Case) -> Iterator[Hit]:
    """A hook that is called irreversible: from then on a bad candidate is not left before a person says so."""
    for number, hook in enumerate(case.plan.hooks):
        if hook.irreversible and hook.at not in ("before-retire",):
            what = f"once {hook.check.name} ({hook.at}) has begun, a bad candidate waits for a person"
            yield Hit(("hooks", number), what, "make it additive, or run it before-retire")


@finding(
    "silence-accepts",
    Severity.WARNING,
    fact="a question that nobody answers was asked of nobody: `at_limit: accept` takes that for a yes",
)
def silence(case: Case) -> Iterator[Hit]:
    """People are asked to accept, and when none of them does it counts as accepted."""
    for place, _, check in case.checks:
        if isinstance(check, Accept) and check.at_limit == "accept":
            what = f"after {show_duration(check.timeout)} without an answer of {' or '.join(check.people)} it goes on"
            yield Hit((*place, "at_limit"), what, "leave it at refuse, or ask")


@finding(
    "irreversible-hook-is-repeated",
    Severity.WARNING,
    fact="one that did not pass may have done half of its work; `retries` begins it again from the start",
)
def repeated(case: Case) -> Iterator[Hit]:
    """A hook that cannot be undone is begun again when it fails."""
    for number, hook in enumerate(case.plan.hooks):
        if hook.irreversible and hook.check.retries:
            what = f"{hook.check.name} is run up to {hook.check.retries + 1} times"
            yield Hit(("hooks", number), what, "leave retries out, unless running it twice is as good as once")
