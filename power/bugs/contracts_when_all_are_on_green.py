"""The schema is contracted as soon as the candidate has all the weight: caches still send users to old code.

CodeDeploy's AfterAllowTraffic hook runs when the weights are set; teams put the last migration there.
"""

from bluegreen.decide import data
from bluegreen.model import Phase
from power.bug import Bug


def wrong(right, rollout, decision):
    if (rollout.phase, decision.rollout.phase) == (Phase.HOLD, Phase.BAKE):
        return ("before-retire",)
    return right(rollout, decision)


BUG = Bug(data, "_moments", wrong)
