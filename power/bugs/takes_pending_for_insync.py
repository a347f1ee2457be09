"""A change of weights counts as done as soon as Route 53 has accepted it.

cert-manager#9066 and aws-cli#6640; the aws-samples canary counts on 60 seconds for each step.
"""

from dataclasses import replace

from bluegreen.decide import shift
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    traffic = replace(seen.traffic, in_sync=True) if seen.traffic else None
    return right(plan, rollout, replace(seen, traffic=traffic))


BUG = Bug(shift, "shift", wrong)
