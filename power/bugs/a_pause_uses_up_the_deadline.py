"""Time in which an operator holds the rollout counts to its deadlines.

Argo Rollouts had to exclude paused time from progressDeadlineSeconds.
"""

from dataclasses import replace

from bluegreen.decide import rules
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    return right(plan, replace(rollout, paused=None), seen)


BUG = Bug(rules, "_deadline", wrong)
