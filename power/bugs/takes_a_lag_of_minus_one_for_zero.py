"""ReplicaLag -1 is below every limit, so a replica that has stopped replicating is promoted.

Amazon RDS User Guide: -1 says that replication is not running; an alarm `ReplicaLag > 5` never sees it.
"""

from dataclasses import replace

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, view, case):
    return right(data, replace(view, lag=max(view.lag, 0.0)) if view.lag is not None else view, case)


BUG = Bug(Replica, "_missing", wrong)
