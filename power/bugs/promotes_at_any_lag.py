"""A replica is promoted as soon as it replicates, however far it is behind.

Amazon RDS User Guide, promoting a read replica: replication is asynchronous; what was not copied is lost.
"""

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, view, case):
    return right(data, view, case) if view.lag is None or view.lag < 0 else ""


BUG = Bug(Replica, "_missing", wrong)
