"""Two traces at the same moments: samples tell of stretches, so that at each moment it is known which one counts."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from bluegreen.report.columns import Record
from bluegreen.report.compared.side import Side, Sides
from bluegreen.report.trace import Sample
from bluegreen.report.words import clock, share_of

MOMENTS = 400
"""More cannot be told apart at the figure's width."""
T = TypeVar("T")


def last_moment(sides: Sides) -> float:
    """When the later one ended, in seconds since the start."""
    return max(side.summary.finish or side.trace.lasted for side in sides)


def moments(sides: Sides) -> list[float]:
    """Seconds since the start, evenly over the longer of both."""
    end = max(last_moment(sides), 1.0)
    return [end * (n + 1) / MOMENTS for n in range(MOMENTS)]


def at(samples: Sequence[Sample], moment: float, value: Callable[[Sample], T], *, beyond: bool = False) -> T | None:
    """What the sample in which the moment lies says; `beyond` the last one, what that said."""
    index = bisect_left([sample.at for sample in samples], moment)
    if index == len(samples):
        return value(samples[-1]) if beyond and samples else None
    sample = samples[index]
    begun = not sample.length or moment > sample.at - sample.length - 1e-6
    return value(sample) if begun else None


def realised(side: Side) -> Callable[[Sample], float | None]:
    """The candidate's share of the requests."""
    candidate = side.trace.candidate
    return lambda sample: sample.share.get(candidate, 0.0) if sample.share else None


def failed_share(sample: Sample) -> float | None:
    """Of all requests."""
    asked = sum(sample.requests.values()) + sample.page + sample.unheard
    return (sum(sample.errors.values()) + sample.unheard) / asked if asked else None


def table(sides: Sides) -> list[Record]:
    """Both in one table for the figure: columns `left_...` and `right_...`."""
    rows: list[Record] = []
    before = 0.0
    for moment in moments(sides):
        row: Record = {"from": round(before / 60, 4), "minute": round(moment / 60, 4), "clock": clock(moment)}
        for key, side in zip(("left", "right"), sides, strict=True):
            row |= {f"{key}_{name}": _rounded(value) for name, value in _columns(side, moment).items()}
        rows.append(row)
        before = moment
    return rows


def _by_weight(side: Side, moment: float) -> float | None:
    """As the engine saw it last; a long sample knows the weights at its end alone."""
    looks = side.trace.decisions
    index = bisect_right([look.at for look in looks], moment) - 1
    ended = side.summary.finish is not None and moment > side.summary.finish
    return None if index < 0 or ended else share_of(looks[index].weights, side.trace.candidate)


def _columns(side: Side, moment: float) -> dict[str, float | None]:
    return {
        "share": at(side.samples, moment, realised(side)),
        "wish": _by_weight(side, moment),
        "failed": at(side.samples, moment, failed_share),
        "latency": at(side.samples, moment, lambda sample: max(sample.latency.values(), default=None)),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
