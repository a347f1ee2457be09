"""A lag that cannot be read is no lag.

`lag = datapoints[0] if datapoints else 0` in many a promotion script.
"""

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, view, case):
    return right(data, view, case) if view.lag is not None else ""


BUG = Bug(Replica, "_missing", wrong)
