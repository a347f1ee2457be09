"""The bake ends with its first good look.

Argo and Flagger have none: promotion is the end, and the old fleet goes.
"""

from datetime import timedelta

from bluegreen.decide import hold
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    return right(plan.model_copy(update={"bake": timedelta(0)}), rollout, seen)


BUG = Bug(hold, "bake", wrong)
