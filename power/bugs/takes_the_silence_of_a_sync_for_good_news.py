"""A copier that tells nothing any more counts as one that has nothing to tell.

A gate on `lag < 10` without a rule for missing data (CloudWatch's `notBreaching`).
"""

from bluegreen.data.base import Said
from bluegreen.data.sync import Sync
from power.bug import Bug


def wrong(right, data, task, case):
    said = right(data, task, case)
    apart = data._apart(case.seen.data)
    return said if apart else Said("passed", "nothing bad is known of it")


BUG = Bug(Sync, "judge", wrong)
