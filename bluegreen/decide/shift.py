"""SHIFT: set the weights of the step, read them back, and wait until every DNS server knows them."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.capacity import live_can_carry, needed, weights_for
from bluegreen.decide.moves import go, go_back, stay
from bluegreen.decide.watch import unwell, watch
from bluegreen.model import Decision, Observation, Phase, Rollout, SetWeights
from bluegreen.plan import Plan
from bluegreen.units import show_share


def shift(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    if unwell(rollout, seen):
        return go_back(rollout, seen, unwell(rollout, seen))
    watched = watch(plan, rollout, seen) if rollout.in_place else None
    if watched and watched.failed:
        return go_back(rollout, seen, watched.failed, watched.judged)
    if seen.traffic is None:
        return stay(rollout, "the weights cannot be read")
    share = plan.steps[rollout.step].share
    if dict(seen.traffic.weights) == weights_for(rollout.live, share, plan.traffic.finest):
        if not seen.traffic.in_sync:
            # Asked again, since a crash or a lost reply may have taken the change's id with it: safe to repeat.
            why = f"waiting until {plan.traffic.everywhere} answer with {show_share(share)}"
            return stay(rollout, why, SetWeights(weights_for(rollout.live, share, plan.traffic.finest)))
        why = f"{rollout.candidate} has {show_share(share)} of the answers on {plan.traffic.everywhere}"
        entered = go(replace(rollout, in_place=seen.at, moved=None), seen, Phase.HOLD, why)
        # No minute that tells of these weights is over yet.
        return replace(entered, wait=min(plan.every, plan.steps[rollout.step].hold))
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if live is None or candidate is None:
        return stay(rollout, "the environments cannot be read, so the weights stay")
    if candidate.healthy < needed(plan, rollout, share):
        return go(rollout, seen, Phase.SCALE, f"{rollout.candidate} lost capacity: {candidate.healthy} are healthy")
    if live_can_carry(plan, rollout, live.healthy) < 1 - share:
        return go(rollout, seen, Phase.SCALE, f"{rollout.live} lost capacity: {live.healthy} are healthy")
    if watched and watched.unknown and not rollout.promoted:
        return stay(rollout, f"no step up without evidence: {watched.unknown}", judged=watched.judged)
    why = f"{show_share(share)} of the answers to {rollout.candidate}"
    judged = watched.judged if watched else ()
    return stay(rollout, why, SetWeights(weights_for(rollout.live, share, plan.traffic.finest)), judged=judged)
