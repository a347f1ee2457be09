"""A minute counts with as few requests as one: a single error is a rate of 100 %.

argo-rollouts#178 and flagger#1035: analysis without a minimum of requests.
"""

from bluegreen.gates import measures
from power.bug import Bug


def wrong(right, measure, slot, seen, *_, **newest):
    return right(measure, slot, seen, 1, **newest)


BUG = Bug(measures, "values_of", wrong)
