"""When something could not be read, the commands of that look are dropped.

argo-rollouts#3331 and emissary#1605: an abort that nobody hears while the API is in trouble.
"""

from dataclasses import replace

from bluegreen.decide import operators
from power.bug import Bug


def wrong(right, rollout, seen):
    return right(rollout, replace(seen, commands=()) if seen.trouble else seen)


BUG = Bug(operators, "obey", wrong)
