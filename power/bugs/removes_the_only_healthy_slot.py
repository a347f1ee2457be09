"""What lost is removed, also when nothing else can serve.

flagger#1898: all traffic is given to a primary that is dead.
"""

from bluegreen.decide import retire
from power.bug import Bug


def wrong(right, rollout, seen):
    return ""


BUG = Bug(retire, "needed_still", wrong)
