"""Rollback knows the data: what the way back would lose, what has to be done first, and when there is none. Pure.

A rollout that wants to go back stands still meanwhile, and what it stands for is remembered: a gate that passes again
does not send it forward on data that are half on their way back.
"""

from __future__ import annotations

from dataclasses import replace

from bluegreen.data.base import Back, Task, begun, named, state_of
from bluegreen.decide.checking import give_up, running
from bluegreen.decide.data import data_of, fenced, pass_task
from bluegreen.decide.moves import finish, go_back, stay
from bluegreen.model import Action, Answer, Command, Decision, End, Observation, Question, Rollout
from bluegreen.plan import Plan
from bluegreen.units import show_duration

AGAIN = "abort once more to go back all the same"


def returning(rollout: Rollout, seen: Observation) -> Decision | None:
    """A rollout that stands still on its way back goes on with that, whatever its phase would say."""
    if rollout.data is None or not rollout.data.back:
        return None
    return go_back(rollout, seen, rollout.data.back)


def turned(rollout: Rollout, decision: Decision) -> bool:
    """Whether `decision` is the turn."""
    return decision.rollout.leaving is rollout.candidate and rollout.leaving is not rollout.candidate


def data_back(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """`decision`, which turns back, or what comes before it."""
    cause, new = decision.rollout.cause, decision.rollout
    rollout, stopped = _stopped(replace(rollout, runs=new.runs, data=new.data))
    way = data_of(plan).way_back(rollout, seen)
    if way.closed:
        return _closed(plan, rollout, seen, way, cause=cause)
    rollout = _confirmed(rollout, seen, way)
    if way.asks and not state_of(rollout).confirmed:
        return _ask(plan, replace(rollout, aborted=False), seen, way, cause=cause)
    prepared = _prepared(plan, rollout, seen, decision, way)
    return replace(prepared, actions=(*stopped, *prepared.actions)) if stopped else prepared


def _closed(plan: Plan, rollout: Rollout, seen: Observation, way: Back, *, cause: str) -> Decision:
    """What has closed the way back is not cut off half way, which would help nobody; people are told at once."""
    why = f"{cause}; it does not go back: {way.closed}"
    for task in data_of(plan).tasks("before-retire"):
        if not begun(rollout, task.name):
            continue
        stand = pass_task(plan, task, rollout, seen)
        rollout = stand.rollout
        if stand.said.state == "running":
            data, asked = replace(state_of(rollout), back=cause), rollout.asked or Question(seen.at, why)
            told = f"{why}; {task.name} is let come to its end: {stand.said.why}"
            return stay(_waits(replace(rollout, data=data, asked=asked), seen), told, *stand.actions)
        why = f"{why}; {task.name}: {stand.said.why}"
    return finish(rollout, seen, End.NEEDS_OPERATOR, why)


def leftover_data(plan: Plan, decision: Decision) -> Decision:
    """An end that leaves something of the data says so: the engine deletes no database."""
    if plan.data is None or not decision.rollout.finished:
        return decision
    left = plan.data.leaves(decision.rollout)
    return replace(decision, why=f"{decision.why}; {left}") if left else decision


def _stopped(rollout: Rollout) -> tuple[Rollout, tuple[Action, ...]]:
    """What was being done for the way forward is ended first: a fence that is still going up would go up after it was
    taken down."""
    if state_of(rollout).back:
        return rollout, ()
    forward = tuple(name for name in running(rollout) if name.startswith("data/") and name != "data/contract")
    return give_up(rollout, forward) if forward else (rollout, ())


def answered(rollout: Rollout, answers: tuple[Answer, ...]) -> tuple[Answer, ...]:
    """An abort that only made the engine ask back is told so."""
    if rollout.asked is None or rollout.aborted or not any(_aborts(each) for each in answers):
        return answers
    return tuple(replace(each, accepted=False, why=rollout.asked.what) if _aborts(each) else each for each in answers)


def _aborts(answer: Answer) -> bool:
    return answer.accepted and answer.command.verb == "abort"


def _confirmed(rollout: Rollout, seen: Observation, way: Back) -> Rollout:
    """An abort while the question stands is the answer to it."""
    word = next((command for command in seen.commands if command.verb == "abort"), None)
    if not way.asks or rollout.asked is None or word is None or not rollout.aborted:
        return rollout
    return replace(rollout, data=replace(state_of(rollout), confirmed=_whose(word)))


def _whose(command: Command) -> str:
    return f"{command.who}: {command.why}"


def _ask(plan: Plan, rollout: Rollout, seen: Observation, way: Back, *, cause: str) -> Decision:
    """Count what would be lost, then ask; when nobody answers, everything is left as it is."""
    rollout = replace(rollout, data=replace(state_of(rollout), back=cause))
    told, actions, rollout = _counted(plan, rollout, seen, "lost")
    if told is None:
        return stay(_waits(rollout, seen), f"{cause}; before it goes back: what would be lost is counted", *actions)
    what = f"{cause}; it does not go back by itself: {way.asks}{told}; {AGAIN}"
    asked = rollout.asked or Question(seen.at, what)
    if seen.at - asked.at >= plan.ask_for:
        why = f"nobody answered for {show_duration(plan.ask_for)}: {asked.what}"
        return finish(rollout, seen, End.NEEDS_OPERATOR, why)
    return stay(_waits(replace(rollout, asked=asked), seen), asked.what, *actions, wait=plan.every)


def _prepared(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision, way: Back) -> Decision:
    """What has to be done first, one after the other. Writes that would be lost are fenced and counted once more."""
    cause = decision.rollout.cause
    now = replace(rollout, data=replace(state_of(rollout), back=cause)) if way.tasks or way.asks else rollout
    actions: tuple[Action, ...] = ()
    for task in way.tasks:
        told = fenced(now.candidate if task.name == "fence-back" else now.live)
        stand = pass_task(plan, task, now, seen, told)
        now, actions = stand.rollout, (*actions, *stand.actions)
        why = f"{cause}; before it goes back: {task.name}: {stand.said.why}"
        if stand.said.state == "running":
            return stay(_waits(now, seen), why, *actions)
        if stand.said.state != "passed":
            return finish(now, seen, End.NEEDS_OPERATOR, f"{why}; everything was left as it is")
    notes = [way.note] if way.note else []
    if way.asks:
        last, more, now = _counted(plan, now, seen, "lost-in-the-end")
        actions = (*actions, *more)
        if last is None:
            return stay(_waits(now, seen), f"{cause}; before it goes back: what is lost is counted", *actions)
        notes.append(f"{way.asks}{last}; confirmed by {state_of(now).confirmed}")
    gone = replace(decision.rollout, runs=now.runs, data=now.data and replace(now.data, back=""))
    return replace(decision, rollout=gone, actions=(*actions, *decision.actions), why="; ".join((decision.why, *notes)))


def _counted(
    plan: Plan, rollout: Rollout, seen: Observation, name: str
) -> tuple[str | None, tuple[Action, ...], Rollout]:
    """What the team's command says about it, in words to be appended; None while it runs."""
    count = data_of(plan).count()
    if count is None:
        return " (nobody has counted how much: data.lost)", (), rollout
    stand = pass_task(plan, Task(name, named(name, count)), rollout, seen)
    if stand.said.state == "running":
        return None, stand.actions, stand.rollout
    words = stand.said.why if stand.said.state == "passed" else f"it could not be counted: {stand.said.why}"
    return f" ({words})", stand.actions, stand.rollout


def _waits(rollout: Rollout, seen: Observation) -> Rollout:
    return replace(rollout, waiting=rollout.waiting or seen.at)
