"""No phase has a deadline: what is stuck stays stuck.

Argo Rollouts: progressDeadlineAbort is false by default, so that a stuck rollout only reports.
"""

from bluegreen.decide import rules
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    return None


BUG = Bug(rules, "_deadline", wrong)
