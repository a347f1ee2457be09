"""The fallback, before the first user is sent to the candidate: prepared and tested, or the rollout goes back.

Later nobody but Route 53 enters or leaves it: health checks and answers go on working when control planes do not (Route
53 Developer Guide, best practices).
"""

from __future__ import annotations

from datetime import timedelta

from bluegreen.decide.moves import go_back, stay
from bluegreen.model import Decision, Observation, Phase, PrepareFallback, Rollout, TidyFallback
from bluegreen.plan import Plan
from bluegreen.units import show_about

PATIENCE = timedelta(minutes=10)
"""From the candidate's first healthy look until the fallback stands. Changes are INSYNC within a minute, as a rule."""


def unprepared(plan: Plan, rollout: Rollout) -> bool:
    """Whether it is to be looked at: the candidate's checks are begun when it stands."""
    if plan.fallback is None or rollout.phase is not Phase.VERIFY or rollout.healthy_since is None:
        return False
    return not any(run.startswith("verify/") for run in rollout.runs)


def prepared(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What is to be done for the fallback now; None: it stands and was tested, or the plan has none."""
    if not unprepared(plan, rollout) or plan.fallback is None or rollout.healthy_since is None:
        return None
    view, what = seen.fallback, f"the fallback of {plan.fallback.name}"
    late = seen.at - rollout.healthy_since
    if view is not None and view.refused:
        return go_back(rollout, seen, f"{what}: {view.refused}")
    if view is not None and not view.lacks and view.in_sync:
        return None
    why = "it cannot be looked at" if view is None else "; ".join(view.lacks) or "not all DNS servers know it yet"
    if late >= PATIENCE:
        return go_back(rollout, seen, f"{what} does not stand after {show_about(late)}: {why}")
    return stay(rollout, f"preparing {what}: {why}", *((PrepareFallback(),) if view is not None else ()))


def checked(plan: Plan) -> bool:
    """Whether the slots' records have health checks of their own."""
    return plan.fallback is not None and plan.service.records == "cname"


def untidy(plan: Plan, rollout: Rollout) -> bool:
    """Whether what was made for the leaving slot's record is to be looked for: aliases need no health checks."""
    return checked(plan) and (rollout.phase is Phase.RETIRE or rollout.letting_go is not None)


def tidied(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What is to be done about it now; None: nothing is left."""
    if not untidy(plan, rollout) or seen.idle == ():
        return None
    if seen.idle is None:
        return stay(rollout, "health checks that may be left over cannot be looked for")
    return stay(rollout, "removing health checks that no record names any more", TidyFallback())
