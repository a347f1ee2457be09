"""The lag of a minute in which writes were still taken says that the replica has all of them.

Check the lag, then fence, then promote: what was written between the first two is lost.
"""

from dataclasses import replace

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, view, case):
    return right(data, replace(view, lag_at=case.since) if view.lag_at is not None else view, case)


BUG = Bug(Replica, "_missing", wrong)
