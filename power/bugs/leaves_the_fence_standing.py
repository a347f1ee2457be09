"""A rollout that goes back before the promotion does not let writes in again.

MySQL's `read_only` set by hand and forgotten: users are back, and cannot buy.
"""

from dataclasses import replace

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, rollout, seen):
    way = right(data, rollout, seen)
    return replace(way, tasks=tuple(task for task in way.tasks if task.name != "unfence"))


BUG = Bug(Replica, "way_back", wrong)
