"""Gates that are asked outside: when a run of theirs is begun, begun again, and forgotten.

The answer of an earlier step says nothing about this one: each step asks anew. The newest run and the one before it are
kept, so that there is an answer while the next is being worked out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bluegreen.checks.base import Check
from bluegreen.decide.facts import facts_of
from bluegreen.gates.asked import AskedGate, number_of
from bluegreen.model import Action, CheckRun, Decision, Observation, Phase, Rollout, RunCheck, StopCheck
from bluegreen.plan import Plan

GRACE = timedelta(minutes=1)
"""Who runs a check ends it at its time limit; so much later it is begun again."""
KEPT = 2


def asking(plan: Plan, seen: Observation, decision: Decision) -> Decision:
    """`decision`, with the runs of gates that are due."""
    rollout = decision.rollout
    if rollout.phase not in (Phase.HOLD, Phase.BAKE) or rollout.in_place is None:
        return decision
    gates = [gate for gate in plan.gates if isinstance(gate, AskedGate)]
    if not gates:
        return decision
    actions: tuple[Action, ...] = ()
    for gate in gates:
        mine = _mine(gate, rollout)
        if not mine or _due(gate, gate.check(), mine[-1], rollout, seen):
            rollout, more = _begin(plan, gate, mine, rollout, seen)
            actions += more
    return replace(decision, rollout=rollout, actions=(*decision.actions, *actions))


def _mine(gate: AskedGate, rollout: Rollout) -> list[str]:
    """The gate's runs, oldest first."""
    return sorted((name for name in rollout.runs if name.partition("#")[0] == gate.run), key=number_of)


def _due(gate: AskedGate, check: Check, newest: str, rollout: Rollout, seen: Observation) -> bool:
    assert rollout.in_place is not None, "gates are asked in steps"
    run, view = rollout.runs[newest], seen.checks.get(newest)
    if run.began < rollout.in_place or run.state == "stopped":
        return True
    if view is None or view.state == "running":
        return seen.at - run.began >= check.timeout + GRACE
    return view.state == "absent" or seen.at - run.began >= gate.again


def _begin(
    plan: Plan, gate: AskedGate, mine: list[str], rollout: Rollout, seen: Observation
) -> tuple[Rollout, tuple[Action, ...]]:
    assert rollout.in_place is not None, "gates are asked in steps"
    number = number_of(mine[-1]) + 1 if mine else 1
    name = f"{gate.run}#{number}"
    of_this_step = [each for each in mine if rollout.runs[each].began >= rollout.in_place]
    old = [each for each in mine if each not in of_this_step[1 - KEPT :]]
    runs = {key: run for key, run in rollout.runs.items() if key not in old}
    stopped: tuple[Action, ...] = tuple(StopCheck(each) for each in old)
    begun = replace(rollout, runs={**runs, name: CheckRun(seen.at)})
    return begun, (*stopped, RunCheck(name, facts_of(plan, rollout)))
