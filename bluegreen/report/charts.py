"""The figure: one time axis, and below the strip of decisions and faults four panels of what users got.

`picture` gives a Vega-Lite spec; the page draws it twice, as a still image and as a living one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bluegreen.report.columns import Record, known, last, records, values
from bluegreen.report.frame import INK, Frame
from bluegreen.report.panels import Curve, Panel, draw, nice, stacked
from bluegreen.report.story import Row
from bluegreen.report.strip import pills, strip
from bluegreen.report.summary import HURT
from bluegreen.report.trace import Sample, Trace

_DASH = {"blue": [1, 0], "green": [7, 3]}


def picture(trace: Trace, samples: Sequence[Sample], rows: Sequence[Row], until: float | None = None) -> dict[str, Any]:
    """The whole figure as a Vega-Lite spec that answers the pointer. `until`: the minute at which the time axis ends;
    where the trace does, unless given."""
    table = records(samples, trace.candidate)
    first = min([0.0, *(s.at - s.length for s in samples[:1])]) / 60
    now = trace.lasted / 60
    frame = Frame(first, max(until or now, first + 1), trace.faults, now=now)
    marks = pills(rows, frame)
    panels = [_traffic(table, trace.candidate), _errors(table), _latency(table), _room(table)]
    tips = [tip for tip in _TIPS if last(table, tip[0]) is not None and (tip[0] not in _RARE or _any(table, tip[0]))]
    drawn = [draw(panel, table, frame, marks, tips) for panel in panels]
    return stacked([strip(trace, rows, marks, frame), *drawn], table)


# -- the four panels ------------------------------------------------------------------------------------------


def _traffic(table: Sequence[Record], candidate: str) -> Panel:
    curves = [
        Curve("share", f"{candidate}, realised", f"var(--{candidate})", _DASH[candidate], filled=True),
        Curve("wish", f"{candidate}, by weight", INK, thick=1.5, stepped=True),
    ]
    if any(values(table, ["stale"])):  # behind one balancer there are none
        curves.append(Curve("stale", "stale answers", "var(--stale)", (2, 3)))
    return Panel(
        "traffic",
        f"Traffic to {candidate}: share of users",
        curves,
        1.0,
        height=180,
        labels="format(datum.value, '.0%')",
    )


def _errors(table: Sequence[Record]) -> Panel:
    curves = [_of_slot(slot, "failed", slot, filled=True) for slot in known(table, "{}_failed".format)]
    title = "Failed requests per second"
    if _any(table, "unheard"):
        curves += [Curve("unheard", "reached nobody", INK, (2, 3), 1.5)]
    if _any(table, "page"):
        curves += [Curve("page", "shown the page", INK, (8, 3, 2, 3), 1.5)]
        title = "Requests per second that failed, or got the page of the fallback"
    worst = max(values(table, [curve.field for curve in curves]), default=0.0)
    hurt = HURT * max(values(table, ["demand"]), default=0.0)  # less than that must look like little
    top = nice(max(worst, hurt, 0.1))
    return Panel("failed", title, curves, top, labels="format(datum.value, '.3~r')")


def _any(table: Sequence[Record], field: str) -> bool:
    """Whether anybody got the page of the fallback, or reached nobody."""
    return any(values(table, [field]))


def _latency(table: Sequence[Record]) -> Panel:
    curves = [_of_slot(slot, "latency", slot) for slot in known(table, "{}_latency".format)]
    seen = [value for value in values(table, [curve.field for curve in curves]) if value > 0]
    low, high = min(seen, default=0.1), max(seen, default=1.0)
    log = high > 10 * low
    title = "Latency, 99th percentile" + (" (logarithmic)" if log else "")
    bottom = 10.0 ** math.floor(math.log10(low)) if log else 0.0
    top = 10.0 ** math.ceil(math.log10(high)) if log else nice(high)
    return Panel("latency", title, curves, top, bottom, labels=_SECONDS, log=log)


_SECONDS = "datum.value < 1 ? format(datum.value * 1000, '~r') + ' ms' : format(datum.value, '~r') + ' s'"


def _room(table: Sequence[Record]) -> Panel:
    """Capacity against demand; what a journal knows of it are the healthy instances."""
    slots = known(table, "{}_capacity".format)
    if slots:
        title = "Capacity and load, requests per second"
        curves = [_of_slot(slot, "requests", f"{slot}, load", thick=0.0, filled=True) for slot in slots]
        curves += [_of_slot(slot, "capacity", f"{slot}, capacity") for slot in slots]
        curves += [Curve("demand", "demand", INK, (2, 2), 1.5)]
    else:
        title = "Healthy instances"
        slots = known(table, "{}_instances".format)
        curves = [_of_slot(slot, "instances", slot, stepped=True) for slot in slots]
    worst = max(values(table, [curve.field for curve in curves]), default=1.0)
    return Panel("room", title, curves, nice(max(worst, 1.0)), height=150)


def _of_slot(slot: str, measure: str, name: str, **look: Any) -> Curve:
    return Curve(f"{slot}_{measure}", name, f"var(--{slot})", _DASH[slot], **look)


_RARE = ("page", "unheard")
_TIPS = [
    ("wish", "share by weight", ".1%"),
    ("share", "share realised", ".1%"),
    ("stale", "stale answers", ".1%"),
    ("page", "shown the page /s", ",.3~r"),
    ("unheard", "reached nobody /s", ",.3~r"),
] + [
    (f"{slot}_{field}", f"{slot} {title}", look)
    for field, title, look in (
        ("failed", "failed /s", ",.3~r"),
        ("latency", "p99 (s)", ".3~r"),
        ("requests", "requests /s", ",.4~r"),
        ("capacity", "capacity /s", ",.4~r"),
        ("instances", "healthy instances", ",.0f"),
    )
    for slot in ("blue", "green")
]
