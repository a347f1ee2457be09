"""The points: one row per slot and minute, and values made of rows only when somebody asks for them.

Minutes are counted from the beginning of the run; a point's time is the start of its minute. What is not published
yet is missing for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import simpy

from bluegreen.metricmath.formula import Formula
from bluegreen.metricmath.points import Points
from bluegreen.model import Slot
from sim.clock import EPOCH, MILLISECOND
from sim.cloudwatch.measures import DERIVED, Read, Row, Source, reader, source

MINUTE = timedelta(minutes=1)
MINUTE_MS = 60_000

Series = list[tuple[datetime, float]]

_STARTS: list[datetime] = []


class _Track:
    """One slot's rows, and the columns that were asked for so far."""

    def __init__(self) -> None:
        self.rows: list[Row | None] = []  # None: lost
        self.published: list[int] = []
        self.known = 0  # so many rows from the beginning on are published
        self.columns: dict[Source, Points] = {}
        self.derived: dict[str, Points] = {}
        self.longer: dict[tuple[Source, int], dict[int, float | None]] = {}  # periods of published minutes, by end

    def add(self, minute: int, row: Row | None, published: int) -> None:
        missing = minute - len(self.rows)
        assert missing >= 0, f"minute {minute} was closed already"
        if missing:  # nothing was measured then
            self.rows.extend([None] * missing)
            self.published.extend([published] * missing)
        self.rows.append(row)
        self.published.append(published)

    def column(self, wanted: Source) -> Points:
        """A value for each row, published or not."""
        column, rows = self.columns.setdefault(wanted, []), self.rows
        if (done := len(column)) < len(rows):
            read = reader(wanted)
            column += [None if row is None else read((row,)) for row in rows[done:]]
        return column

    def by_formula(self, formula: Formula) -> Points:
        """The same for a local formula over the slot's measures."""
        column = self.derived.setdefault(formula.text, [])
        if (done := len(column)) < len(self.rows):
            column += formula({name: self.named(name)[done:] for name in formula.names})
        return column

    def named(self, measure: str, statistic: str | None = None) -> Points:
        if measure in DERIVED:
            return self.by_formula(DERIVED[measure])
        return self.column(source(measure, statistic))

    def hidden(self, stop: int, now: int) -> list[int]:
        """The minutes before `stop` that are not published yet. The delay may change, so they need not be the last."""
        published, known = self.published, self._published_by(now)
        rows = len(published)
        if stop <= known or known == rows:
            return []
        return [i for i in range(known, min(stop, rows)) if published[i] > now]

    def ready(self, now: int) -> tuple[int, bool]:
        """How many minutes from the beginning on are published, and whether some after them are too."""
        known = self._published_by(now)
        later = self.published[known + 1 :]
        return known, bool(later) and min(later) <= now

    def _published_by(self, now: int) -> int:
        """How many minutes from the beginning on."""
        published, known = self.published, self.known
        while known < len(published) and published[known] <= now:
            known += 1
        self.known = known
        return known

    def window(self, column: Points, first: int, stop: int, now: int) -> Points:
        """The published values of the minutes in [first, stop); None for what is not there."""
        found: Points = [None] * (-first if first < 0 else 0)
        found += column[max(first, 0) : stop]
        found += [None] * (stop - first - len(found))
        for minute in self.hidden(stop, now):
            if minute >= first:
                found[minute - first] = None
        return found

    def period(self, wanted: Source, first: int, length: int, now: int) -> float | None:
        """One value for the minutes in [first, first + length)."""
        stop = first + length
        hidden = self.hidden(stop, now)
        if stop > self.known or stop > len(self.rows):
            there = [i for i in range(max(first, 0), min(stop, len(self.rows))) if i not in hidden]
            return self._value(reader(wanted), there)
        kept = self.longer.setdefault((wanted, length), {})
        if first not in kept:
            kept[first] = self._value(reader(wanted), range(max(first, 0), stop))
        return kept[first]

    def _value(self, read: Read, minutes: list[int] | range) -> float | None:
        rows = [row for minute in minutes if (row := self.rows[minute]) is not None]
        return read(rows) if rows else None


class Store:
    """All slots' points."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._tracks = {slot: _Track() for slot in Slot}

    def add(self, slot: Slot, row: Row | None, delay_ms: int) -> None:
        """The minute that ends now; None when it is lost."""
        now = int(self._env.now)
        self._tracks[slot].add(now // MINUTE_MS - 1, row, now + delay_ms)

    def series(self, slot: Slot, measure: str, since: datetime, until: datetime) -> Series:
        """The published points of the minutes that begin in [since, until), oldest first. `measure` may be derived."""
        track = self._tracks[slot]
        column = track.named(measure)
        first, stop = max(first_minute(since), 0), min(first_minute(until), len(column))
        values = column[first:stop]
        for minute in track.hidden(stop, int(self._env.now)):
            if minute >= first:
                values[minute - first] = None
        return [(at, value) for at, value in zip(_starts(first, stop), values, strict=False) if value is not None]

    def column(self, slot: Slot, measure: str, statistic: str | None = None) -> Points:
        """A value for each minute from the beginning on, published or not. Not to be altered."""
        return self._tracks[slot].named(measure, statistic)

    def rows(self, slot: Slot) -> Sequence[Row | None]:
        """All minutes from the beginning on, published or not; None for a lost one. It grows."""
        return self._tracks[slot].rows

    def published(self, slot: Slot, minute: int) -> bool:
        published = self._tracks[slot].published
        return minute < len(published) and published[minute] <= int(self._env.now)

    def ready(self, slot: Slot) -> tuple[int, bool]:
        """How many minutes from the beginning on are published, and whether some after them are too: the delay may
        have become shorter."""
        return self._tracks[slot].ready(int(self._env.now))

    def periods(self, slot: Slot, wanted: Source, length: int, since: datetime, until: datetime) -> Series:
        """The same in periods of `length` minutes; they begin at multiples of their length."""
        first = (since - EPOCH) // MINUTE
        begins = range(max(first - first % length, 0), first_minute(until), length)
        track, now = self._tracks[slot], int(self._env.now)
        found = [(begin, track.period(wanted, begin, length, now)) for begin in begins]
        return [(EPOCH + begin * MINUTE, value) for begin, value in found if value is not None]

    def window(self, slot: Slot, measure: str, statistic: str | None, length: int, count: int) -> Points:
        """The last `count` periods of `length` minutes up to now, oldest first."""
        now = int(self._env.now)
        stop, track = now // MINUTE_MS, self._tracks[slot]
        if length == 1:
            return track.window(track.named(measure, statistic), stop - count, stop, now)
        if measure in DERIVED:
            formula = DERIVED[measure]
            return formula({name: self.window(slot, name, None, length, count) for name in formula.names})
        wanted = source(measure, statistic)
        return [track.period(wanted, stop - back * length, length, now) for back in range(count, 0, -1)]

    def formula(self, slot: Slot, formula: Formula, count: int) -> Points:
        """The same of a local formula over one slot's measures, in periods of a minute."""
        track, now = self._tracks[slot], int(self._env.now)
        return track.window(track.by_formula(formula), now // MINUTE_MS - count, now // MINUTE_MS, now)


def first_minute(at: datetime) -> int:
    """The number of the first minute that begins at `at` or later."""
    return -((EPOCH - at) // MINUTE)


def last_minute(at: datetime) -> int:
    """The number of the minute that `at` is in: that of the first one that is not over."""
    return (at - EPOCH) // MINUTE


def begin_of(minute: int) -> datetime:
    """When the minute of that number begins."""
    return _starts(minute, minute + 1)[0]


def at_ms(time: int) -> datetime:
    return EPOCH + time * MILLISECOND


def _starts(first: int, stop: int) -> list[datetime]:
    """When the minutes in [first, stop) begin."""
    while len(_STARTS) < stop:
        _STARTS.append(EPOCH + len(_STARTS) * MINUTE)
    return _STARTS[first:stop]
