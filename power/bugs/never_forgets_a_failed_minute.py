"""Good minutes do not end a row of bad ones: what is borne in a row is used up over hours.

Flagger: `threshold` counts failed checks over the whole run, and success never lowers it.
"""

from dataclasses import replace

from bluegreen.gates.counts import Counts
from power.bug import Bug


def wrong(right, counts, verdict, *, unread):
    return replace(right(counts, verdict, unread=unread), in_a_row=right(counts, verdict, unread=unread).failures)


BUG = Bug(Counts, "after", wrong)
