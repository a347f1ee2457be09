"""A record of a stream, and what it says happened to an item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bluegreen.sync.marks import Image, Marks, Stamp


@dataclass(frozen=True, slots=True)
class Record:
    """One change of one item, as the stream has it. `created` is when, to the second at best; `expired` when the
    table's own time to live removed the item."""

    sequence: str
    created: datetime
    key: Image
    old: Image | None
    new: Image | None
    expired: bool = False


class Kind(StrEnum):
    """What happened."""

    WRITE = "write"  # the application wrote, with a version that grew
    DELETE = "delete"  # the application deleted the item
    UNSTAMPED = "unstamped"  # the application wrote, and its version did not grow or is not there
    COPY = "copy"  # we wrote: it came from the other side
    EXPIRED = "expired"  # its time to live was over: each table sees to that by itself


@dataclass(frozen=True, slots=True)
class Change:
    """A write (`image`) or delete (None) of one side, to be carried to the other. `base`: what it was made on top of.
    `seen`: the newest write of the other side that it knows of. `old` says that it is from before the copier began."""

    key: Image
    image: Image | None
    stamp: Stamp
    base: Stamp | None = None
    seen: Stamp | None = None
    old: bool = False

    def knows(self, other: Stamp) -> bool:
        """Whether it was made on top of `other`, a write of the other side, or of a later one of that side. What has no
        version is later than all that had one."""
        known = [stamp for stamp in (self.base, self.seen) if stamp is not None and stamp.side == other.side]
        return any(stamp.version >= other.version > 0 or stamp.version == other.version for stamp in known)


def kind_of(record: Record, marks: Marks, here: str) -> Kind:
    """What the record of `here`'s stream says."""
    if record.new is None:
        return Kind.EXPIRED if record.expired else Kind.DELETE
    if record.old is not None and marks.raw(record.old) == marks.raw(record.new):
        return Kind.UNSTAMPED
    grows = marks.version_of(record.new) - marks.version_of(record.old)
    if marks.stamp(record.new, here).side != here:
        return Kind.COPY if grows >= 0 else Kind.UNSTAMPED  # a copy never takes the place of what is newer
    return Kind.WRITE if grows > 0 else Kind.UNSTAMPED


def change_of(record: Record, marks: Marks, here: str) -> Change:
    """The change that is to be carried. A delete has no version of its own: it gets the time at which it happened, or
    one more than what it deleted. The same record makes the same change, however often it is read."""
    base = None if record.old is None else marks.stamp(record.old, here)
    stamp = Stamp(late(record, marks), here) if record.new is None else marks.stamp(record.new, here)
    return Change(record.key, record.new, stamp, base, known(record, marks))


def late(record: Record, marks: Marks) -> int:
    """The version of what was done without one."""
    before = max(marks.version_of(record.old), marks.version_of(record.new))
    return max(milliseconds(record.created), before + 1)


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return int(at.timestamp() * 1000)


def known(record: Record, marks: Marks) -> Stamp | None:
    """The newest write of the other side that whoever wrote could know of: what is overwritten could be read."""
    seen = (marks.seen(record.old), marks.seen(record.new))
    return max((stamp for stamp in seen if stamp is not None), default=None)
