"""What people are told: the events in what was just decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bluegreen.checks.accept import Accept
from bluegreen.decide.checking import check_of
from bluegreen.model import Decision, End, Event, Notice, Notify, Observation, Phase, Rollout
from bluegreen.plan import Plan


def told(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Decision:
    """`decision`, with its notices: as actions, and in the rollout for an engine that goes on after a crash."""
    if not plan.notify:
        return decision
    wanted = {event for way in plan.notify for event in way.events}
    notices = tuple(
        _notice(plan, seen, decision, event, why)
        for event, why in _events(plan, rollout, seen, decision)
        if event in wanted
    )
    if not notices and not decision.rollout.notices:
        return decision
    rollout = replace(decision.rollout, notices=notices)
    return replace(decision, rollout=rollout, actions=(*(Notify(each) for each in notices), *decision.actions))


def _events(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> Iterator[tuple[Event, str]]:
    new = decision.rollout
    if rollout.looks == 0:
        yield "started", decision.why
    if new.phase is Phase.HOLD and rollout.phase is Phase.SHIFT:
        yield "step", decision.why
    if new.leaving is new.candidate and rollout.leaving is not rollout.candidate:
        yield "rollback", decision.why
    if new.asked is not None and rollout.asked is None:
        yield "asked", new.asked.what
    for name in sorted(set(new.runs) - set(rollout.runs)):
        if isinstance(check_of(plan, name), Accept):
            yield "asked", f"{name}: {new.runs[name].detail or decision.why}"
    if new.finished:
        yield ("asked" if new.end in (End.NEEDS_OPERATOR, End.ROLLBACK_FAILED) else "ended"), decision.why


def _notice(plan: Plan, seen: Observation, decision: Decision, event: Event, why: str) -> Notice:
    new, service = decision.rollout, plan.service
    share = seen.traffic.share(new.candidate) if seen.traffic is not None else 0.0
    return Notice(event, seen.at, new.id, service.name, service.record, new.phase, share, why, new.end)
