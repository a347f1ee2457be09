"""The candidate's first healthy look is enough; instances that crash in a loop are healthy now and then.

Immutable and rolling updates that count one passed health check.
"""

from datetime import timedelta

from bluegreen.decide import verify
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    at_once = plan.verify.model_copy(update={"healthy_for": timedelta(0)})
    return right(plan.model_copy(update={"verify": at_once}), rollout, seen)


BUG = Bug(verify, "verify", wrong)
