"""The second engine takes the lease from one that is alive.

Flagger: two canaries on one target only log "Bad things will happen!".
"""

from bluegreen.lease.shared import SharedLease
from power.bug import Bug


def wrong(right, lease, there):
    return True


BUG = Bug(SharedLease, "_gone", wrong)
