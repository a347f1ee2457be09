"""The slot that lost is removed without waiting for the TTL of the answers that name it.

eb_deployer#32, and the Beanstalk guide: do not terminate the old environment before cached answers expire.
"""

from bluegreen.decide import drain, moves
from bluegreen.model import Phase
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    decision = right(plan, rollout, seen)
    if decision.rollout.phase is not Phase.DRAIN:
        return decision
    return moves.go(decision.rollout, seen, Phase.RETIRE, "its weight is 0")


BUG = Bug(drain, "drain", wrong)
