"""A candidate that turns bad is left for old code, whose form of the schema is being taken away.

flagger#1186: going back although a database migration cannot be undone.
"""

from bluegreen.data.base import Back
from bluegreen.data.schema import Schema
from power.bug import Bug


def wrong(right, data, rollout, seen):
    return Back()


BUG = Bug(Schema, "way_back", wrong)
