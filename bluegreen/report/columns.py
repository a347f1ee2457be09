"""Samples as rows of a table that charts can read: minutes since the start, one flat column for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bluegreen.report.trace import Numbers, Sample
from bluegreen.report.words import clock, share_of

MOST = 400
"""More points than this cannot be told apart at the figure's width."""

SLOTS = ("blue", "green")

Cell = float | str | None
Record = dict[str, Cell]


def records(samples: Sequence[Sample], candidate: str) -> list[Record]:
    """At most `MOST` records. Where several samples become one, harm keeps its peak and the rest its last value."""
    rows = [_record(sample, candidate) for sample in samples]
    size = -(-len(rows) // MOST) or 1
    return [_merged(rows[at : at + size]) for at in range(0, len(rows), size)]


def _record(sample: Sample, candidate: str) -> Record:
    row: Record = {
        "from": (sample.at - sample.length) / 60,
        "minute": sample.at / 60,
        "clock": clock(sample.at),
        "wish": share_of(sample.weights, candidate),
        "share": _share(sample.share, candidate),
        "stale": sample.stale,
        "demand": sample.demand,
    }
    for slot in SLOTS:
        row[f"{slot}_requests"] = sample.requests.get(slot)
        row[f"{slot}_failed"] = sample.errors.get(slot)
        row[f"{slot}_latency"] = sample.latency.get(slot) or None  # zero seconds is nobody's latency
        row[f"{slot}_capacity"] = sample.capacity.get(slot)
        row[f"{slot}_instances"] = sample.instances.get(slot)
    return {key: _rounded(cell) for key, cell in row.items()}


def _share(share: Numbers, slot: str) -> float | None:
    return share.get(slot, 0.0) if share else None


_PEAKS = ("stale", "blue_failed", "green_failed", "blue_latency", "green_latency")


def _merged(rows: Sequence[Record]) -> Record:
    merged = {**rows[-1], "from": rows[0]["from"]}
    for key in _PEAKS:
        known = [cell for row in rows if isinstance(cell := row[key], float)]
        merged[key] = max(known, default=None)
    return merged


def _rounded(cell: Cell) -> Cell:
    return float(f"{cell:.4g}") if isinstance(cell, (int, float)) else cell


def values(rows: Iterable[Mapping[str, Cell]], fields: Iterable[str]) -> Iterator[float]:
    """All known numbers of the given columns."""
    wanted = list(fields)
    for row in rows:
        yield from (cell for field in wanted if isinstance(cell := row.get(field), float))


def last(rows: Sequence[Mapping[str, Cell]], field: str) -> float | None:
    """The last known number of a column."""
    return next((cell for row in reversed(rows) if isinstance(cell := row.get(field), float)), None)


def known(rows: Sequence[Record], make: Callable[[str], str]) -> list[str]:
    """The slots of which a column has any number."""
    return [slot for slot in SLOTS if last(rows, make(slot)) is not None]
