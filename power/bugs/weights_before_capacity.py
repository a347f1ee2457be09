"""The weight is raised without asking what the candidate can carry.

flagger#869, open since 2021: one machine gets what ten had.
"""

from bluegreen.decide import capacity
from power.bug import Bug


def wrong(right, plan, rollout, share):
    return 1


BUG = Bug(capacity, "needed", wrong)
