"""Before a step forward is taken: the deployment windows, the alarms' self-test, the stage's hooks. Pure.

A step that is held is decided anew at the next look, so everything that could change it still does.
"""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.checking import hook_place, progress
from bluegreen.decide.data import data_held
from bluegreen.decide.databack import data_back, turned
from bluegreen.decide.facts import facts_of
from bluegreen.decide.moves import finish, go_back, stay
from bluegreen.decide.selftest import tested, untested
from bluegreen.hooks.spec import EACH_STEP, Hook, Stage, hooks_at
from bluegreen.model import (
    Action,
    CreateEnvironment,
    Decision,
    End,
    Observation,
    Phase,
    Presence,
    Rollout,
    SetWeights,
)
from bluegreen.plan import Plan

ENTERED: dict[tuple[Phase, Phase], tuple[Stage, ...]] = {
    (Phase.PROVISION, Phase.VERIFY): ("before-verify",),
    (Phase.SCALE, Phase.SHIFT): ("before-shift", "before-step"),
    (Phase.HOLD, Phase.SCALE): ("after-step",),
    (Phase.HOLD, Phase.BAKE): ("after-step", "before-bake"),
    (Phase.DRAIN, Phase.RETIRE): ("before-retire",),
}
"""The stages between two phases."""
STEPS_UP = frozenset({(Phase.VERIFY, Phase.SCALE), (Phase.HOLD, Phase.SCALE), (Phase.SCALE, Phase.SHIFT)})


def held(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """`decision`, or what is done instead of it for now. The data come last: they may close the way back."""
    kept = _held(plan, rollout, seen, decision)
    if plan.data is None or kept.rollout.finished:
        return kept
    if turned(rollout, kept):
        return data_back(plan, rollout, seen, kept)
    kept = data_held(plan, rollout, seen, kept)
    return data_back(plan, rollout, seen, kept) if turned(rollout, kept) else kept


def _held(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    if decision.rollout.leaving is rollout.candidate or decision.rollout.finished:
        return _not_back(plan, rollout, seen, decision)
    for hold in (_closed, _self_test, _hooks):
        instead = hold(plan, rollout, seen, decision)
        if instead is not None:
            return instead
    if _begins(decision) and untested(plan, rollout):
        return replace(decision, rollout=replace(decision.rollout, tested=(*rollout.tested, rollout.phase)))
    return decision


def _begins(decision: Decision) -> bool:
    return any(isinstance(action, CreateEnvironment) for action in decision.actions)


def _closed(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision | None:
    """Outside the windows nothing begins, steps up or, if the plan says so, is retired."""
    if plan.windows.always:
        return None
    passage = (rollout.phase, decision.rollout.phase)
    retires = passage == (Phase.DRAIN, Phase.RETIRE) and plan.windows.retire == "inside"
    if not (passage in STEPS_UP or retires or _first(rollout, seen, decision) or _raises(rollout, seen, decision)):
        return None
    if not (why := plan.windows.waits(seen.at)):
        return None
    return replace(_wait(rollout, seen, decision, why), wait=plan.every)


def _first(rollout: Rollout, seen: Observation, decision: Decision) -> bool:
    """Whether it is only about to begin: nothing has been made yet."""
    candidate = seen.environment(rollout.candidate)
    return _begins(decision) and (candidate is None or candidate.presence is Presence.ABSENT)


def _raises(rollout: Rollout, seen: Observation, decision: Decision) -> bool:
    for action in decision.actions:
        if isinstance(action, SetWeights) and seen.traffic is not None:
            total = sum(action.weights.values())
            if action.weights.get(rollout.candidate, 0) / total > seen.traffic.share(rollout.candidate):
                return True
    return False


def _self_test(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision | None:
    return tested(plan, rollout, seen) if _begins(decision) else None


def _hooks(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision | None:
    """The hooks of the stages that `decision` would pass, in the file's order, one after the other."""
    stages = _stages(rollout, decision) if plan.hooks else ()
    if not stages:
        return None
    actions: tuple[Action, ...] = ()
    now = rollout
    for stage in stages:
        for hook in hooks_at(plan.hooks, stage):
            place = hook_place(stage, rollout.step if stage in EACH_STEP else None)
            if stage == "before-step":
                place = hook_place(stage, decision.rollout.step)
            facts = facts_of(plan, decision.rollout, stage, decision.why)
            step = progress(place, hook.check, now, seen, facts)
            now, actions = step.rollout, (*actions, *step.actions)
            why = f"hook {hook.check.name} ({stage}): {step.why}"
            if step.state == "running":
                return _wait(now, seen, decision, why, *actions)
            if step.state != "passed" and hook.says != "ignore":
                asks = hook.irreversible or (step.state == "unknown" and hook.check.on_unknown == "ask")
                return _refused("stop" if asks else hook.says, now, seen, decision, why)
    passed = replace(decision.rollout, runs={**decision.rollout.runs, **now.runs})
    return replace(decision, rollout=passed, actions=(*actions, *decision.actions))


def _stages(rollout: Rollout, decision: Decision) -> tuple[Stage, ...]:
    if rollout.phase is Phase.PROVISION and _begins(decision):
        return ("before-provision",)
    return ENTERED.get((rollout.phase, decision.rollout.phase), ())


def _refused(says: str, rollout: Rollout, seen: Observation, decision: Decision, why: str) -> Decision:
    """What a hook's answer leads to: `stop` leaves everything as it is."""
    if says == "stop":
        return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}; everything was left as it is")
    return go_back(rollout, seen, why, decision.judgements)


def _wait(rollout: Rollout, seen: Observation, decision: Decision, why: str, *actions: Action) -> Decision:
    waits = replace(rollout, waiting=rollout.waiting or seen.at)
    return stay(waits, why, *actions, judged=decision.judgements)


def _not_back(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """After an irreversible hook the engine does not go back by itself: old code on a migrated database may do more
    harm. It leaves everything as it is, and asks."""
    if not turned(rollout, decision) or decision.rollout.aborted:
        return decision
    for hook in plan.hooks:
        if hook.irreversible and any(_is_of(hook, name) for name in rollout.runs):
            cause = decision.rollout.cause
            why = f"{cause}; it does not go back by itself, since the hook {hook.check.name} is irreversible"
            return finish(rollout, seen, End.NEEDS_OPERATOR, why)
    return decision


def _is_of(hook: Hook, run: str) -> bool:
    """Whether that run is one of this hook's."""
    name = run.partition("#")[0]
    return name.startswith(f"hook/{hook.at}/") and name.endswith(f"/{hook.check.name}")
