"""The picture of both: on one time axis the decisions of each, and what users got, one line for each trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bluegreen.report.columns import Record, last, values
from bluegreen.report.compared.moments import last_moment, table
from bluegreen.report.compared.side import Side, Sides
from bluegreen.report.frame import INK, Frame
from bluegreen.report.panels import Curve, Panel, Tip, draw, nice, stacked
from bluegreen.report.strip import pills, strip
from bluegreen.report.summary import HURT

LOOKS = (("left", INK, (1, 0)), ("right", "var(--stale)", (6, 3)))
"""Column, colour, and dashes, so that they are told apart without colour too."""
_PERCENT = "format(datum.value, '.0%')"
_FEW = "format(datum.value, '.2~%')"
_SECONDS = "datum.value < 1 ? format(datum.value * 1000, '~r') + ' ms' : format(datum.value, '~r') + ' s'"


def both(sides: Sides) -> dict[str, Any]:
    """A Vega-Lite spec that answers the pointer."""
    rows = table(sides)
    frame = Frame(0.0, max(last_moment(sides) / 60, 0.5))
    panels = [_shares(sides), _wishes(sides), _failed(sides, rows), _latency(sides, rows)]
    strips = [_strip(side, frame) for side in sides]
    spec = stacked([*strips, *(draw(panel, rows, frame, (), _tips(sides, rows)) for panel in panels)], rows)
    for side, chart in zip(sides, spec["vconcat"], strict=False):
        chart["title"] = {"text": side.name.capitalize(), "anchor": "start", "frame": "group", "fontSize": 13}
    return spec


def _strip(side: Side, frame: Frame) -> Any:
    own = replace(frame, faults=side.trace.faults)
    return strip(side.trace, side.rows, pills(side.rows, own), own)


def _curves(sides: Sides, field: str, *, stepped: bool = False) -> Sequence[Curve]:
    return [
        Curve(f"{key}_{field}", side.name, colour, dash, stepped=stepped)
        for side, (key, colour, dash) in zip(sides, LOOKS, strict=True)
    ]


def _shares(sides: Sides) -> Panel:
    candidate = sides[0].trace.candidate
    title = f"Traffic to {candidate}: share of users"
    return Panel("share", title, _curves(sides, "share"), 1.0, height=180, labels=_PERCENT)


def _wishes(sides: Sides) -> Panel:
    title = f"The same by weight: what DNS servers of {sides[0].trace.candidate}'s zone answer, or will"
    return Panel("wish", title, _curves(sides, "wish", stepped=True), 1.0, height=90, labels=_PERCENT)


def _failed(sides: Sides, rows: Sequence[Record]) -> Panel:
    worst = max(values(rows, ["left_failed", "right_failed"]), default=0.0)
    top = min(nice(max(worst, 10 * HURT)), 1.0)
    return Panel("failed", "Failed requests, share of all", _curves(sides, "failed"), top, labels=_FEW)


def _latency(sides: Sides, rows: Sequence[Record]) -> Panel:
    worst = max(values(rows, ["left_latency", "right_latency"]), default=1.0)
    title = "Latency, 99th percentile, of the slower slot"
    return Panel("latency", title, _curves(sides, "latency"), nice(worst), labels=_SECONDS)


def _tips(sides: Sides, rows: Sequence[Record]) -> list[Tip]:
    measures = (("share", "users", ".1%"), ("wish", "by weight", ".1%"), ("failed", "failed", ".2%"))
    fields = [
        (f"{key}_{field}", f"{side.name}, {title}", look)
        for field, title, look in (*measures, ("latency", "p99 (s)", ".3~r"))
        for side, (key, _, _) in zip(sides, LOOKS, strict=True)
    ]
    return [tip for tip in fields if last(rows, tip[0]) is not None]
