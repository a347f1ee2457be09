"""Plots: the reference as a line, our model and what was measured as marks. They read without colour."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt
import vl_convert

WIDTH, HEIGHT = 480, 260
INK, QUIET, RULE, PAPER = "#1f2328", "#59636e", "#d8dee4", "#ffffff"
BLUE, GREEN, STALE, FAULT = "#2563c9", "#1a7f37", "#8250df", "#b26a00"
"""As in reports: the slots, old answers, trouble."""
FONT = "Liberation Sans, Arial, sans-serif"

Point = tuple[float, float]
Kind = Literal["line", "steps", "marks"]


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one set of marks; `error` draws a bar of so much up and down at each mark."""

    name: str
    points: Sequence[Point]
    kind: Kind = "line"
    colour: str = INK
    dash: Sequence[float] = (1, 0)
    shape: str = "circle"
    filled: bool = True
    error: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """`low` to `high`; `log`: logarithmic; `ticks`: where labels are; `labels`: a Vega expression of datum.value."""

    title: str
    low: float
    high: float
    log: bool = False
    ticks: Sequence[float] = ()
    labels: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """`name`: of the file. `says`: what one sees, for those who do not."""

    name: str
    title: str
    says: str
    x: Axis
    y: Axis
    series: Sequence[Series] = field(default=())


def drawn(plot: Plot) -> str:
    """The plot as SVG, the same bytes each time."""
    layers = [layer for series in plot.series for layer in _layers(series, plot)]
    layers += [layer for at, series in enumerate(plot.series) for layer in _name(series, at)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=plot.title).configure(**_LOOK)
    spec = chart.to_dict(validate=False)
    version = ".".join(alt.SCHEMA_VERSION.split(".")[:2])
    return _renumbered(str(vl_convert.vegalite_to_svg(spec, vl_version=version))) + "\n"


def _renumbered(svg: str) -> str:
    """Vega numbers clip paths through all drawings of a process."""
    numbers: dict[str, str] = {}
    return re.sub(r"\bclip\d+", lambda found: numbers.setdefault(found.group(), f"clip{len(numbers)}"), svg)


def percent(title: str, high: float = 1.0, low: float = 0.0) -> Axis:
    """An axis of shares."""
    return Axis(title, low, high, labels="format(datum.value, '.0%')")


def _layers(series: Series, plot: Plot) -> list[Any]:
    rows = [{"x": _short(x), "y": _short(y)} for x, y in series.points]
    for row, error in zip(rows, series.error, strict=False):
        row |= {"low": _short(row["y"] - error), "high": _short(row["y"] + error)}
    base = alt.Chart(alt.Data(values=rows)).encode(x=_axis(alt.X, "x:Q", plot.x), y=_axis(alt.Y, "y:Q", plot.y))
    layers = []
    if series.error:
        bars = base.mark_rule(color=series.colour, strokeWidth=1.2, clip=True)
        layers.append(bars.encode(y=_axis(alt.Y, "low:Q", plot.y), y2="high:Q"))
    layers.append(_mark(base, series))
    return layers


def _mark(base: Any, series: Series, clip: bool = True) -> Any:
    if series.kind == "marks":
        fill = series.colour if series.filled else PAPER
        return base.mark_point(
            shape=series.shape, size=46, stroke=series.colour, fill=fill, opacity=1, strokeWidth=1.6, clip=clip
        )
    bend = "step-after" if series.kind == "steps" else "linear"
    return base.mark_line(color=series.colour, strokeDash=list(series.dash), interpolate=bend, strokeWidth=2, clip=True)


def _name(series: Series, at: int) -> list[Any]:
    """Right of the plot: a piece of it, and its name."""
    left, y = WIDTH + 16, 8 + 20 * at
    if series.kind == "marks":
        piece = _mark(_at(left + 11, y), series, clip=False)
    else:
        piece = _at(left, y).mark_rule(color=series.colour, strokeDash=list(series.dash), strokeWidth=2)
        piece = piece.encode(x2=alt.X2Value(left + 22))
    text = _at(left + 30, y).mark_text(align="left", baseline="middle", color=INK, fontSize=12)
    return [piece, text.encode(text=alt.TextValue(series.name))]


def _at(x: float, y: float) -> Any:
    return alt.Chart(alt.Data(values=[{}])).encode(x=alt.XValue(x), y=alt.YValue(y))


def _axis(channel: Any, name: str, axis: Axis) -> Any:
    scale = alt.Scale(domain=[axis.low, axis.high], type="log" if axis.log else "linear", nice=False, clamp=False)
    look: dict[str, Any] = {"title": axis.title}
    if axis.ticks:
        look["values"] = list(axis.ticks)
    if axis.labels:
        look["labelExpr"] = axis.labels
    return channel(name, scale=scale, axis=alt.Axis(**look))


def _short(value: float) -> float:
    """Enough for the eye, and the same on every machine."""
    return float(f"{value:.4g}")


_TEXT = {"labelColor": QUIET, "titleColor": QUIET, "labelFont": FONT, "titleFont": FONT, "titleFontWeight": "normal"}
_LOOK: dict[str, Any] = {
    "background": PAPER,
    "font": FONT,
    "view": alt.ViewConfig(stroke=None),
    "axis": alt.AxisConfig(gridColor=RULE, domainColor=QUIET, tickColor=QUIET, labelFontSize=12, **_TEXT),
    "axisX": alt.AxisConfig(grid=False),
    "title": alt.TitleConfig(color=INK, font=FONT, fontSize=14, anchor="start", fontWeight=600),
    "padding": {"left": 8, "top": 8, "bottom": 8, "right": 16},
}
