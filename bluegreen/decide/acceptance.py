"""What becomes of `accept` and `refuse`: they answer the manual acceptance that waits just now, if there is one."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.checks.accept import Accept
from bluegreen.decide.checking import check_of, running
from bluegreen.model import Answer, Command, Observation, Rollout
from bluegreen.plan import Plan


def hear(
    plan: Plan, rollout: Rollout, seen: Observation, answers: tuple[Answer, ...]
) -> tuple[Rollout, tuple[Answer, ...]]:
    """The rollout as the answers of this look leave it, and `answers` with what became of each."""
    for command in seen.commands:
        if command.verb in ("accept", "refuse"):
            rollout, answer = _one(plan, rollout, command)
            answers = (*answers, answer)
    return rollout, answers


def _one(plan: Plan, rollout: Rollout, command: Command) -> tuple[Rollout, Answer]:
    if rollout.paused is not None:
        return rollout, Answer(command, accepted=False, why="it is paused; resume it first")
    waiting = [(name, check) for name in running(rollout) if isinstance(check := check_of(plan, name), Accept)]
    for name, check in waiting:
        if command.who in check.people:
            return _said(rollout, name, command), Answer(command, accepted=True, why=f"noted for {name}")
    if not waiting:
        return rollout, Answer(command, accepted=False, why=f"nobody is asked to accept anything in {rollout.phase}")
    may = ", ".join(dict.fromkeys(person for _, check in waiting for person in check.people))
    return rollout, Answer(command, accepted=False, why=f"{command.who} is not asked; {may} may answer")


def _said(rollout: Rollout, name: str, command: Command) -> Rollout:
    run = rollout.runs[name]
    if command.verb == "refuse":
        run = replace(run, state="failed", detail=f"{command.who} refused: {command.why}")
    elif command.who not in run.accepted:
        run = replace(run, accepted=(*run.accepted, command.who))
    return replace(rollout, runs={**rollout.runs, name: run})
