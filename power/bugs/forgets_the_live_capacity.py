"""Going back, the live slot is not asked to grow to what it had.

argo-rollouts#3020 and #3372: traffic goes back to a stable fleet that had been scaled down meanwhile.
"""

from bluegreen.decide import rollback
from power.bug import Bug


def wrong(right, rollout, live):
    return ()


BUG = Bug(rollback, "_restore", wrong)
