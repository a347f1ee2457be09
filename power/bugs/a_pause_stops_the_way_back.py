"""While the rollout is paused nothing moves, also not away from a bad version.

Flagger's `suspend` freezes everything; flagger#1801.
"""

from dataclasses import replace

from bluegreen.decide import operators
from power.bug import Bug


def wrong(right, plan, rollout, decision):
    if rollout.paused is None:
        return decision
    return replace(decision, rollout=rollout, actions=(), wait=plan.every, why="paused")


BUG = Bug(operators, "hands_off", wrong)
