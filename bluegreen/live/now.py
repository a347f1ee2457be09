"""Where a watched rollout stands now: what the page and the terminal both show. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bluegreen.control.standing import Standing
from bluegreen.control.words import Row, standing_rows
from bluegreen.model import Judgement, Slot
from bluegreen.plan import Plan
from bluegreen.report.measured import measured
from bluegreen.report.story import stage, story
from bluegreen.report.trace import Sample, Trace
from bluegreen.report.words import clock, share_of

DECISIONS = 5
"""So many of the last decisions are shown in a terminal."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the service a slot has: `part` of all, or None when that is not known."""

    name: str
    part: float | None


@dataclass(frozen=True, slots=True)
class Now:
    """All of it. `shares` are the candidate's."""

    stage: str
    clock: str
    """Hours and minutes since the start."""
    candidate: Slot
    live: Slot
    shares: tuple[Share, Share]
    rows: tuple[Row, ...]
    gates: tuple[Judgement, ...]
    decisions: tuple[tuple[str, str, str], ...]
    """The last ones, newest first: time, phase, why."""
    paused: bool
    end: str


def now_of(trace: Trace, standing: Standing, at: datetime, plan: Plan | None = None) -> Now:
    """What is shown of a rollout at a time."""
    rollout = standing.rollout
    samples = trace.samples or measured(trace)
    return Now(
        stage=stage(trace, rollout.phase, rollout.step) if rollout.end is None else str(rollout.end),
        clock=clock(trace.lasted),
        candidate=rollout.candidate,
        live=rollout.live,
        shares=(Share("by weight", _wish(standing, trace)), Share("realised", _realised(samples, trace))),
        rows=tuple(standing_rows(standing, at, plan)),
        gates=standing.judgements,
        decisions=tuple(_decisions(trace)),
        paused=rollout.paused is not None,
        end=str(rollout.end or ""),
    )


def _wish(standing: Standing, trace: Trace) -> float | None:
    weights = standing.seen.weights if standing.seen is not None else None
    return share_of({str(slot): float(weight) for slot, weight in (weights or {}).items()}, trace.candidate)


def _realised(samples: tuple[Sample, ...], trace: Trace) -> float | None:
    """What users last got, as far as it was measured."""
    return next((sample.share.get(trace.candidate, 0.0) for sample in reversed(samples) if sample.share), None)


def _decisions(trace: Trace) -> Iterator[tuple[str, str, str]]:
    told = [row for row in story(trace) if row.kind == "decision"]
    for row in reversed(told[-DECISIONS:]):
        yield clock(row.at), row.stage, ": ".join(part for part in (row.what, row.why) if part)
