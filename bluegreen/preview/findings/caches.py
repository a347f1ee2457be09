"""What users' caches do to the plan: resolvers, browsers, balancers that remember."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.traffic.target_groups import TargetGroups
from bluegreen.units import show_duration

BROWSER = timedelta(seconds=60)
LONG = timedelta(minutes=2)


@finding(
    "hold-shorter-than-caches",
    Severity.WARNING,
    fact="Chromium keeps an answer of the system's resolver for 60 s, on top of its TTL (net/dns, host resolver"
    " manager); a hold shorter than the TTL itself is refused",
)
def hold(case: Case) -> Iterator[Hit]:
    """A hold that is over before browsers have asked again: part of it watched the step before."""
    if not case.plan.traffic.by_dns:
        return
    needed = case.plan.answers_live_for + BROWSER
    shortest = min(step.hold for step in case.plan.steps)
    if shortest < needed:
        what = f"a hold of {show_duration(shortest)} ends before browsers follow it ({show_duration(needed)})"
        yield Hit(("strategy", "hold"), what, f"hold for {show_duration(needed)} or longer")


@finding(
    "ttl-slows-the-way-back",
    Severity.WARNING,
    fact="Route 53 Developer Guide, best practices for DNS: 60 or 120 s are common where failover matters",
)
def slow_back(case: Case) -> Iterator[Hit]:
    """A TTL above two minutes: so long users stay on a bad candidate after everything was decided."""
    ttl = case.plan.service.ttl
    if ttl is not None and ttl > LONG:
        what = f"after going back, caches name the candidate for {show_duration(ttl)} more"
        yield Hit(("service", "ttl"), what, "lower the TTL to 60s, an old TTL before the rollout")


@finding(
    "ttl-below-browsers",
    Severity.NOTE,
    fact="Chromium keeps every answer for at least 60 s (net/dns, minimum TTL)",
)
def below_browsers(case: Case) -> Iterator[Hit]:
    """A TTL below 60 s: browsers do not go by it, and Route 53 is asked more often."""
    ttl = case.plan.service.ttl
    if ttl is not None and ttl < BROWSER:
        what = f"a TTL of {show_duration(ttl)} does not make browsers ask again before 60s"
        yield Hit(("service", "ttl"), what, "reckon with 60s, or use alias records")


@finding(
    "cname-has-no-health",
    Severity.NOTE,
    fact="Route 53 API Reference, AliasTarget, EvaluateTargetHealth: only alias records can follow a target's health",
)
def no_health(case: Case) -> Iterator[Hit]:
    """CNAME records: Route 53 goes on naming a slot whose machines are all unhealthy."""
    checked = case.plan.fallback is not None  # it makes health checks for them
    if case.plan.service.records == "cname" and case.plan.traffic.by_dns and not checked:
        what = "Route 53 does not see when a slot has no healthy machine; only the engine's next look does"
        yield Hit(("service", "records"), what, "use `records: alias` if the name may be one")


@finding(
    "cookies-outlive-weights",
    Severity.WARNING,
    fact="Elastic Load Balancing API Reference, TargetGroupStickinessConfig: a cookie decides before weights do; AWS"
    " says neither that weight 0 ends it nor whether an answer renews it",
)
def cookies(case: Case) -> Iterator[Hit]:
    """`stickiness`: users with a cookie go on to the old slot though its weight is 0, and the drain waits for them."""
    mover, live = case.plan.traffic, case.plan.live.slot
    if isinstance(mover, TargetGroups) and mover.stickiness:
        held, ceiling = show_duration(mover.stickiness), show_duration(case.plan.drain.ceiling)
        what = (
            f"cookies hold users on {live} for {held} after its weight is 0, busy ones perhaps for longer; the drain"
            f" asks somebody after {ceiling}"
        )
        yield Hit(("traffic", "stickiness"), what, "leave it out if sessions can move, else reckon with a longer drain")
