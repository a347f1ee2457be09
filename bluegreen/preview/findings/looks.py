"""How often, and for how long, the engine looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_duration

OFTEN, SELDOM = timedelta(seconds=30), timedelta(minutes=2)


@finding(
    "look-every-too-slow",
    Severity.WARNING,
    fact="a bad candidate serves until the next look; a gate's verdict is up to `every` old",
)
def slow(case: Case) -> Iterator[Hit]:
    """Looks are so far apart that a hold has fewer than three, or users suffer minutes longer than they must."""
    every, shortest = case.plan.every, min(step.hold for step in case.plan.steps)
    if every > SELDOM or every > shortest / 3:
        what = f"looking every {show_duration(every)}, harm is seen up to {show_duration(every)} late"
        yield Hit(("every",), what, "look every 60s: CloudWatch has a new point every minute")


@finding(
    "look-every-too-fast",
    Severity.NOTE,
    fact="Elastic Load Balancing publishes a point a minute; GetMetricData is charged by the metric asked for",
)
def fast(case: Case) -> Iterator[Hit]:
    """Looks are closer together than there is anything new to see."""
    if case.plan.every < OFTEN:
        what = f"looking every {show_duration(case.plan.every)} asks for the same minute again and again"
        yield Hit(("every",), what, "look every 60s; what is under way is looked at every 15s to 30s in any case")


@finding("look-limit-too-low", Severity.ERROR, fact="after `look_limit` looks a rollout stops and asks an operator")
def limit(case: Case) -> Iterator[Hit]:
    """Even when all goes well the rollout needs more than half of its looks."""
    needed = case.unhurried.looks
    if case.plan.look_limit < 2 * needed:
        what = f"when all goes well it takes {needed} looks; it stops after {case.plan.look_limit}"
        yield Hit(("look_limit",), what, "leave it at 10000, the default")
