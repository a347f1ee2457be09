"""Users go back to the old database, which has none of the writes since the promotion, and nobody is asked.

Every rollback that moves traffic only: Argo Rollouts, Flagger and CodeDeploy know nothing of data.
"""

from dataclasses import replace

from bluegreen.data.replica import Replica
from power.bug import Bug


def wrong(right, data, rollout, seen):
    return replace(right(data, rollout, seen), asks="")


BUG = Bug(Replica, "way_back", wrong)
