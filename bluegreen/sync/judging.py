"""What becomes of a change where it arrives: a pure decision from the change and what is there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bluegreen.sync.change import Change
from bluegreen.sync.marks import Image, Marks, Stamp


class Verdict(StrEnum):
    """What the change is to what is there."""

    NEW = "new"  # nothing is there: take it
    FOLLOWS = "follows"  # made on top of what is there: take it
    SAME = "same"  # nobody knew of the other, and both wrote the same: take it, nothing is lost
    REPLACES = "replaces"  # what is there is from before the copier began, and has no version: take it
    WON = "won"  # nobody knew of the other, and this one is newer: keep a record of what is there, then take it
    LOST = "lost"  # nobody knew of the other, and what is there is newer: leave it
    ALREADY = "already"  # it is there
    OLDER = "older"  # something made on top of it, or later on its side, is there: leave it
    BURIED = "buried"  # the item was deleted later than this: leave it
    MERGED = "merged"  # the team's rule has made one of two

    @property
    def takes(self) -> bool:
        """Whether the change is to be written."""
        return self in (Verdict.NEW, Verdict.FOLLOWS, Verdict.SAME, Verdict.REPLACES, Verdict.WON)

    @property
    def conflict(self) -> bool:
        """Whether two writes did not know of each other."""
        return self in (Verdict.WON, Verdict.LOST)


@dataclass(frozen=True, slots=True)
class There:
    """What is there: the item, if there is one, and the newest delete that is remembered. `guessed`: nobody looked."""

    image: Image | None
    buried: Stamp | None = None
    guessed: bool = False


def judge(change: Change, there: There, marks: Marks) -> Verdict:
    """The verdict on a change that arrives at the other side than it was made on."""
    if there.image is None:
        return _at_nothing(change, there.buried, marks)
    here = marks.other(change.stamp.side)
    present = marks.stamp(there.image, here)
    if present.side == change.stamp.side:
        return _at_copy(change, present)
    return _at_own(change, there.image, present, marks)


def _at_nothing(change: Change, buried: Stamp | None, marks: Marks) -> Verdict:
    """Whoever changes an item that was deleted meanwhile on the other side did not know; whoever makes one may have."""
    if change.image is None:
        return Verdict.ALREADY
    if buried is not None and not marks.newer(change.stamp, buried):
        return Verdict.BURIED
    beside = buried is not None and buried.side != change.stamp.side and change.base is not None
    return Verdict.WON if beside else Verdict.NEW


def _at_copy(change: Change, present: Stamp) -> Verdict:
    """What is there came from the change's own side, where there is one order."""
    if change.stamp.version > present.version:
        return Verdict.FOLLOWS
    return Verdict.ALREADY if change.stamp == present and change.image is not None else Verdict.OLDER


def _at_own(change: Change, image: Image, present: Stamp, marks: Marks) -> Verdict:
    """What is there was written there."""
    known = marks.seen(image)
    if known is not None and known.side == change.stamp.side and known.version >= change.stamp.version:
        return Verdict.OLDER
    if change.knows(present):
        return Verdict.FOLLOWS
    wins = marks.newer(change.stamp, present)
    if change.image is not None and marks.bare(change.image) == marks.bare(image):
        return Verdict.SAME if wins else Verdict.ALREADY
    if change.old and wins and marks.version not in image:
        return Verdict.REPLACES
    return Verdict.WON if wins else Verdict.LOST
