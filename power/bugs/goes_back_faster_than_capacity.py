"""All traffic goes back at once, whatever the live slot can carry.

flagger#381 and #869: the primary was shrunk by its autoscaler, and gets everything in one change.
"""

from bluegreen.decide import rollback
from power.bug import Bug


def wrong(right, plan, rollout, seen, live):
    return 1.0


BUG = Bug(rollback, "_carries", wrong)
