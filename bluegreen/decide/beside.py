"""Whatever was decided: hooks that nothing waits for but the removal, runs that nobody waits for any more, the time
that no deadline counts, and what people are told. Pure.
"""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.checking import give_up, hook_place, progress, running
from bluegreen.decide.facts import facts_of
from bluegreen.decide.moves import stay
from bluegreen.decide.operators import FORWARD
from bluegreen.decide.tell import told
from bluegreen.hooks.spec import Stage, hooks_at
from bluegreen.model import Decision, Observation, Phase, RemoveEnvironment, RemoveRecord, Rollout
from bluegreen.plan import Plan


def beside(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """`decision`, with all that goes on beside it."""
    if plan.hooks or decision.rollout.runs:
        decision = _left_behind(rollout, decision)
        decision = _rolling_back(plan, rollout, seen, decision)
        decision = _ended(plan, seen, decision)
    return told(plan, rollout, seen, _counted(plan, rollout, seen, decision))


def _left_behind(rollout: Rollout, decision: Decision) -> Decision:
    """Who waits to go forward stops waiting when the rollout turns back or ends."""
    if decision.rollout.phase in FORWARD or rollout.phase not in FORWARD | {Phase.DRAIN}:
        return decision
    forward = tuple(
        name for name in running(decision.rollout) if not name.startswith(("hook/rolling-back", "hook/ended"))
    )
    if not forward or decision.rollout.phase is rollout.phase:
        return decision
    stopped, actions = give_up(decision.rollout, forward)
    return replace(decision, rollout=stopped, actions=(*decision.actions, *actions))


def _rolling_back(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """Evidence is saved while traffic goes back; only the removal of what it is about waits for it."""
    new = decision.rollout
    if new.leaving is not new.candidate or rollout.leaving is not rollout.candidate:
        return decision
    decision, busy = _beside(plan, "rolling-back", seen, decision)
    removes = [
        a for a in decision.actions if isinstance(a, RemoveEnvironment | RemoveRecord) and a.slot is new.candidate
    ]
    if not busy or not (removes or new.finished):
        return decision
    kept = tuple(action for action in decision.actions if action not in removes)
    waits = replace(rollout, runs=decision.rollout.runs, waiting=rollout.waiting or seen.at)
    return stay(waits, f"{new.candidate} is kept for {busy}", *kept)


def _ended(plan: Plan, seen: Observation, decision: Decision) -> Decision:
    """The end's own hooks are begun with it; the engine stays until they are over (`Engine.run`)."""
    return _beside(plan, "ended", seen, decision)[0] if decision.rollout.finished else decision


def _beside(plan: Plan, stage: Stage, seen: Observation, decision: Decision) -> tuple[Decision, str]:
    """Hooks without a say, all at the same time. Gives those that are not over yet, in words."""
    busy = []
    for hook in hooks_at(plan.hooks, stage):
        facts = facts_of(plan, decision.rollout, stage, decision.why)
        step = progress(hook_place(stage, None), hook.check, decision.rollout, seen, facts)
        decision = replace(decision, rollout=step.rollout, actions=(*decision.actions, *step.actions))
        if step.state == "running":
            busy.append(f"the hook {hook.check.name} ({stage})")
    return decision, " and ".join(busy)


def _counted(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """Time spent waiting for others is no part of a phase's deadline: its beginning moves along."""
    new = decision.rollout
    if rollout.waiting is None and new.waiting is None:
        return decision
    if new.phase is not rollout.phase:
        return replace(decision, rollout=replace(new, waiting=None))
    if new.waiting is not None:
        return replace(decision, rollout=replace(new, waiting=rollout.waiting or new.waiting))
    if plan.deadlines.of(new.phase) is None or rollout.waiting is None:
        return decision
    waited = seen.at - max(rollout.waiting, rollout.since)
    return replace(decision, rollout=replace(new, since=new.since + waited))
