"""Reserved capacity of balancers: what AWS gives, and takes back."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.preview.cost import units_of
from bluegreen.preview.finding import Case, Hit, Severity, finding


@finding(
    "reservation-needs-quota",
    Severity.NOTE,
    fact="Application Load Balancers User Guide, quotas: reserved capacity units begin at 0 in every Region",
)
def quota(case: Case) -> Iterator[Hit]:
    """Balancer capacity is to be reserved, which an account may not do before its quota is raised."""
    if case.plan.prewarm is not None:
        units = units_of(case.plan)
        what = f"{units} units need a quota of as many; what is not granted ends the rollout before the first user"
        yield Hit(("prewarm", "units"), what, "look at the quota, and ask for it days before")


@finding(
    "reservation-decreases-run-out",
    Severity.NOTE,
    fact="Application Load Balancers User Guide, capacity unit reservation: two decreases a day",
)
def decreases(case: Case) -> Iterator[Hit]:
    """The live balancer's reservation is given back each time: the third rollout of a day cannot."""
    if case.plan.prewarm is not None and case.plan.prewarm.also_live:
        what = "each rollout takes one of the live balancer's two decreases a day; then it is billed until tomorrow"
        yield Hit(("prewarm", "also_live"), what, "two rollouts a day, or reserve for good and leave also_live out")
