"""What happened, told in rows: decisions that changed something, each with a number; what only waited, folded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from bluegreen.report.trace import Decided, Line, Trace
from bluegreen.report.words import deed, share, share_of

Kind = Literal["decision", "wait", "failed", "resumed", "broken", "answered", "strikes", "heals", "happens"]

_OF_A_STEP = {"scale", "shift", "hold"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the story. A `wait` row stands for all the decisions that it has `folded`."""

    at: float
    kind: Kind
    what: str
    why: str
    stage: str = ""  # the phase, with the candidate's share when it belongs to a step
    phase: str = ""
    step: int = 0
    plain: bool = False  # only goes on to another phase
    number: int = 0  # decisions only, from 1
    judgements: tuple[Line, ...] = ()
    folded: tuple[Decided, ...] = ()


def story(trace: Trace) -> tuple[Row, ...]:
    """All rows, oldest first. Each reason of the trace is in one of them."""
    rows = sorted([*_decisions(trace), *_others(trace)], key=lambda row: row.at)
    return tuple(_numbered(_folded(rows)))


def stage(trace: Trace, phase: str, step: int) -> str:
    """`hold 30%`, `bake`."""
    part = trace.share_of_step(step) if phase in _OF_A_STEP else None
    return f"{phase} {share(part)}" if part is not None else phase


def candidate_share(trace: Trace, decided: Decided) -> float | None:
    """The candidate's share by the weights that this look saw."""
    return share_of(decided.weights, trace.candidate)


def _decisions(trace: Trace) -> Iterable[Row]:
    before: tuple[str, int] | None = None
    last_deeds = ""
    for decided in trace.decisions:
        here = (decided.phase, decided.step if decided.phase in _OF_A_STEP else 0)
        deeds = "; ".join(deed(action) for action in decided.actions)
        moved = here != before
        changed = moved or decided.end or (deeds and deeds != last_deeds)
        label = stage(trace, decided.phase, decided.step)
        yield Row(
            at=decided.at,
            kind="decision" if changed else "wait",
            what=deeds or (decided.end or f"go on to {label}" if moved else ""),
            why=decided.why,
            stage=label,
            phase=decided.phase,
            plain=bool(changed) and not deeds and not decided.end,
            step=decided.step,
            judgements=decided.judgements,
            folded=(decided,),
        )
        last_deeds = deeds if moved else deeds or last_deeds
        before = here


def _others(trace: Trace) -> Iterable[Row]:
    for note in trace.notes:
        yield Row(note.at, note.kind, note.what, note.why)
    names = [fault.name for fault in trace.faults]
    for fault in trace.faults:
        yield Row(fault.since, "happens" if fault.moment else "strikes", fault.name, fault.about)
        if fault.until is not None:
            yield Row(fault.until, "heals", fault.name, fault.about if names.count(fault.name) > 1 else "")


def _folded(rows: Iterable[Row]) -> list[Row]:
    told: list[Row] = []
    for row in rows:
        before = told[-1] if told else None
        if before and row.kind == before.kind == "wait" and row.what == before.what:
            told[-1] = replace(row, at=before.at, folded=before.folded + row.folded)
        elif before and before.plain and row.kind == "decision" and row.stage == before.stage:
            told[-1] = _entered_and_acted(before, row)
        else:
            told.append(row)
    return told


def _entered_and_acted(entered: Row, acted: Row) -> Row:
    judgements = (*entered.judgements, *(one for one in acted.judgements if one not in entered.judgements))
    return replace(acted, at=entered.at, why=f"{entered.why}; {acted.why}", judgements=judgements)


def _numbered(rows: Iterable[Row]) -> Iterable[Row]:
    number = 0
    for row in rows:
        number += row.kind == "decision"
        yield replace(row, number=number) if row.kind == "decision" else row
