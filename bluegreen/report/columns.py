"""Samples as rows of a table that charts can read: minutes since the start, one flat column for each line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import ceil

from bluegreen.report.trace import Numbers, Sample
from bluegreen.report.words import clock, share_of

MOST = 400
"""More points than this cannot be told apart at the figure's width. So long is a point: a part of the whole time."""

SLOTS = ("blue", "green")

Cell = float | str | None
Record = dict[str, Cell]


def records(samples: Sequence[Sample], candidate: str) -> list[Record]:
    """About `MOST` records. Where several samples become one, harm keeps its peak, a flow its mean over the time that
    each of them covers, and the rest its last value. Long samples stay alone beside short ones."""
    if not samples:
        return []
    begin = samples[0].at - samples[0].length
    width = max((samples[-1].at - begin) / MOST, 1e-9)
    alike = groupby(samples, key=lambda sample: ceil((sample.at - begin) / width - 1e-6))
    rows = [_merged([_record(sample, candidate) for sample in group]) for _, group in alike]
    return [{**rows[0], "minute": rows[0]["from"]}, *rows]  # lines begin where the first sample does


def _record(sample: Sample, candidate: str) -> Record:
    row: Record = {
        "from": (sample.at - sample.length) / 60,
        "minute": sample.at / 60,
        "clock": clock(sample.at),
        "wish": share_of(sample.weights, candidate),
        "share": _share(sample.share, candidate),
        "stale": sample.stale,
        "demand": sample.demand,
        "page": sample.page,
        "unheard": sample.unheard,
    }
    for slot in SLOTS:
        row[f"{slot}_requests"] = sample.requests.get(slot)
        row[f"{slot}_failed"] = sample.errors.get(slot)
        row[f"{slot}_latency"] = sample.latency.get(slot) or None  # zero seconds is nobody's latency
        row[f"{slot}_capacity"] = sample.capacity.get(slot)
        row[f"{slot}_instances"] = sample.instances.get(slot)
    return row


def _share(share: Numbers, slot: str) -> float | None:
    return share.get(slot, 0.0) if share else None


_PEAKS = ("stale", "unheard", "blue_failed", "green_failed", "blue_latency", "green_latency")
_MEANS = ("share", "demand", "page", "blue_requests", "green_requests")


def _merged(rows: Sequence[Record]) -> Record:
    merged = {**rows[-1], "from": rows[0]["from"]}
    if len(rows) > 1:
        merged |= {key: max(values(rows, [key]), default=None) for key in _PEAKS}
        merged |= {key: _mean(rows, key) for key in _MEANS}
    return {key: _rounded(cell) for key, cell in merged.items()}


def _mean(rows: Sequence[Record], key: str) -> float | None:
    """Over time, of what is known. Samples of no length are looks: the last one counts."""
    known = [row for row in rows if isinstance(row[key], float)]
    lengths = [end - begin for row in known for begin, end in [values([row], ["from", "minute"])]]
    total = sum(lengths)
    if not total:
        return last(known, key)
    return sum(cell * length for cell, length in zip(values(known, [key]), lengths, strict=True)) / total


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
