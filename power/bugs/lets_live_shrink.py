"""Nobody holds the live slot's autoscaling while traffic leaves it.

argo-rollouts#3888; Spinnaker pins the source's capacity for this very reason.
"""

from bluegreen.decide import scale
from power.bug import Bug


def wrong(right, rollout, seen):
    return ()


BUG = Bug(scale, "_holds", wrong)
