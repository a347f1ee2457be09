"""A hold begins when the weights are set, and not when users have followed them.

aws-cli#6640; users of k6 and others keep answers and connections, so that traffic moves late or never.
"""

from dataclasses import replace

from bluegreen.decide import moved
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    return replace(rollout, moved=rollout.moved or seen.at), ""


BUG = Bug(moved, "followed", wrong)
