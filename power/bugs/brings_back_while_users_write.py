"""The new database's writes are brought back while users go on writing there.

GitHub's incident of October 2018: writes on both coasts, and a way back that could not have both.
"""

from dataclasses import replace

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, rollout, seen):
    way = right(data, rollout, seen)
    return replace(way, tasks=tuple(task for task in way.tasks if task.name != "fence-back"))


BUG = Bug(Replica, "way_back", wrong)
