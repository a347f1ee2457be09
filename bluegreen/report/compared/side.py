"""One of the two traces, read and judged, with the name under which it stands on the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bluegreen.errors import UserError
from bluegreen.report.measured import measured
from bluegreen.report.story import Row, story
from bluegreen.report.summary import Summary, summarize
from bluegreen.report.trace import Sample, Trace, read_trace

Sides = tuple["Side", "Side"]


@dataclass(frozen=True, slots=True)
class Side:
    """`samples` are the trace's own, or what the engine measured."""

    name: str
    file: str
    trace: Trace
    samples: tuple[Sample, ...]
    rows: tuple[Row, ...]
    summary: Summary


def read_sides(first: Path, second: Path) -> Sides:
    """Both. Raises UserError when one is no trace, is damaged, or tells of no decision."""
    one, other = _read(first), _read(second)
    names = (_kind(one), _kind(other))
    names = ("first", "second") if names[0] == names[1] else names
    return _side(names[0], first, one), _side(names[1], second, other)


def unlike(sides: Sides) -> list[str]:
    """What else differs than what happened, in sentences: whoever compares should know."""
    (left, right), said = sides, []
    for key, what in (("plan", "plans"), ("scenario", "scenarios"), ("seed", "seeds")):
        values = [side.trace.header.get(key) for side in sides]
        if None not in values and values[0] != values[1]:
            said.append(f"Not the same {what}: {values[0]} and {values[1]}.")
    if left.trace.candidate != right.trace.candidate:
        said.append(f"Not the same candidates: {left.trace.candidate} and {right.trace.candidate}.")
    alone = [side for side in sides if not side.trace.rehearsed]
    if len(alone) == 1:
        said.append(f"Of {alone[0].name} only what CloudWatch told the engine is known, of the other all requests.")
    return said


def _read(path: Path) -> Trace:
    """Reading is lenient, and takes what it finds for what it should be: what is not, is found out here."""
    try:
        trace = read_trace(path)
        summarize(trace, trace.samples or measured(trace))
        story(trace)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UserError(f"{path}: this trace is damaged: {type(error).__name__}: {error}") from error
    if not trace.decisions:
        raise UserError(f"{path}: nothing was decided in this trace, so there is nothing to compare")
    return trace


def _kind(trace: Trace) -> str:
    if trace.header.get("stage"):
        return "drilled"
    return "rehearsed" if trace.header.get("scenario") else "deployed"


def _side(name: str, path: Path, trace: Trace) -> Side:
    samples = trace.samples or measured(trace)
    return Side(name, str(path), trace, samples, story(trace), summarize(trace, samples))
