"""What a running copier tells: on the terminal, to CloudWatch, and how alike the two tables are."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bluegreen.errors import OperatingError
from bluegreen.sync.compare import SHOWN, Comparison
from bluegreen.sync.copier import Report
from bluegreen.sync.lag import ReplicationLag
from bluegreen.units import show_about

PUBLISH_AGAIN = timedelta(minutes=1)
SAY_AGAIN = timedelta(seconds=10)


class Publisher(Protocol):
    """Where metrics go."""

    def report(self, report: Report) -> None: ...

    def comparisons(self, found: Sequence[Comparison], at: datetime) -> None: ...


@dataclass(slots=True)
class Teller:
    """Hears each report. Comparisons are made aside, so that the copier does not wait for them."""

    say: Callable[[str], None]
    words: Callable[[Report], str]
    publisher: Publisher | None
    compare: Callable[[], Comparison]
    every: timedelta
    aside: Executor
    _said: str = ""
    _said_at: datetime | None = None
    _published: datetime | None = None
    _compared: datetime | None = None
    _comparing: Future[Comparison] | None = field(default=None)

    def __call__(self, report: Report) -> None:
        self._say(report)
        if _due(self._published, report.at, PUBLISH_AGAIN) and self.publisher is not None:
            self._published = report.at
            self._try(lambda publisher: publisher.report(report))
        if all(one.baseline for one in report.directions):
            self._compare(report.at)

    def _say(self, report: Report) -> None:
        """When something is new, but not all the time; trouble at once."""
        words = self.words(report)
        troubled = any(one.trouble for one in report.directions)
        if words != self._said and (troubled or _due(self._said_at, report.at, SAY_AGAIN)):
            self.say(words)
            self._said, self._said_at = words, report.at

    def _compare(self, at: datetime) -> None:
        if self._comparing is None:
            if _due(self._compared, at, self.every):
                self._compared, self._comparing = at, self.aside.submit(self.compare)
            return
        if not self._comparing.done():
            return
        try:
            found = self._comparing.result()
        except OperatingError as error:
            self.say(f"the tables cannot be compared: {error}")
        else:
            if found.divergent:
                self.say(show_comparison(found))
            self._try(lambda publisher: publisher.comparisons([found], at))
        self._comparing = None

    def _try(self, publish: Callable[[Publisher], None]) -> None:
        """What cannot be published is missing: gates that ask for it do not know, and do not pass."""
        if self.publisher is None:
            return
        try:
            publish(self.publisher)
        except OperatingError as error:
            self.say(f"metrics cannot be published: {error}")


def _due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    return last is None or now - last >= every


def show_report(report: Report) -> str:
    """A line for each direction, and one for what was overwritten."""
    lines = []
    for one in report.directions:
        state = f"lag {show_about(one.lag)}" if one.baseline else "copying the baseline"
        counts = ", ".join(f"{n} {count}" for count, n in one.counts.items() if n)
        lines.append(f"{one.direction}: {state}; {counts or 'nothing yet'}")
        if one.trouble:
            lines.append(f"{one.direction}: waiting after {one.trouble}")
    if report.stamped:
        lines.append(f"{report.stamped} written without a version that grew: such a write may be overwritten unseen")
    if losses := ", ".join(f"{n} {loss}" for loss, n in report.losses.items() if n):
        lines.append(f"overwritten: {losses}; see `bluegreen sync overwritten`")
    return "\n".join(lines)


def json_report(report: Report) -> str:
    """One line of JSON; lags in seconds."""
    return json.dumps(
        {
            "at": report.at.isoformat(),
            "directions": [{**asdict(one), "lag": one.lag.total_seconds()} for one in report.directions],
            "overwritten": dict(report.losses),
        }
    )


def show_comparison(found: Comparison) -> str:
    """How many of the sample are alike, and which are not."""
    first, second = found.counts
    lines = [
        f"{found.what}: {found.compared} compared, {found.divergent} not the same, {found.moving} moving;"
        f" about {first} and {second} in all"
    ]
    for title, keys in (
        ("differs", found.differ),
        ("only on the first side", found.only_first),
        ("only on the second side", found.only_second),
    ):
        lines += [f"  {title}: {key}" for key in keys[:SHOWN]]
        lines += [f"  and {len(keys) - SHOWN} more"] if len(keys) > SHOWN else []
    return "\n".join(lines)


def plain_comparison(found: Comparison) -> Mapping[str, Any]:
    """For JSON."""
    return {**asdict(found), "divergent": found.divergent}


def show_lag(lag: ReplicationLag) -> str:
    """One subscription in a line."""
    if lag.seconds is None:
        return f"{lag.direction}: {lag.subscription} does not replicate: {lag.why}"
    return f"{lag.direction}: {lag.subscription} lags {lag.seconds:.1f} s, {lag.bytes} bytes"


def plain_lag(lag: ReplicationLag) -> Mapping[str, Any]:
    """For JSON."""
    return asdict(lag)
