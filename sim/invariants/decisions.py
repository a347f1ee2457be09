"""Always: what the engine decides, and where it then stands."""

from __future__ import annotations

from bluegreen.journal.entries import Decided
from bluegreen.journal.fold import fold
from bluegreen.model import Phase, Rollout, Verdict
from sim.invariants.base import Record, judged, on_decision, on_step

WATCHED = {Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN}


@on_decision
def trouble_seen_means_going_back(record: Record, entry: Decided, before: Decided | None) -> str:
    """After the first look that shows a failing gate, traffic is leaving the candidate, in every phase in which users
    are on it and the live slot still stands by."""
    rollout = before.decision.rollout if before else None
    if rollout is None or rollout.in_place is None or rollout.phase not in WATCHED:
        return ""
    if rollout.phase is Phase.DRAIN and rollout.leaving is rollout.candidate:
        return ""
    answers = judged(record.plan, rollout, entry.seen)
    failed = [answer for answer in answers if answer.verdict is Verdict.FAIL]
    going_back = {Phase.ROLLBACK, Phase.RETIRE, Phase.DONE}
    if failed and entry.decision.rollout.phase not in going_back:
        return f"still in {entry.decision.rollout.phase} though {failed[0].gate}: {failed[0].why}"
    return ""


@on_decision
def phases_follow_each_other(record: Record, entry: Decided, before: Decided | None) -> str:
    """No phase is skipped: nobody is sent to an unverified slot, and nothing is retired undrained."""
    if before is None:
        return ""
    old, new = before.decision.rollout, entry.decision.rollout
    needs = {
        Phase.SHIFT: {Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN, Phase.RETIRE},
        Phase.SCALE: {Phase.VERIFY, Phase.SCALE, Phase.HOLD, Phase.SHIFT},
        Phase.HOLD: {Phase.SHIFT, Phase.HOLD},
        Phase.BAKE: {Phase.HOLD, Phase.BAKE},
        Phase.DRAIN: {Phase.BAKE, Phase.ROLLBACK, Phase.DRAIN},
        Phase.RETIRE: {Phase.DRAIN, Phase.RETIRE} | ({old.phase} if not old.exposed else set()),
    }
    if new.phase in needs and old.phase not in needs[new.phase]:
        return f"{new.phase} came straight after {old.phase}"
    return ""


@on_step
def the_journal_tells_where_the_rollout_is(record: Record, rollout: Rollout) -> str:
    """The rollout is the fold of its journal: an engine that dies now is resumed from where it is."""
    return "" if fold(record.entries) == rollout else f"the engine is in {rollout.phase}, its journal is not"
