"""No RequestCount of the old slot means that all users have moved, also when nothing at all is heard of it.

ELB publishes RequestCount only while requests flow, and nothing while CloudWatch itself is in trouble.
"""

from bluegreen.decide import moved
from bluegreen.model import query_of
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    since = rollout.in_place or rollout.since
    slots = (rollout.candidate, rollout.live)
    candidate, live = ({p.at: p.value for p in seen.points(query_of("requests", slot))} for slot in slots)
    newest = max((at for at in {**candidate, **live} if at >= since), default=None)
    if newest is None or not plan.traffic.counts_apart:
        return right(plan, rollout, seen)
    return candidate.get(newest, 0.0) / (candidate.get(newest, 0.0) + live.get(newest, 0.0))


BUG = Bug(moved, "realised", wrong)
