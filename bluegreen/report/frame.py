"""What the figure's parts share: its width, its time axis, its colours, and plain shapes at pixels.

Colours are CSS variables, so one picture serves light, dark and paper. Parts are Vega-Lite layers (JSON): Altair makes
those that show data; put together by Altair, too, they would be copied again and again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from bluegreen.report.trace import Fault

WIDTH = 860

INK = "var(--ink)"
QUIET = "var(--quiet)"
LINE = "var(--line)"
FAULT = "var(--fault)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"
LABEL = 6.6  # the usual width of a letter in a label, in pixels
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440)
_TICKS = 13

# Data sets by name, which are put into the finished picture once.
MOMENTS = alt.NamedData("moments")  # the samples, a record each
NOTHING = "nothing"  # a single empty record, for shapes at pixels

Layer = dict[str, Any]
"""One layer of a panel."""

CLOCK = "(datum.value < 0 ? '-' : '') + floor(abs(datum.value) / 60) + ':' + format(abs(datum.value) % 60, '02')"


@dataclass(frozen=True, slots=True)
class Frame:
    """The shared time axis, in minutes since the start. `now`: how far the trace goes, when the axis goes further."""

    begin: float
    end: float
    faults: Sequence[Fault] = ()
    width: int = WIDTH
    now: float | None = None

    def x(self, minute: float) -> float:
        """The pixel of a minute, kept inside the panels."""
        part = (minute - self.begin) / (self.end - self.begin)
        return round(min(max(part, 0.0), 1.0) * self.width, 2)

    def span(self, fault: Fault) -> tuple[float, float]:
        """From where to where a fault reaches, in pixels; one that has not healed reaches as far as the trace, and a
        moment is a single place."""
        left = self.x(fault.since / 60)
        if fault.moment:
            return left, left
        last = self.end if self.now is None else self.now
        right = self.x(last if fault.until is None else fault.until / 60)
        return left, max(right, left + 2)

    def shades(self) -> list[tuple[float, float]]:
        """Where any fault is at work, in pixels: as light under many as under one."""
        shades: list[tuple[float, float]] = []
        for left, right in sorted(self.span(fault) for fault in self.faults if not fault.moment):
            if shades and left <= shades[-1][1]:
                shades[-1] = (shades[-1][0], max(shades[-1][1], right))
            else:
                shades.append((left, right))
        return shades

    def axis(self, field: str = "minute") -> Any:
        """The time axis as an encoding of a column."""
        step = next((s for s in _STEPS if (self.end - self.begin) / s <= _TICKS), 2880)
        first = -(-self.begin // step) * step
        ticks = [first + step * n for n in range(int((self.end - first) // step) + 1)]
        look = alt.Axis(
            values=ticks, labelExpr=CLOCK, title=None, ticks=False, domainColor=LINE, labelPadding=7, labelFlush=False
        )
        return alt.X(f"{field}:Q", scale=alt.Scale(domain=[self.begin, self.end], nice=False, zero=False), axis=look)

    def box(self, left: float, right: float, top: float, bottom: float, **look: Any) -> Layer:
        """A rectangle at pixels."""
        return _shape("rect", look, x=left, x2=right, y=top, y2=bottom)

    def diamond(self, x: float, y: float, **look: Any) -> Layer:
        """A mark at a pixel."""
        return _shape("point", {"shape": "diamond", **look}, x=x, y=y)

    def text(self, words: str, x: float, y: float, **look: Any) -> Layer:
        """Words at pixels, never more than a label is long."""
        return _shape("text", {"text": words, "baseline": "middle", "fontSize": 12, **look}, x=x, y=y)

    def rule(self, left: float, right: float, y: float, **look: Any) -> Layer:
        """A level line at pixels."""
        return _shape("rule", look, x=left, x2=right, y=y)

    def upright(self, x: float, height: float, **look: Any) -> Layer:
        """An upright line at pixels."""
        return _shape("rule", look, x=x, y=0, y2=height)


def layer(chart: Any) -> Layer:
    """A chart of Altair's as one layer among others."""
    made: Layer = chart.to_dict(validate=False, context={"top_level": False})  # a test validates: half the time
    return made


def _shape(kind: str, look: Mapping[str, Any], **places: float) -> Layer:
    encoding = {channel: {"value": pixel} for channel, pixel in places.items()}
    return {"data": {"name": NOTHING}, "mark": {"type": kind, **look}, "encoding": encoding}
