"""Blue is taken for the live slot, green for the candidate, whichever serves.

madetech/python-aws-blue-green and many scripts flip colours, and lose track of roles after the second release.
"""

from bluegreen.model import Rollout, Slot
from power.bug import Bug


def wrong(right, rollout):
    return Slot.GREEN


BUG = Bug(Rollout, "candidate", wrong)
