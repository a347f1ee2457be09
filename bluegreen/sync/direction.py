"""One way: a copy of the whole table, once, and its stream from a point before that copy.

Where the stream is read from is written down before the baseline begins, so nothing falls between. Both go on in turns,
so that a long baseline does not let the stream grow old. What was carried is written down after it was carried: after a
crash it is carried again, and found there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import TypeVar

from bluegreen.errors import Missing, OperatingError
from bluegreen.sync import shards
from bluegreen.sync.carrying import Carrier
from bluegreen.sync.change import Change, Record
from bluegreen.sync.counts import Count, added
from bluegreen.sync.marks import Image
from bluegreen.sync.ports import Expired, Feed, Forgotten, Listing, Page, Trimmed
from bluegreen.sync.shards import Position
from bluegreen.sync.state import Begun, image_of, text_of

MARGIN = timedelta(minutes=1)
"""What happened so long before the beginning is in the baseline: the stream's times and ours may differ by less."""
LIST_AGAIN = timedelta(seconds=30)
NOTE_AGAIN = timedelta(seconds=10)
"""So often it is written down that nothing has happened."""

One = TypeVar("One")


class Start(Enum):
    """What a direction is responsible for."""

    WHOLE = "whole"  # all that is there, and what is written from now on
    STREAM = "stream"  # all that the stream still has: somebody else copied what was there before
    NOW = "now"  # what is written from now on


@dataclass(slots=True)
class Direction:
    """From one side to the other. `pool` carries different items at a time, one after the other without it."""

    name: str
    table: str
    feed: Feed
    carrier: Carrier
    start: Start
    page: int = 500
    pool: Executor | None = None
    allowed: Callable[[], None] = lambda: None
    """Asked before each item. Raises LeaseLost when somebody else is at work, OperatingError when nobody can tell."""
    _begun: Begun | None = None
    _listing: Listing | None = None
    _positions: dict[str, Position] = field(default_factory=dict)
    _saved: dict[str, Position] = field(default_factory=dict)
    _noted: datetime | None = None
    _cursors: dict[str, str] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)

    @property
    def lag(self) -> timedelta:
        """How old the oldest change may be that is not on the other side."""
        return shards.lag(self._positions, self.carrier.now())

    @property
    def copied_whole(self) -> bool:
        """Whether the baseline is there."""
        return self._begun is not None and self._begun.baseline is None

    def begin(self) -> None:
        """Take up where it was left, or begin: note where the stream is. Raises Trimmed when changes may be lost."""
        state, now = self.carrier.state, self.carrier.now()
        listing = self.feed.listing()
        self._begun = state.begun(self.name)
        self.totals = state.totals(self.name)
        self._positions = self._saved = {}
        if self._begun is None:
            self._begun = Begun(listing.stream, now, now, "" if self.start is Start.WHOLE else None)
        else:
            self._positions = state.positions(self.name)
            self._saved = dict(self._positions)
        self._take_up(listing, now)
        self._save()

    def round(self) -> bool:
        """A page of the baseline, and a page of each shard that is ready. True: there may be more at once. Raises
        OperatingError: what was carried until then is written down, and the next round goes on from there."""
        self._look()
        more = self._copy_some() if not self.copied_whole else False
        assert self._listing is not None, "a look was taken"
        for shard in shards.ready(self._positions, self._listing):
            page = self._read(shard)
            more |= bool(page.records) or page.cursor is None
            self._save()
        return more

    # -- the stream ----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        """At the shards, now and then, and at once when one ended."""
        assert self._begun is not None, "begun"
        now = self.carrier.now()
        if self._listing is None or now - self._begun.looked >= LIST_AGAIN:
            self._take_up(self.feed.listing(), now)

    def _take_up(self, listing: Listing, now: datetime) -> None:
        assert self._begun is not None, "begun"
        if listing.stream != self._begun.stream:
            raise Trimmed(
                f"{self.table}: its stream was switched off and on since, and what happened between is not in the new"
                " one. Begin anew with --anew: the baseline is copied again, from a point before it"
            )
        shards.check(self._positions, self._begun.looked, now, self.table)
        self._positions = shards.joined(self._positions, listing, self._begun.looked)
        self._listing, self._begun = listing, self._begun._replace(looked=now)

    def _read(self, shard: str) -> Page:
        """Read a page, and carry it. Raises OperatingError after noting how far that went."""
        asked, at = self.carrier.now(), self._positions[shard]
        page = self._page(shard, at)
        done, counts, error = self._carry(page.records)
        if done:
            last = page.records[done - 1]
            at = replace(at, sequence=last.sequence, fresh=max(at.fresh, last.created))
        self._count(counts)
        if error is not None:
            self._positions[shard] = at
            self._cursors.pop(shard, None)
            self._save()
            raise error
        if page.cursor is None:
            at, self._listing = replace(at, done=True), None
        elif not page.records:
            at = replace(at, fresh=max(at.fresh, asked))
        self._positions[shard] = at
        self._cursors |= {} if page.cursor is None else {shard: page.cursor}
        return page

    def _page(self, shard: str, at: Position) -> Page:
        """The next records. What is no longer there is no loss when all that is a day old was read."""
        assert self._begun is not None, "begun"
        try:
            return self._fresh_page(shard, at)
        except (Forgotten, Missing) as gone:
            self._cursors.pop(shard, None)
            shards.check(self._positions, self._begun.looked, self.carrier.now(), self.table)
            if isinstance(gone, Missing):
                return Page((), None)
            self._cursors[shard] = self.feed.cursor(shard, None)
            return self.feed.read(self._cursors[shard], self.page)

    def _fresh_page(self, shard: str, at: Position) -> Page:
        """The next records. A place that was kept too long is found again."""
        try:
            return self.feed.read(self._cursor(shard, at), self.page)
        except Expired:
            self._cursors.pop(shard)
            return self.feed.read(self._cursor(shard, at), self.page)

    def _cursor(self, shard: str, at: Position) -> str:
        if shard not in self._cursors:
            self._cursors[shard] = self.feed.cursor(shard, at.sequence or None)
        return self._cursors[shard]

    def _carry(self, records: tuple[Record, ...]) -> tuple[int, Counter[Count], OperatingError | None]:
        """Carry records: how many of them, counted from the first, what became of them, and what stopped us."""
        assert self._begun is not None, "begun"
        since = None if self.start is Start.STREAM else self._begun.begun - MARGIN

        def carry(record: Record) -> Count:
            return Count.SKIPPED if since is not None and record.created < since else self.carrier.carry(record)

        return self._in_order(records, carry, lambda record: text_of(record.key))

    # -- the baseline --------------------------------------------------------------------------------------------------

    def _copy_some(self) -> bool:
        """A page of the whole table. True: there is more."""
        assert self._begun is not None, "begun"
        after: Image | None = image_of(self._begun.baseline) if self._begun.baseline else None
        images, after = self.carrier.source.scan(after, self.page)
        done, counts, error = self._in_order(images, self._copy, text_of)
        self._count(counts)
        if error is None:
            self._begun = self._begun._replace(baseline=None if after is None else text_of(after))
        elif done:
            self._begun = self._begun._replace(baseline=text_of(self._key(images[done - 1])))
        self._save(always=True)
        if error is not None:
            raise error
        return after is not None

    def _copy(self, image: Image) -> Count:
        marks, side = self.carrier.marks, self.carrier.side
        stamp = marks.stamp(image, side)
        if stamp.side == side:
            self.carrier.write(Change(self._key(image), image, stamp, seen=marks.seen(image), old=True))
        return Count.BASELINE

    def _key(self, image: Image) -> Image:
        return {name: image[name] for name in self.carrier.source.keys}

    # -- both ----------------------------------------------------------------------------------------------------------

    def _in_order(
        self, things: Iterable[One], carry: Callable[[One], Count], item: Callable[[One], str]
    ) -> tuple[int, Counter[Count], OperatingError | None]:
        """Carry things, those of one item one after the other. What was carried after the first that was not is carried
        again later, and is not counted now."""
        chains: dict[str, list[tuple[int, One]]] = {}
        for number, thing in enumerate(things):
            chains.setdefault(item(thing) if self.pool else "", []).append((number, thing))

        def follow(chain: list[tuple[int, One]]) -> tuple[dict[int, Count], OperatingError | None]:
            became: dict[int, Count] = {}
            for number, thing in chain:
                try:
                    self.allowed()
                    became[number] = carry(thing)
                except OperatingError as error:
                    return became, error
            return became, None

        done = [*(self.pool.map if self.pool else map)(follow, chains.values())]
        became = {number: count for chain, _ in done for number, count in chain.items()}
        whole = next((number for number in range(len(became) + 1) if number not in became), 0)
        error = next((error for _, error in done if error is not None), None)
        return whole, Counter(became[number] for number in range(whole)), error

    def _count(self, counts: Counter[Count]) -> None:
        self.totals = added(self.totals, counts)

    def _save(self, *, always: bool = False) -> None:
        """Write down what has changed; that time has passed without a change only now and then."""
        assert self._begun is not None, "begun"
        now, state = self.carrier.now(), self.carrier.state
        moved = {name: at for name, at in self._positions.items() if _moved(at, self._saved.get(name))}
        idle = self._noted is None or now - self._noted >= NOTE_AGAIN
        if not (moved or idle or always):
            return
        changed: dict[str, Position | None] = {
            name: at for name, at in self._positions.items() if at != self._saved.get(name)
        }
        kept = shards.pruned(self._positions, self._listing) if self._listing else self._positions
        changed |= dict.fromkeys(sorted(self._positions.keys() - kept.keys()))
        state.save(self.name, self._begun, changed, self.totals)
        self._positions, self._saved, self._noted = dict(kept), dict(kept), now


def _moved(at: Position, saved: Position | None) -> bool:
    return saved is None or (at.sequence, at.done) != (saved.sequence, saved.done)
