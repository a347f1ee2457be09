"""The replica is promoted while the old database takes writes.

The promotion's runbook says to stop writes first (Amazon RDS User Guide); a script that only calls the API does not.
"""

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, moment):
    return tuple(task for task in right(data, moment) if task.name != "fence")


BUG = Bug(Replica, "tasks", wrong)
