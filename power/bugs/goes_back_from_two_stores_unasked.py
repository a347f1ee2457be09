"""Users go back while only the new store has their newest writes, and nobody is asked.

Dual writes fail on one side; moving traffic back is called a rollback all the same.
"""

from bluegreen.data.base import Back
from bluegreen.data.sync import Sync
from power.bug import Bug


def wrong(right, data, rollout, seen):
    return Back()


BUG = Bug(Sync, "way_back", wrong)
