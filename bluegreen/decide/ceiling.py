"""The drain's ceiling: somebody or something still uses the slot that lost, or nobody can tell. It is never removed.

An old live slot is asked about, while the drain goes on: as soon as it is quiet, that answers the question. A candidate
that lost keeps running without a record. In both cases what was held for the watch is given back before the end.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.fallback import checked
from bluegreen.decide.moves import finish, gone_back, stay
from bluegreen.model import (
    Action,
    Decision,
    End,
    HoldScaleIn,
    Observation,
    Question,
    RemoveRecord,
    Rollout,
    Slot,
    TidyFallback,
)
from bluegreen.plan import Plan
from bluegreen.units import show_duration

GIVING_BACK = timedelta(minutes=10)
"""For how long it is tried: then it ends anyway."""


def ceiling(plan: Plan, rollout: Rollout, seen: Observation, used: str) -> Decision:
    """`used`: why the leaving slot cannot count as left by everybody."""
    why = f"{used}, after {show_duration(plan.drain.ceiling)}"
    if rollout.leaving is not rollout.live:
        left = f"{why}; it was left running"
        given = _let_go(plan, rollout, seen, left)
        return given or gone_back(rollout, seen, left + _kept(plan, rollout, seen))
    asked = rollout.asked or Question(seen.at, why)
    over = asked.at + plan.ask_for
    if seen.at < over:
        question = f"retry, which waits as long again, or abort, which takes users back? {why}"
        return stay(replace(rollout, asked=asked), question, wait=plan.every)
    left = f"nobody answered for {show_duration(plan.ask_for)}: {why}; it was left running{_named(rollout, seen)}"
    given = _let_go(plan, rollout, seen, left)
    return given or finish(rollout, seen, End.NEEDS_OPERATOR, left + _kept(plan, rollout, seen))


def _let_go(plan: Plan, rollout: Rollout, seen: Observation, why: str) -> Decision | None:
    """What is given back before the end, or None when nothing is left to give or it was tried for long enough."""
    began = rollout.letting_go or seen.at
    actions = _gifts(plan, rollout, seen)
    if seen.at - began >= GIVING_BACK or not (actions or _unseen(plan, seen)):
        return None
    return stay(replace(rollout, letting_go=began), f"letting go: {why}", *actions)


def _gifts(plan: Plan, rollout: Rollout, seen: Observation) -> list[Action]:
    actions: list[Action] = []
    if rollout.leaving is rollout.candidate and _has_record(rollout.candidate, seen) and _serves(rollout.live, seen):
        actions.append(RemoveRecord(rollout.candidate))
    for slot in Slot:
        view = seen.environment(slot)
        if view is not None and (view.scale_in_held or view.hold_left):
            actions.append(HoldScaleIn(slot, held=False))
    if not actions and checked(plan) and seen.idle:
        actions.append(TidyFallback())
    return actions


def _unseen(plan: Plan, seen: Observation) -> bool:
    """Whether there may be something to give that this look could not see, or did not look for yet."""
    idle = checked(plan) and seen.idle is None
    return idle or seen.traffic is None or not all(seen.environment(slot) for slot in Slot)


def _kept(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """What could not be given back, for the end's words."""
    left = [_words(action) for action in _gifts(plan, rollout, seen)]
    if not left and not _unseen(plan, seen):
        return ""
    what = "; ".join(left) or "nobody can see what is left"
    return f"; giving back took longer than {show_duration(GIVING_BACK)}: {what}"


def _words(action: Action) -> str:
    match action:
        case RemoveRecord(slot):
            return f"the record of {slot}"
        case HoldScaleIn(slot):
            return f"what keeps {slot} from shrinking"
        case _:
            return "health checks that no record names"


def _has_record(slot: Slot, seen: Observation) -> bool:
    return seen.traffic is not None and slot in seen.traffic.weights and slot.other in seen.traffic.weights


def _serves(slot: Slot, seen: Observation) -> bool:
    view = seen.environment(slot)
    return view is not None and view.healthy > 0


def _named(rollout: Rollout, seen: Observation) -> str:
    if not _has_record(rollout.live, seen):
        return ""
    return ", and its record of weight 0 with it: users are sent there when nobody else is healthy"
