"""SCALE: capacity first. The candidate grows to what the next step needs before its weight is raised, and neither
group may shrink by itself while it is being compared or may be needed again.
"""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.capacity import needed
from bluegreen.decide.moves import go, go_back, stay
from bluegreen.decide.watch import unwell, watch
from bluegreen.model import Action, Decision, HoldScaleIn, Observation, Phase, Rollout, SetCapacity
from bluegreen.plan import Plan
from bluegreen.units import show_share


def scale(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    if rollout.exposed and (failed := watch(plan, rollout, seen).failed or unwell(rollout, seen)):
        return go_back(rollout, seen, failed, watch(plan, rollout, seen).judged)
    candidate = seen.environment(rollout.candidate)
    holds = _holds(rollout, seen)
    if candidate is None or seen.environment(rollout.live) is None:
        return stay(rollout, "the environments cannot be read")
    share = plan.steps[rollout.step].share
    need = needed(plan, rollout, share)
    if candidate.healthy >= need and not holds:
        why = f"{candidate.healthy} healthy instances can carry {show_share(share)} (needs {need})"
        return go(replace(rollout, exposed=True), seen, Phase.SHIFT, why)
    grow: tuple[Action, ...] = (SetCapacity(rollout.candidate, need),) if candidate.desired < need else ()
    why = f"{rollout.candidate} needs {need} healthy instances for {show_share(share)}, has {candidate.healthy}"
    return stay(rollout, why, *holds, *grow)


def _holds(rollout: Rollout, seen: Observation) -> tuple[Action, ...]:
    views = [(slot, seen.environment(slot)) for slot in (rollout.live, rollout.candidate)]
    return tuple(HoldScaleIn(slot, held=True) for slot, view in views if view is not None and not view.scale_in_held)
