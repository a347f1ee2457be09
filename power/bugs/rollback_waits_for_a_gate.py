"""The way back waits until the gates say something.

flagger#1801: a gate that returns early holds up the rollback, too.
"""

from bluegreen.decide import moves, rollback
from bluegreen.decide.watch import watch
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    if (unknown := watch(plan, rollout, seen).unknown) and not rollout.aborted:
        return moves.stay(rollout, f"no change without evidence: {unknown}")
    return right(plan, rollout, seen)


BUG = Bug(rollback, "rollback", wrong)
