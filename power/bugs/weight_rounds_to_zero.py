"""A small share is rounded to weight 0: nobody is sent, and the step passes by.

A weighted set has whole numbers; happy-simulator's deployer rounds so.
"""

from bluegreen.decide import capacity
from power.bug import Bug


def wrong(right, live, share, finest=255):
    candidate = round(share * 100)
    return {live: 100 - candidate, live.other: candidate}


BUG = Bug(capacity, "weights_for", wrong)
