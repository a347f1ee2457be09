"""How the old slot is left, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

from bluegreen.model import Phase
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_about, show_duration

KEEP_ALIVE = timedelta(hours=1)
SEEN_LATE = timedelta(minutes=2)
SLOW_BACK = timedelta(minutes=10)


@finding(
    "drain-shorter-than-old-ttls",
    Severity.WARNING,
    fact="a drain ends by evidence: not before the TTL, and after `quiet` whole minutes since the last weight was gone,"
    " as CloudWatch shows them",
)
def too_short(case: Case) -> Iterator[Hit]:
    """A drain's ceiling comes before it could possibly end: a human is asked though nothing is wrong."""
    drain = case.plan.drain
    watched = case.plan.steps[-1].hold + case.plan.bake + drain.ceiling
    needed = max(case.plan.answers_live_for, drain.quiet) + SEEN_LATE
    if watched < needed:
        what = (
            f"TTL and quiet minutes take {show_duration(needed)}; hold, bake and ceiling are {show_duration(watched)}"
        )
        yield Hit(("drain", "ceiling"), what, "leave it at 2h, the default")


@finding(
    "drain-waits-for-the-last-client",
    Severity.WARNING,
    fact="2 % of users followed an old answer 15 minutes after a change (Flavel, Mani, Maltz, IEEE LANMAN 2014)",
)
def last_client(case: Case) -> Iterator[Hit]:
    """By the time that stale users are expected to need, the drain has reached its ceiling (--requests-per-minute)."""
    length, ceiling = case.unhurried.spent(Phase.DRAIN), case.plan.drain.ceiling
    if length > ceiling:
        what = (
            f"the last requests are expected after about {show_about(length)}, the ceiling is {show_duration(ceiling)}"
        )
        yield Hit(("drain",), what, "tolerate a few (`below: 0.1%`), or raise the ceiling")


@finding(
    "drain-ceiling-below-keep-alive",
    Severity.NOTE,
    fact="Elastic Load Balancing API Reference, LoadBalancerAttribute, client_keep_alive.seconds: 3,600 by default",
)
def keep_alive(case: Case) -> Iterator[Hit]:
    """Busy connections may stay on the old balancer for an hour, and the drain does not wait so long."""
    if case.plan.traffic.by_dns and case.plan.drain.ceiling < KEEP_ALIVE:
        ceiling = show_duration(case.plan.drain.ceiling)
        what = f"a busy connection lasts up to an hour whatever DNS says; the ceiling is {ceiling}"
        yield Hit(("drain", "ceiling"), what, "give it an hour or more")


@finding(
    "rollback-at-once-with-scaled-in-live",
    Severity.WARNING,
    fact="a balancer in front of too few machines answers 5xx to all its users, not only to those that are too many",
)
def at_once(case: Case) -> Iterator[Hit]:
    """Everything goes back at once, also to a live slot that has lost machines."""
    if case.plan.rollback.pace == "at_once":
        what = "if the live slot has shrunk by then, all users go to what is left of it"
        yield Hit(("rollback", "pace"), what, "use `as_it_comes`: it is as fast while the live slot is whole")


@finding(
    "retire-removes-what-it-did-not-make",
    Severity.NOTE,
    fact="the live balancer and group are named by the file; whoever made them (a stack, Terraform) will miss them",
)
def removes(case: Case) -> Iterator[Hit]:
    """`retire: remove` deletes the old group and balancer, which this rollout did not make."""
    if case.plan.retire == "remove":
        live = case.plan.live
        names = " and ".join(
            dict.fromkeys(name for name in (live.group, live.balancer, live.environment or "") if name)
        )
        what = f"{names} will be deleted; there is no way back from that"
        yield Hit(("retire",), what, "make sure that no stack owns them, or say `retire: keep`")


@finding(
    "way-back-in-steps-is-slow",
    Severity.WARNING,
    fact="a rollback in steps keeps users on the candidate for as long: each step gives back `step`, every `every`",
)
def in_steps(case: Case) -> Iterator[Hit]:
    """A stepped way back takes longer than ten minutes, in which a bad candidate goes on serving."""
    back = case.plan.rollback
    takes = (ceil(1 / back.step) - 1) * max(back.every, case.plan.answers_live_for)
    if back.pace == "stepped" and takes > SLOW_BACK:
        what = f"from all traffic it takes {show_about(takes)} until nobody is sent to a bad candidate"
        yield Hit(("rollback",), what, "take larger steps; only a live slot that is cold needs them at all")
