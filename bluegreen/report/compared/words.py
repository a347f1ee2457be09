"""A comparison in words: for the terminal, for the page, and as data."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bluegreen.report.compared.differences import Comparison, Difference, Unit, Value
from bluegreen.report.compared.order import Pair
from bluegreen.report.compared.side import unlike
from bluegreen.report.story import Row
from bluegreen.report.words import count, length, share

NONE = "–"
JUDGED = {None: "", True: "within the limit", False: "beyond the limit"}


def value(number: Value, unit: Unit) -> str:
    """One measure of one trace."""
    if number is None:
        return NONE
    if isinstance(number, str):
        return number
    return {"share": share, "seconds": length, "requests": count, "decisions": count}[unit](number)


def apart(difference: Difference) -> str:
    """How far they are apart; shares in percentage points."""
    far, unit = difference.apart, difference.unit
    if unit == "words":
        return "the same" if far == 0 else "another"
    if far is None:
        return "cannot be told"
    if difference.values == (None, None):
        return f"{100 * far:.1f} points" if unit == "share" and far else "none"
    if unit == "decisions":
        return "none" if far == 0 else f"{far:.0f}"
    shown = {"share": _points(abs(far)), "seconds": length(abs(far)), "requests": count(abs(far))}[unit]
    return "none" if far == 0 else ("+" if far > 0 else "−") + shown


def _points(far: float) -> str:
    return f"{100 * far:.2g} points" if far >= 1e-5 or not far else "<0.001 points"


def limit(difference: Difference) -> str:
    """The limit that somebody set; empty without one."""
    if difference.limit is None:
        return ""
    if difference.unit == "share":
        return _points(difference.limit)
    return length(difference.limit) if difference.unit == "seconds" else "the same"


def headline(comparison: Comparison) -> str:
    """One sentence."""
    left, right = comparison.sides
    ends = [side.trace.ended or "not ended" for side in comparison.sides]
    end = f"Both: {ends[0]}" if ends[0] == ends[1] else f"{left.name}: {ends[0]}, {right.name}: {ends[1]}"
    strays = len(comparison.one_sided)
    way = "the same decisions in the same order" if not strays else f"{strays} decisions that only one of them took"
    if any(d.kept is False for d in comparison.differences):
        way += "; beyond the limits"
    return f"{end[0].upper()}{end[1:]}; {way}."


def moment(row: Row | None) -> str:
    """Hours, minutes and seconds since the start: the two are often less than a minute apart."""
    return NONE if row is None else str(timedelta(seconds=round(row.at)))


def later(pair: Pair) -> str:
    """When the second came there, beside the first."""
    if pair.later is None:
        return ""
    return "" if abs(pair.later) < 0.5 else f"{length(abs(pair.later))} {'later' if pair.later > 0 else 'earlier'}"


def comparison_text(comparison: Comparison) -> str:
    """For the terminal, without colour."""
    left, right = comparison.sides
    rows: list[tuple[str, ...]] = [("", left.name, right.name, "apart", "")]
    rows += [
        (d.name, value(d.values[0], d.unit), value(d.values[1], d.unit), apart(d), JUDGED[d.kept])
        for d in comparison.differences
        if not d.empty
    ]
    way: list[tuple[str, ...]] = [("", left.name, right.name, "", "")]
    way += [(pair.stage, *(moment(row) for row in pair.rows), later(pair), "") for pair in comparison.decisions]
    files = [f"{side.name:<10} {side.file}" for side in comparison.sides]
    return "\n".join([headline(comparison), *files, *unlike(comparison.sides), "", *_columns(rows), "", *_columns(way)])


def as_data(comparison: Comparison) -> dict[str, Any]:
    """For programs. Times are seconds since the start, shares parts of 1."""
    return {
        "sides": [{"name": side.name, "file": side.file, "end": side.trace.ended} for side in comparison.sides],
        "unlike": unlike(comparison.sides),
        "differences": [
            {
                "name": d.name,
                "values": list(d.values),
                "apart": d.apart,
                "unit": d.unit,
                "limit": d.limit,
                "kept": d.kept,
            }
            for d in comparison.differences
        ],
        "decisions": [
            {"stage": pair.stage, "at": [row.at if row else None for row in pair.rows]} for pair in comparison.decisions
        ],
        "kept": comparison.kept,
    }


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    return ["  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
