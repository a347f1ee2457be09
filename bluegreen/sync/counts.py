"""What a copier has done, since it was first begun: each record counted once, however often the copier was killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum


class Count(StrEnum):
    """What became of a record of the stream; items of the baseline are counted apart."""

    COPIED = "copied"  # it is on the other side because of us
    SKIPPED = "skipped"  # nothing to do: our own copy, expired, or from before the baseline
    OLDER = "older"  # something newer was there already
    STAMPED = "stamped"  # a write without a version was given one; it comes again, with it
    MERGED = "merged"  # the team's own rule made one of two
    BASELINE = "baseline"  # an item of the first copy, whatever became of it


class Loss(StrEnum):
    """A write that was acknowledged and is overwritten by one that did not know of it. Its content is kept."""

    CONFLICT = "conflicts"  # both had versions, or the copier saw the other one in time
    DROP = "drops"  # it had no version, and was overwritten before the copier could give it one


def added(totals: Mapping[str, int], more: Counter[Count]) -> dict[str, int]:
    """The totals with more of it. Every count is there, also zero."""
    return {count: totals.get(count, 0) + more[count] for count in Count}
