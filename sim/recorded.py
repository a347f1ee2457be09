"""Recorded demand: a CSV file with a time and a rate in each row.

    seconds,rate            time,rate
    0,1200                  2029-11-30T08:00:00,1200
    60,1350.5               2029-11-30T08:01:00,1350.5

The first row is the beginning of the run. Rates are requests per second; between two rows the rate goes along a
straight line, and after the last one it stays.
"""

from __future__ import annotations

import csv
from datetime import datetime
from math import isfinite
from pathlib import Path

from bluegreen.errors import UserError


def read_recorded(path: Path) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds since the first row, and rates. Raises UserError with file and line for what is wrong with it."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: recorded demand cannot be read: {error}") from error
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if header not in (["seconds", "rate"], ["time", "rate"]):
        raise UserError(f"{path}, line 1: the columns must be `seconds,rate` or `time,rate`, not {','.join(header)!r}")
    points: list[tuple[float | datetime, float]] = []
    for line, row in enumerate(rows[1:], start=2):
        if row:
            points.append(_point(f"{path}, line {line}", header[0], row, points))
    if len(points) < 2:
        raise UserError(f"{path}: recorded demand needs two rows at least")
    if not any(rate for _, rate in points):
        raise UserError(f"{path}: every recorded rate is 0")
    first = points[0][0]
    return tuple(_since(first, at) for at, _ in points), tuple(rate for _, rate in points)


def _point(
    where: str, column: str, row: list[str], before: list[tuple[float | datetime, float]]
) -> tuple[float | datetime, float]:
    if len(row) != 2:
        raise UserError(f"{where}: there must be a time and a rate, not {len(row)} cells")
    at = _time(where, row[0].strip()) if column == "time" else _number(where, column, row[0].strip())
    rate = _number(where, "rate", row[1].strip())
    if rate < 0:
        raise UserError(f"{where}: the rate is {rate:g}; a rate is 0 or more")
    if before:
        try:
            ordered = _since(before[-1][0], at) > 0
        except TypeError:
            raise UserError(f"{where}: some times have an offset from UTC and others have none") from None
        if not ordered:
            raise UserError(f"{where}: {row[0].strip()} does not come after the row before it")
    return at, rate


def _number(where: str, column: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise UserError(f"{where}: {column} {text!r} is not a number") from None
    if not isfinite(number):
        raise UserError(f"{where}: {column} {text!r} is not a number")
    return number


def _time(where: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise UserError(f"{where}: {text!r} is not a time like 2029-11-30T08:00:00") from None


def _since(first: float | datetime, at: float | datetime) -> float:
    if isinstance(first, datetime) and isinstance(at, datetime):
        return (at - first).total_seconds()
    assert isinstance(first, float) and isinstance(at, float)
    return at - first
