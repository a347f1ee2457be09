"""One record, carried over: to the other table, and into the state. Every step may be repeated after any interruption.

Each write to a table says what it expects to find. When something else is there, it is judged anew; so nothing is
overwritten unseen, except by whoever leaves the version as it was, and that is noticed in the stream.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from bluegreen.errors import Busy
from bluegreen.sync.change import Change, Kind, Record, change_of, kind_of, known, late, milliseconds
from bluegreen.sync.counts import Count, Loss
from bluegreen.sync.judging import There, Verdict, judge
from bluegreen.sync.marks import Image, Marks, Stamp
from bluegreen.sync.merging import Merge
from bluegreen.sync.ports import NOTHING, Differs, Expected, Table
from bluegreen.sync.state import State, text_of

TRIES = 20
"""So often an item may change between our look and our write, before the others of its page go first."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Carries what happened on `side` to the other one."""

    side: str
    source: Table
    target: Table
    state: State
    marks: Marks
    now: Callable[[], datetime]
    both_ways: bool = True
    merge: Merge | None = None

    @property
    def decides(self) -> bool:
        """Whether the team's rule is asked here: one of two directions, so that it is asked once."""
        return self.side != self.marks.first

    def carry(self, record: Record) -> Count:
        """What became of a record. Raises OperatingError: then it must be carried again."""
        match kind_of(record, self.marks, self.side):
            case Kind.WRITE:
                return self.write(change_of(record, self.marks, self.side))
            case Kind.DELETE:
                return self._delete(change_of(record, self.marks, self.side))
            case Kind.UNSTAMPED:
                return self._stamp(record)
            case Kind.COPY | Kind.EXPIRED:
                return Count.SKIPPED

    # -- writes --------------------------------------------------------------------------------------------------------

    def write(self, change: Change) -> Count:
        """Carry a write over."""
        verdict = self._settle(change)[1]
        buried = self.state.buried(change.key) if verdict is Verdict.BURIED else None
        if buried is not None and buried.side == self.side:
            return self._grow(change, buried)
        if buried is not None and self.both_ways and not change.old:
            self._follow(change, buried)
        return COUNTS[verdict]

    def _follow(self, change: Change, buried: Stamp) -> None:
        """A later delete of the other side was carried here before this was written: it goes, as it would have gone
        then. What is read again is not here any more."""
        there = self.source.get(change.key)
        mine = None if there is None else self.marks.stamp(there, self.side)
        if there is None or mine != change.stamp or self.marks.newer(change.stamp, buried):
            return
        self.state.lose(Loss.CONFLICT, change.key, str(change.stamp), there, self.now())
        self._remove(self.source, change.key, self.marks.raw(there))

    def _settle(self, change: Change) -> tuple[There, Verdict]:
        """Until what is there and what was judged are the same."""
        there = self._guess(change)
        for _ in range(TRIES):
            verdict = judge(change, there, self.marks)
            try:
                return there, self._do(change, there, verdict)
            except Differs as now:
                there = self._found(change.key, now.there)
        raise Busy(f"{text_of(change.key)} changes too often to be copied")

    def _guess(self, change: Change) -> There:
        """What should be there if nobody else wrote: the write says so itself if it was not the item's first."""
        if change.base is None:
            return self._found(change.key, None)
        return There(self.marks.marked(change.key, change.base.version, change.base), guessed=True)

    def _found(self, key: Image, image: Image | None) -> There:
        return There(image, self.state.buried(key) if image is None else None)

    def _do(self, change: Change, there: There, verdict: Verdict) -> Verdict:
        if verdict is Verdict.WON and self._deleted_since(change, there):
            return Verdict.BURIED
        both = change.image is not None and there.image is not None
        if verdict.conflict and both and self.merge is not None and self.decides:
            return self._merged(change, there)
        if verdict.conflict:
            self._tell(change, there, verdict)
        if verdict.takes:
            self._take(change, there)
        return self._unburied(change, verdict) if verdict.takes and there.image is None else verdict

    def _deleted_since(self, change: Change, there: There) -> bool:
        """Whether the item was deleted later than this, and made anew with a version below that."""
        buried = None if there.image is None else self.state.buried(change.key)
        return buried is not None and not self.marks.newer(change.stamp, buried)

    def _tell(self, change: Change, there: There, verdict: Verdict) -> None:
        """Keep what is about to be overwritten. With a rule that is asked on the way back, a write is not lost: it goes
        that way too. What is left out is overwritten on the way back, and kept there, if there is one."""
        if verdict is Verdict.WON and (self.merge is None or change.image is None or there.image is None):
            target = self.marks.other(self.side)
            stamp = there.buried if there.image is None else self.marks.stamp(there.image, target)
            if stamp is not None and stamp.version == 0:
                self._drop(target, change.key, there.image)
            else:
                self.state.lose(Loss.CONFLICT, change.key, str(stamp), there.image, self.now())
        if verdict is Verdict.LOST and (not self.both_ways or change.image is None):
            self.state.lose(Loss.CONFLICT, change.key, str(change.stamp), change.image, self.now())

    def _drop(self, side: str, key: Image, image: Image | None) -> None:
        """A write of that side that had no version."""
        text = sha256(text_of(self.marks.bare(image or {})).encode()).hexdigest()[:16]
        self.state.lose(Loss.DROP, key, f"{side} without a version, {text}", image, self.now())

    def _take(self, change: Change, there: There) -> None:
        expected = self._expected(there)
        if change.image is None:
            self.target.delete(change.key, expected)
        else:
            self.target.put(self.marks.marked(change.image, change.stamp.version, change.stamp), expected)

    def _expected(self, there: There) -> Expected:
        """As it was found. What was guessed to be a copy has both marks; of what was guessed to be the other side's own
        the version is known, and its origin may be an older one."""
        if there.image is None:
            return NOTHING
        raw, other = self.marks.raw(there.image), self.marks.other(self.side)
        own = there.guessed and self.marks.stamp(there.image, other).side == other
        return {self.marks.version: raw[self.marks.version]} if own else raw

    def _unburied(self, change: Change, verdict: Verdict) -> Verdict:
        """The item was made. If it was deleted meanwhile by somebody who could not see it yet, it goes again."""
        buried = self.state.buried(change.key)
        if buried is None or self.marks.newer(change.stamp, buried):
            return verdict
        self._remove(self.target, change.key, self._copy(change.stamp))
        return Verdict.BURIED

    def _copy(self, stamp: Stamp) -> Expected:
        """How our own copy of a write is marked."""
        return self.marks.raw(self.marks.marked({}, stamp.version, stamp))

    def _remove(self, table: Table, key: Image, expected: Expected) -> None:
        """If it is still there."""
        try:
            table.delete(key, expected)
        except Differs:
            return

    def _merged(self, change: Change, there: There) -> Verdict:
        """One of two: a write of the side where it is made, which knows of the other side's."""
        assert self.merge is not None, "asked only with a rule"
        assert change.image is not None and there.image is not None, "two writes are in conflict"
        mine, theirs = self.marks.bare(change.image), self.marks.bare(there.image)
        first, second = (mine, theirs) if self.side == self.marks.first else (theirs, mine)
        made = self.marks.bare(self.merge(change.key, first, second))
        version = max(change.stamp.version, self.marks.version_of(there.image)) + 1
        self.target.put(self.marks.marked(made, version, change.stamp), self.marks.raw(there.image))
        return Verdict.MERGED

    # -- writes without a version that grew ----------------------------------------------------------------------------

    def _stamp(self, record: Record) -> Count:
        """Give it one, where it was written: the stream tells of it again, with it. It is the time now: what is there
        may have been written after this record, and after writes that had versions."""
        assert record.new is not None, "a delete has its version from its record"
        version = max(milliseconds(self.now()), late(record, self.marks))
        marks = self.marks.marked({}, version, known(record, self.marks))
        try:
            self.source.mark(record.key, marks, self.marks.raw(record.new))
        except Differs as now:
            self._overwritten(record, now.there)
        return Count.STAMPED

    def _overwritten(self, record: Record, there: Image | None) -> None:
        """The write is not there any more: something of the other side, which had not heard of it, took its place, or
        a later write did, or a delete. The version of what is there must be higher than that of what the write took the
        place of, which is on the other side by now, or on its way: else each side would keep what the other one had."""
        before = max(self.marks.version_of(record.old), self.marks.version_of(record.new))
        if self._from_beyond(record.key, there):
            self._drop(self.side, record.key, record.new)
        for _ in range(TRIES):
            if there is None:
                base = Stamp(0, self.side) if record.old is None else self.marks.stamp(record.old, self.side)
                gone = Stamp(late(record, self.marks), self.side)
                self._delete(Change(record.key, None, gone, base, known(record, self.marks)))
                return None
            if self.marks.newer(self.marks.stamp(there, self.side), Stamp(before, self.side)):
                return None
            seen = self.marks.seen(there)
            grown = self.marks.marked({}, max(milliseconds(self.now()), before + 1), seen)
            try:
                return self.source.mark(record.key, grown, self.marks.raw(there))
            except Differs as now:
                there = now.there
        raise Busy(f"{text_of(record.key)} changes too often to be copied")

    def _from_beyond(self, key: Image, there: Image | None) -> bool:
        """Whether it was the other side that made this of an item."""
        if there is not None:
            return self.marks.stamp(there, self.side).side != self.side
        buried = self.state.buried(key)
        return buried is not None and buried.side != self.side

    def _grow(self, change: Change, buried: Stamp) -> Count:
        """The item was deleted on this side and made anew, with a version that is not higher than the delete's. If it
        is there like that, it gets one that is. If not, this is an old record, read again."""
        assert change.image is not None, "only an item is made anew"
        try:
            grown = self.marks.marked({}, buried.version + 1, change.seen)
            self.source.mark(change.key, grown, self.marks.raw(change.image))
        except Differs:
            return Count.OLDER
        return Count.STAMPED

    # -- deletes -------------------------------------------------------------------------------------------------------

    def _delete(self, change: Change) -> Count:
        """First remember it, so that no older copy makes the item anew; then delete it on both sides: the other one,
        and a copy that came here too late to be seen by who deleted it."""
        assert change.base is not None, "what was deleted was there"
        buried = self.state.buried(change.key)
        if buried is not None and buried != change.stamp and buried.version > change.base.version:
            later = buried.side == self.side and buried.version < change.stamp.version
            if not later:
                return Count.SKIPPED  # we deleted it: the delete was made on the other side, or came before
        self.state.bury(change.key, change.stamp, self.marks, self.now())
        self._clear(change)
        there, verdict = self._settle(change)
        if verdict is Verdict.OLDER and there.image is not None:
            return self._overtaken(change, there.image)
        return COUNTS[verdict]

    def _overtaken(self, change: Change, image: Image) -> Count:
        """What is there is a copy of this side's, with a higher version than the delete: either the item was made anew,
        or what was deleted had lost its version. When it is not here any more, it was the latter."""
        stamp = self.marks.stamp(image, self.marks.other(self.side))
        if stamp.side != self.side or self.source.get(change.key) is not None:
            return Count.OLDER
        self._remove(self.target, change.key, self._copy(stamp))
        self.state.bury(change.key, Stamp(stamp.version + 1, self.side), self.marks, self.now())
        return Count.COPIED

    def _clear(self, change: Change) -> None:
        mine = self.source.get(change.key)
        if mine is None:
            return
        stamp = self.marks.stamp(mine, self.side)
        if stamp.side != self.side and self.marks.newer(change.stamp, stamp):
            self._remove(self.source, change.key, self._copy(stamp))


COUNTS = {
    Verdict.NEW: Count.COPIED,
    Verdict.FOLLOWS: Count.COPIED,
    Verdict.SAME: Count.COPIED,
    Verdict.REPLACES: Count.COPIED,
    Verdict.WON: Count.COPIED,
    Verdict.ALREADY: Count.COPIED,
    Verdict.MERGED: Count.MERGED,
    Verdict.LOST: Count.OLDER,
    Verdict.OLDER: Count.OLDER,
    Verdict.BURIED: Count.OLDER,
}
