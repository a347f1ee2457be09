"""Ten per cent of the answers are taken for ten per cent of the requests.

Users sit behind few large resolvers: the share that comes is drawn (Flavel, Mani, Maltz, LANMAN 2014).
"""

from bluegreen.decide import capacity
from power.bug import Bug


def wrong(right, share, resolvers):
    return share


BUG = Bug(capacity, "upper_share", wrong)
