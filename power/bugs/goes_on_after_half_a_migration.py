"""A migration that failed is a rollout that failed: it goes back, and nobody looks at the half that was done.

A deploy script without `set -e`; MySQL has no transactions for DDL, so half of it stays.
"""

from bluegreen.decide import data
from power.bug import Bug


def wrong(right, rollout, seen, decision, why, *, stops):
    return right(rollout, seen, decision, why, stops=False)


BUG = Bug(data, "_not_passed", wrong)
