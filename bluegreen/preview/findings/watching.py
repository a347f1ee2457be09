"""What is watched before users come, and after all of them have."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.preview.gates import soonest
from bluegreen.units import show_duration


@finding(
    "verify-shorter-than-health-checks",
    Severity.WARNING,
    fact="Application Load Balancers User Guide, health checks: a new target needs one passed check, an unhealthy one"
    " is known after two failed ones, 30 s apart by default",
)
def verify(case: Case) -> Iterator[Hit]:
    """The candidate counts as verified before a machine that fails at once would be seen to fail."""
    healthy_for, notice = case.plan.verify.healthy_for, case.known.unhealthy_after
    if healthy_for < notice:
        what = (
            f"a machine that fails right after its first check is found after {show_duration(notice)}, not"
            f" {show_duration(healthy_for)}"
        )
        yield Hit(("verify", "healthy_for"), what, "leave it at 2m, the default")


@finding(
    "no-bake",
    Severity.WARNING,
    fact="leaks, caches and queues show with time; going back is cheap while both slots stand",
)
def no_bake(case: Case) -> Iterator[Hit]:
    """The old slot is let go as soon as the last hold is over."""
    if case.plan.bake == timedelta(0):
        yield Hit(
            ("bake",), "nothing is watched between the last step and letting the old slot go", "bake for 10m or longer"
        )


@finding(
    "bake-shorter-than-gate",
    Severity.WARNING,
    fact="a gate judges whole minutes, and CloudWatch has them a minute or more later",
)
def bake(case: Case) -> Iterator[Hit]:
    """The bake is over before a gate could have judged anything that happened in it."""
    if case.plan.bake == timedelta(0):
        return
    for place, gate in case.gates:
        needed = soonest(gate, case.known, 1.0)
        if needed is not None and case.plan.bake < needed:
            lasts = show_duration(case.plan.bake)
            what = f"{gate.name} needs {show_duration(needed)} to judge anything; the bake lasts {lasts}"
            yield Hit(place, what, f"bake for {show_duration(needed)} or longer")


@finding(
    "bake-shorter-than-health-checks",
    Severity.WARNING,
    fact="Application Load Balancers User Guide, health checks: a target is unhealthy after UnhealthyThresholdCount"
    " failed checks, HealthCheckIntervalSeconds apart; Route 53 goes by that for aliases",
)
def slow_checks(case: Case) -> Iterator[Hit]:
    """The old slot is let go before the balancer's health checks could find a machine that failed in the bake, twice
    (as they are set up with --account)."""
    needed, bake = 2 * case.known.unhealthy_after, case.plan.bake
    if timedelta(0) < bake < needed:
        notice = show_duration(case.known.unhealthy_after)
        what = f"a machine that fails is found after {notice}; the bake lasts {show_duration(bake)}"
        yield Hit(("bake",), what, f"bake for {show_duration(needed)} or longer, or check more often")
