"""Panels under each other on one time axis: what is drawn in them is given as curves, and they look alike everywhere.

`stacked` makes a Vega-Lite spec of them that answers the pointer, `still` the same without.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from bluegreen.report.columns import Record, last
from bluegreen.report.frame import FAULT, FONT, INK, LINE, MOMENTS, NOTHING, QUIET, Frame, Layer, layer
from bluegreen.report.strip import Pill

VEGA_LITE = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
Tip = tuple[str, str, str]
"""A column, what it is called, and how its numbers read (d3's format)."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a panel, named at its right end."""

    field: str
    name: str
    colour: str
    dash: Sequence[float] = (1, 0)
    thick: float = 2.0
    stepped: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: what it shows, between which values, how its numbers read."""

    key: str
    title: str
    curves: Sequence[Curve]
    top: float
    bottom: float = 0.0
    height: int = 130
    labels: str = "format(datum.value, '~s')"
    log: bool = False
    empty: str = "not measured"

    def y(self, value: float) -> float:
        """The pixel of a value."""
        scale: Callable[[float], float] = math.log10 if self.log else float
        low, high = scale(self.bottom), scale(self.top)
        part = (scale(max(value, self.bottom)) - low) / (high - low)
        return self.height * (1 - min(max(part, 0.0), 1.0))


def stacked(charts: Sequence[Layer], table: Sequence[Record]) -> dict[str, Any]:
    """The whole figure as a Vega-Lite spec that answers the pointer. `table`: what the panels' curves are read from."""
    spec: dict[str, Any] = {
        "$schema": alt.SCHEMA_URL,
        "config": _LOOK,
        "datasets": {"moments": table, NOTHING: [{}]},
        "vconcat": list(charts),
        "spacing": 14,
        "resolve": {"scale": {"x": "independent", "y": "independent"}},
    }
    views = [name for name in _layers(spec) if name.startswith(_REACH)]
    spec["params"] = [{**_HOVER, "views": views}] if views else []
    return spec


def still(spec: dict[str, Any]) -> dict[str, Any]:
    """The same figure without what answers the pointer."""
    panels = [{**panel, "layer": [one for one in panel["layer"] if not _answers(one)]} for panel in spec["vconcat"]]
    return {**spec, "vconcat": panels, "params": []}


def _layers(spec: dict[str, Any]) -> list[str]:
    """The names of all layers that have one."""
    return [str(one.get("name", "")) for panel in spec["vconcat"] for one in panel["layer"]]


def _answers(one: Layer) -> bool:
    return str(one.get("name", "")).startswith((_REACH, _LINE))


_REACH, _LINE = "reach_", "line_"  # names of the layers that answer the pointer
_HOVER = {
    "name": "hover",
    "select": {"type": "point", "fields": ["minute"], "on": "pointerover", "clear": "pointerout"},
}
"""The moment under the pointer, shared by all panels."""


def nice(value: float) -> float:
    """The next round number above, with a little air."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12) if step * power >= value * 1.02)


def draw(panel: Panel, table: Sequence[Record], frame: Frame, marks: Sequence[Pill], tips: Sequence[Tip]) -> Layer:
    """One panel as a chart. `marks`: decisions; `tips`: what the pointer tells of a moment."""
    base = alt.Chart(MOMENTS).encode(x=frame.axis())
    shown = _shown(panel, table)
    layers = [*_behind(panel, frame, marks)]
    layers += [_curve(base, curve, panel) for curve in sorted(shown, key=lambda curve: not curve.filled)]
    layers += _names(shown, table, panel, frame)
    if not shown:
        middle = frame.text(panel.empty, frame.width / 2, panel.height / 2, color=QUIET)
        layers += [layer(base.mark_point(opacity=0)), middle]
    if shown:
        layers += _pointer(base, frame, panel, tips)
    title = {"text": panel.title, "anchor": "start", "frame": "group", "fontSize": 13, "offset": 8}
    return {"layer": layers, "width": frame.width, "height": panel.height, "title": title}


def _behind(panel: Panel, frame: Frame, marks: Sequence[Pill]) -> Iterable[Layer]:
    for left, right in frame.shades():
        yield frame.box(left, right, 0, panel.height, fill=FAULT, fillOpacity=0.12)
    for x in sorted({edge for fault in frame.faults for edge in frame.span(fault)}):
        yield frame.upright(x, panel.height, stroke=FAULT, strokeDash=[3, 2])
    for pill in marks:
        look = {"stroke": INK, "strokeWidth": 1.5} if pill.turn else {"stroke": LINE, "strokeDash": [2, 3]}
        yield frame.upright(frame.x(pill.at), panel.height, **look)
        if pill.turn and panel.key == "traffic":
            yield frame.text("turns back", frame.x(pill.at) + 6, 9, align="left", color=INK, fontWeight="bold")


def _curve(base: Any, curve: Curve, panel: Panel) -> Layer:
    bend = "step-after" if curve.stepped else "linear"
    scale = alt.Scale(domain=[panel.bottom, panel.top], nice=False, type="log" if panel.log else "linear", clamp=True)
    axis = alt.Axis(title=None, labelExpr=panel.labels, tickCount=4, minExtent=52, domain=False, ticks=False)
    y = alt.Y(f"{curve.field}:Q", scale=scale, axis=axis)
    line = {"color": curve.colour, "strokeDash": list(curve.dash), "strokeWidth": curve.thick}
    if curve.filled:
        edge = {"line": line} if curve.thick else {"line": False}
        return layer(base.mark_area(color=curve.colour, fillOpacity=0.16, interpolate=bend, **edge).encode(y=y))
    return layer(base.mark_line(interpolate=bend, **line).encode(y=y))


def _names(curves: Sequence[Curve], table: Sequence[Record], panel: Panel, frame: Frame) -> Iterable[Layer]:
    """Each curve's name right of its end, with a piece of the curve; close ones are spread apart."""
    ends = sorted((panel.y(last(table, curve.field) or 0.0), index) for index, curve in enumerate(curves))
    for y, index in _spread(ends, panel.height):
        curve = curves[index]
        left, right = frame.width + 8, frame.width + 30
        if curve.filled:
            yield frame.box(left, right, y - 5, y + 5, fill=curve.colour, fillOpacity=0.16)
        if curve.thick:
            look = {"stroke": curve.colour, "strokeDash": list(curve.dash), "strokeWidth": curve.thick}
            yield frame.rule(left, right, y, **look)
        yield frame.text(curve.name, right + 6, y, align="left", color=INK)


def _spread(ends: list[tuple[float, int]], height: float, gap: float = 16) -> list[tuple[float, int]]:
    """Move places apart to at least `gap`, staying within the height."""
    ys: list[float] = []
    for y, _ in ends:
        ys.append(max(y, ys[-1] + gap) if ys else y)
    limit = height
    for at in range(len(ys) - 1, -1, -1):
        ys[at] = min(ys[at], limit)
        limit = ys[at] - gap
    return [(y, index) for y, (_, index) in zip(ys, ends, strict=True)]


def _pointer(base: Any, frame: Frame, panel: Panel, fields: Sequence[Tip]) -> Iterable[Layer]:
    """A line under the pointer in all panels, and all that is known of that moment."""
    tips = [alt.Tooltip("clock:N", title="time")]
    tips += [alt.Tooltip(f"{field}:Q", title=title, format=look) for field, title, look in fields]
    whole = (alt.YValue(0), alt.Y2Value(panel.height))
    line = base.mark_rule(stroke=INK, strokeWidth=1).encode(*whole).properties(name=_LINE + panel.key)
    yield layer(line.transform_filter({"param": "hover", "empty": False}))
    reach = base.encode(x=frame.axis("from"), x2=alt.X2("minute:Q"))
    yield layer(reach.mark_rect(fill="transparent").encode(*whole, tooltip=tips).properties(name=_REACH + panel.key))


def _shown(panel: Panel, table: Sequence[Record]) -> list[Curve]:
    return [curve for curve in panel.curves if last(table, curve.field) is not None]


_AXIS = {"labelColor": QUIET, "gridColor": LINE, "domainColor": LINE, "labelFontSize": 12, "labelFont": FONT}
_LOOK: dict[str, Any] = {
    "background": "transparent",
    "font": FONT,
    "view": {"stroke": None},
    "axis": _AXIS,
    "axisX": {"grid": False},
    "title": {"color": INK, "font": FONT, "fontWeight": 600},
    "text": {"font": FONT},
    "padding": {"left": 4, "top": 4, "bottom": 4, "right": 24},
    "aria": False,
}
