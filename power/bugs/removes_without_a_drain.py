"""The slot that lost is removed as soon as its weight is 0 and caches are old.

argo-rollouts#3333: "done" while the balancer still sent to the old fleet; Beanstalk's guide warns of the same.
"""

from bluegreen.decide import drain
from power.bug import Bug


def wrong(right, plan, seen, leaving, minutes):
    return ""


BUG = Bug(drain, "_used", wrong)
