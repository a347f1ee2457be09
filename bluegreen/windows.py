"""`windows:` of the rollout file: when a rollout may begin and step up. Going back is always allowed.

Local times are taken by the rules of their time zone (zoneinfo, PEP 495): a time that the clock skips in spring is the
moment of the skip's end, a time that comes twice in autumn means its first coming for a beginning, its second for an
end.
A window whose end is not after its beginning goes on into the next day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from bluegreen.registry import Spec

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")]
AHEAD = 400
"""Days that are looked ahead for the next opening: a freeze of more than a year is none."""


class Window(Spec):
    """Hours of some days, each week."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = ("mon", "tue", "wed", "thu", "fri")
    begins: Annotated[ClockTime, Field(alias="from")] = "00:00"
    ends: Annotated[ClockTime, Field(alias="to")] = "24:00"

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.begins in (self.ends, "24:00"):
            raise ValueError(f"a window from {self.begins} to {self.ends} is never open; a whole day is 00:00 to 24:00")
        return self


class Freeze(Spec):
    """Whole days, the last one included, on which nothing begins or steps up."""

    begins: Annotated[date, Field(alias="from")]
    ends: Annotated[date, Field(alias="to")]
    why: str = ""

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.ends < self.begins:
            raise ValueError(f"a freeze that begins on {self.begins} cannot end on {self.ends}")
        return self


class Windows(Spec):
    """When a rollout may begin and step up. Without `open`: always, but for the freezes."""

    timezone: str = "UTC"
    """An IANA name, like Europe/Berlin."""
    open: tuple[Window, ...] = ()
    freezes: tuple[Freeze, ...] = ()
    retire: Literal["any time", "inside"] = "any time"
    """Whether the slot that was live may go at any time too, when nobody uses it any more."""

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"there is no time zone {name!r} on this machine; one is like Europe/Berlin") from error
        return name

    @property
    def always(self) -> bool:
        """It may at any time."""
        return not (self.open or self.freezes)

    def closed(self, at: datetime) -> str:
        """Why nothing may begin or step up at this moment, or nothing."""
        if self.always:
            return ""
        zone = ZoneInfo(self.timezone)
        today = at.astimezone(zone).date()
        for freeze in self.freezes:
            if freeze.begins <= today <= freeze.ends:
                return f"frozen until {freeze.ends}" + (f" ({freeze.why})" if freeze.why else "")
        if not self.open or any(begin <= at < end for begin, end in self._around(today)):
            return ""
        return "outside the deployment windows"

    def waits(self, at: datetime) -> str:
        """Why nothing may begin or step up at this moment and when it may again, or nothing. The same words until
        then, so that a long wait is told once."""
        if not (why := self.closed(at)):
            return ""
        opens = self.opens(at)
        if opens is None:
            return f"{why}; it does not open within a year"
        return f"{why}; it opens {opens.astimezone(ZoneInfo(self.timezone)):%a %Y-%m-%d %H:%M} in {self.timezone}"

    def opens(self, at: datetime) -> datetime | None:
        """The first moment from `at` on that is inside; None: not within a year."""
        if not self.closed(at):
            return at
        today = at.astimezone(ZoneInfo(self.timezone)).date()
        for ahead in range(AHEAD):
            day = today + timedelta(days=ahead)
            moments = [self._midnight(day), *(begin for begin, _ in self._of(day))]
            for moment in sorted(moments):
                if moment >= at and not self.closed(moment):
                    return moment
        return None

    def _midnight(self, day: date) -> datetime:
        return _utc(day, "00:00", self.timezone, 0)

    def _around(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The openings of a day, and of the day before, which may go on into it."""
        yield from self._of(day - timedelta(days=1))
        yield from self._of(day)

    def _of(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        for window in self.open:
            if DAYS[day.weekday()] in window.days:
                last = day if window.begins < window.ends else day + timedelta(days=1)
                yield (
                    _utc(day, window.begins, self.timezone, 0),
                    _utc(last, window.ends, self.timezone, 1),
                )


@lru_cache(maxsize=1024)
def _utc(day: date, clock: str, zone: str, fold: int) -> datetime:
    """The moment at which clocks of that zone show this time on that day. `fold`: which of two."""
    if clock == "24:00":
        day, clock = day + timedelta(days=1), "00:00"
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=ZoneInfo(zone))
    # For a skipped time fold=0 reads the clock as before the skip and fold=1 as after it; the later of both moments
    # shows a time after the skip, and the earlier one a time before it: the skip lies between.
    early, late = (local.replace(fold=each).astimezone(UTC) for each in (1, 0))
    if early < late and early.astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None):
        return _end_of_skip(early, late, local)
    return local.replace(fold=fold).astimezone(UTC)


def _end_of_skip(early: datetime, late: datetime, local: datetime) -> datetime:
    """The moment at which the clock skips: between the two, to the second."""
    before = early.astimezone(local.tzinfo).utcoffset()
    low, high = 0, int((late - early).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (early + timedelta(seconds=middle)).astimezone(local.tzinfo).utcoffset() == before:
            low = middle + 1
        else:
            high = middle
    return early + timedelta(seconds=low)
