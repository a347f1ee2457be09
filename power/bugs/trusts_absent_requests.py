"""No RequestCount means no requests, also when nothing at all is published.

ELB publishes RequestCount only while requests flow, and nothing while CloudWatch itself is in trouble.
"""

from datetime import timedelta

from bluegreen.decide import drain
from power.bug import Bug


def wrong(right, plan, rollout, seen, leaving):
    if seen.at < (rollout.in_place or rollout.since) + plan.answers_live_for + plan.drain.quiet:
        return right(plan, rollout, seen, leaving)
    minute = seen.at.replace(second=0, microsecond=0)
    minutes = [minute - timedelta(minutes=back) for back in range(1, plan.drain.quiet // timedelta(minutes=1) + 1)]
    return drain._used(plan, seen, leaving, minutes[::-1])


BUG = Bug(drain, "_not_quiet", wrong)
