"""Situations of gates that cannot tell, or tell bad news."""

from __future__ import annotations

from bluegreen.model import Phase, Verdict
from sim.reached.base import Left, mark

WATCHED = (Phase.HOLD, Phase.BAKE)


@mark
def unknown_evidence_at_a_step(left: Left) -> bool:
    """The hold was over, and a gate could not tell yet."""
    for entry in left.during(Phase.HOLD):
        rollout = entry.decision.rollout
        judged = entry.decision.judgements
        if rollout.phase is Phase.HOLD and any(j.decides and j.verdict is Verdict.UNKNOWN for j in judged):
            return True
    return False


@mark
def unknown_until_the_deadline(left: Left) -> bool:
    """Nobody could tell for so long that it went back."""
    return any(
        before.decision.rollout.phase in WATCHED
        and after.decision.rollout.phase is Phase.ROLLBACK
        and not any(judgement.verdict is Verdict.FAIL for judgement in after.decision.judgements)
        and not after.decision.rollout.aborted
        for before, after in left.steps
    )


@mark
def failing_gate_in_the_first_step(left: Left) -> bool:
    return any(
        entry.decision.rollout.step == 0 and any(j.verdict is Verdict.FAIL for j in entry.decision.judgements)
        for entry in left.during(Phase.HOLD)
    )


@mark
def gates_of_two_minds(left: Left) -> bool:
    """In one look one of them passed and another one failed."""
    for entry in left.during(*WATCHED):
        verdicts = {judgement.verdict for judgement in entry.decision.judgements}
        if {Verdict.PASS, Verdict.FAIL} <= verdicts:
            return True
    return False


@mark
def metrics_that_stopped_in_a_step(left: Left) -> bool:
    """They were read before, and in the same step they could not be."""
    read: set[int] = set()
    for entry in left.during(Phase.HOLD):
        step = entry.decision.rollout.step
        if entry.seen.readings:
            read.add(step)
        elif entry.seen.readings is None and step in read:
            return True
    return False


@mark
def nothing_at_all_could_be_read(left: Left) -> bool:
    """Weights, both slots and metrics failed in one look."""
    return any(
        entry.seen.traffic is None and not any(entry.seen.environments.values()) and entry.seen.trouble
        for entry in left.decided
    )


@mark
def weights_unread_while_a_change_was_on_its_way(left: Left) -> bool:
    return any(entry.seen.traffic is None for entry in left.during(Phase.SHIFT))


@mark
def candidate_unseen_before_it_was_raised(left: Left) -> bool:
    return any(entry.seen.environment(left.candidate) is None for entry in left.during(Phase.SCALE))
