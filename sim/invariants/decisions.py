"""Always: what the engine decides, and where it then stands."""

from __future__ import annotations

from bluegreen.decide.transitions import possible, where
from bluegreen.journal.entries import Decided
from bluegreen.model import Phase, Rollout, Verdict
from sim.invariants.base import Record, judged, on_decision, on_passage, on_step

GOING_BACK = {Phase.ROLLBACK, Phase.RETIRE, Phase.DONE}
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
    data = entry.decision.rollout.data
    if entry.decision.rollout.phase in GOING_BACK or (data is not None and data.back):
        return ""
    answers = judged(record.plan, rollout, entry.seen)
    failed = [answer for answer in answers if answer.verdict is Verdict.FAIL]
    if failed:
        return f"still in {entry.decision.rollout.phase} though {failed[0].gate}: {failed[0].why}"
    return ""


@on_passage
def phases_follow_each_other(record: Record, entry: Decided, before: Decided | None) -> str:
    """No phase is skipped: nobody is sent to an unverified slot, and nothing is retired undrained."""
    if before is None:
        return ""
    old, new = before.decision.rollout, entry.decision.rollout
    return "" if possible(old, new) else f"{where(new)} came straight after {where(old)}"


@on_decision
def every_command_is_answered(record: Record, entry: Decided, before: Decided | None) -> str:
    """Whatever else goes wrong: who asked for an abort must be heard, or told why not."""
    answered = [answer.command for answer in entry.decision.answers]
    lost = [command for command in entry.seen.commands if command not in answered]
    return f"nothing became of {lost[0].verb} by {lost[0].who}" if lost else ""


@on_decision
def only_who_has_the_lease_decides(record: Record, entry: Decided, before: Decided | None) -> str:
    """Another engine that took over begins with reading the journal; the one before it writes nothing more."""
    if not record.holder or record.writer == record.holder:
        return ""
    return f"{record.writer} has decided something though {record.holder} has the lease"


@on_step
def the_journal_tells_where_the_rollout_is(record: Record, rollout: Rollout) -> str:
    """The rollout is the fold of its journal: an engine that dies now is resumed from where it is."""
    return "" if record.folded == rollout else f"the engine is in {rollout.phase}, its journal is not"
