"""The data's place in a rollout: what must be so before a step forward is taken. Pure.

Level-triggered like everything else: commands of the team's are kept as runs (`data/expand`), what the engine asks of
AWS follows from how the data stand at each look. The way back is in `databack.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from bluegreen.data.base import Case, Data, Moment, Said, Task, state_of
from bluegreen.decide.checking import progress
from bluegreen.decide.facts import facts_of
from bluegreen.decide.moves import finish, go_back, stay
from bluegreen.model import (
    Action,
    CreateEnvironment,
    DataState,
    Decision,
    End,
    MoveData,
    Observation,
    Phase,
    PrepareData,
    Rollout,
    Slot,
)
from bluegreen.plan import Plan

State = Literal["passed", "running", "failed", "unknown"]
STATES: Mapping[str, State] = {"passed": "passed", "running": "running", "unknown": "unknown"}
ASKS: Mapping[str, Action] = {"prepare": PrepareData(), "move": MoveData()}


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the tasks of a moment are."""

    rollout: Rollout
    said: Said
    actions: tuple[Action, ...] = ()


def data_held(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """`decision`, or what is done for the data instead of it for now."""
    moments, data = _moments(rollout, decision), data_of(plan)
    if rollout.exposed and rollout.leaving is not rollout.candidate and (apart := data.breach(seen.data)):
        return go_back(rollout, seen, f"data: {apart}", decision.judgements)
    if not moments:
        return decision
    now = replace(rollout, runs={**rollout.runs, **decision.rollout.runs})
    actions: tuple[Action, ...] = ()
    for task in (task for moment in moments for task in data.tasks(moment)):
        stand = pass_task(plan, task, now, seen)
        now, actions = stand.rollout, (*actions, *stand.actions)
        why = f"data, {task.name}: {stand.said.why}"
        if stand.said.state == "running":
            waits = replace(now, waiting=now.waiting or seen.at)
            return stay(waits, why, *actions, judged=decision.judgements)
        if stand.said.state != "passed":
            return _not_passed(now, seen, decision, why, stops=task.stops or stand.said.stops)
    passed = replace(decision.rollout, runs=now.runs, data=now.data)
    return replace(decision, rollout=passed, actions=(*actions, *decision.actions))


def pass_task(
    plan: Plan, task: Task, rollout: Rollout, seen: Observation, facts: Mapping[str, str] | None = None
) -> Stand:
    """One task: a command that is begun, looked at and kept like a hook, or what the kind judges by itself."""
    if task.check is not None:
        told = {**facts_of(plan, rollout, "data"), "BLUEGREEN_FENCE": str(rollout.live), **(facts or {})}
        step = progress("data", task.check, rollout, seen, told)
        return Stand(step.rollout, Said(STATES.get(step.state, "failed"), step.why), step.actions)
    state = state_of(rollout)
    if task.name in state.done:
        return Stand(rollout, Said("passed", "it was so before"))
    since = state.begun.get(task.name, seen.at)
    rollout = replace(rollout, data=replace(state, begun={**state.begun, task.name: since}))
    said = data_of(plan).judge(task.name, Case(seen, rollout, since))
    if said.asks == "move" and state.moved is None:  # written down before it is done: nobody else will know
        rollout = replace(rollout, data=replace(state_of(rollout), moved=seen.at))
    if said.state == "passed":
        rollout = replace(rollout, data=_passed(task, state_of(rollout)))
    return Stand(rollout, said, (ASKS[said.asks],) if said.asks else ())


def _passed(task: Task, state: DataState) -> DataState:
    """What must be so each time is waited for anew the next time."""
    if not task.again:
        return replace(state, done=(*state.done, task.name))
    return replace(state, begun={name: at for name, at in state.begun.items() if name != task.name})


def data_of(plan: Plan) -> Data:
    """The plan's, where it is known to have some."""
    assert plan.data is not None, "only plans with `data` come here"
    return plan.data


def wants_data(plan: Plan, rollout: Rollout) -> bool:
    """Whether the next look must see the data."""
    if plan.data is None or not plan.data.by_port:
        return False
    state = state_of(rollout)
    if plan.data.watched and rollout.phase in _CAN_TURN and rollout.leaving is not rollout.candidate:
        return True
    ahead = rollout.phase is Phase.PROVISION or (rollout.phase is Phase.SCALE and not rollout.exposed)
    return ahead or bool(state.back) or (state.moved is not None and rollout.phase in _CAN_TURN)


_CAN_TURN = frozenset({Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN, Phase.SCALE})
"""From where the way back begins."""


def fenced(slot: Slot) -> Mapping[str, str]:
    """Which slot's database a fence is about."""
    return {"BLUEGREEN_FENCE": str(slot)}


def _moments(rollout: Rollout, decision: Decision) -> tuple[Moment, ...]:
    """What `decision` would pass."""
    if rollout.phase is Phase.PROVISION:
        begins = any(isinstance(action, CreateEnvironment) for action in decision.actions)
        return ("before-provision",) if begins or decision.rollout.phase is Phase.VERIFY else ()
    passage = (rollout.phase, decision.rollout.phase)
    if passage == (Phase.SCALE, Phase.SHIFT):
        return ("before-step",) if rollout.exposed else ("before-shift", "before-step")
    retires = passage == (Phase.DRAIN, Phase.RETIRE) and rollout.leaving is rollout.live
    return ("before-retire",) if retires else ()


def _not_passed(rollout: Rollout, seen: Observation, decision: Decision, why: str, *, stops: bool) -> Decision:
    if stops:
        return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}; everything was left as it is")
    return go_back(rollout, seen, why, decision.judgements)
