"""The band above the panels: numbered decisions, the phases they lead through, and the faults of the world."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bluegreen.report.frame import FAULT, INK, LABEL, QUIET, Frame, Layer
from bluegreen.report.story import Row
from bluegreen.report.trace import Fault, Trace
from bluegreen.report.words import share

_ROW = 24
_BAR = 18
_DIAMOND = 8  # half of the mark of a moment, with some air


@dataclass(frozen=True, slots=True)
class Pill:
    """One or several decisions, too close to be told apart, as one numbered mark. Places are pixels."""

    first: int
    last: int
    at: float  # minutes: when the first of them was decided
    left: float
    right: float
    turn: bool  # goes back

    @property
    def text(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def pills(rows: Iterable[Row], frame: Frame) -> list[Pill]:
    """Marks that never overlap: close ones become one, but the first decision to go back always stands alone."""
    placed: list[Pill] = []
    turned = False
    for row in rows:
        if not row.number:
            continue
        turn = row.phase == "rollback" and not turned
        turned = turned or turn
        pill = _pill(row.number, row.number, row.at / 60, frame.x(row.at / 60) - _BAR / 2, turn)
        if placed and pill.left < placed[-1].right + 3:
            before = placed[-1]
            if not (turn or before.turn):
                placed[-1] = _pill(before.first, row.number, before.at, before.left)
                continue
            pill = _pill(row.number, row.number, row.at / 60, before.right + 3, turn)
        placed.append(pill)
    return placed


def _pill(first: int, last: int, at: float, left: float, turn: bool = False) -> Pill:
    pill = Pill(first, last, at, left, left, turn)
    return replace(pill, right=left + max(7.0 * len(pill.text) + 8, _BAR))


def strip(trace: Trace, rows: Sequence[Row], marks: Sequence[Pill], frame: Frame) -> Layer:
    """The band as a chart on the shared time axis."""
    lanes = _lanes(trace.faults, frame)
    layers = [*_pills(marks, frame), *_phases(trace, rows, frame)]
    names = ["decisions", "phase"]
    for index, (lane, fault) in enumerate(lanes):
        layers += _fault(fault, 2 + lane, frame)
        names += ["faults"] if index == 0 else []
    layers += [frame.text(name, -14, _middle(at), align="right", color=QUIET) for at, name in enumerate(names)]
    height = _ROW * (2 + max((lane for lane, _ in lanes), default=-1) + 1)
    return {"layer": layers, "width": frame.width, "height": height}


def _middle(row: int) -> float:
    return row * _ROW + _BAR / 2


def _pills(marks: Sequence[Pill], frame: Frame) -> Iterable[Layer]:
    for pill in marks:
        yield frame.box(
            pill.left, pill.right, 0, _BAR, fill=INK if pill.turn else "var(--paper)", stroke=INK, cornerRadius=9
        )
        middle = (pill.left + pill.right) / 2
        colour = "var(--paper)" if pill.turn else INK
        yield frame.text(pill.text, middle, _middle(0), align="center", color=colour, fontWeight="bold")


def _phases(trace: Trace, rows: Sequence[Row], frame: Frame) -> Iterable[Layer]:
    for begin, end, label, part in _bands(trace, rows):
        left, right = frame.x(begin / 60), frame.x(end / 60)
        back = label == "rollback"
        fill, opacity = (INK, 1.0) if back else (QUIET, 0.16)
        if part is not None:
            fill, opacity = f"var(--{trace.candidate})", 0.12 + 0.33 * part
        yield frame.box(left, max(right - 1, left + 1), _ROW, _ROW + _BAR, fill=fill, fillOpacity=opacity)
        if right - left > LABEL * len(label) + 4:
            colour = "var(--paper)" if back else INK
            yield frame.text(label, (left + right) / 2, _middle(1), align="center", color=colour)


def _bands(trace: Trace, rows: Sequence[Row]) -> list[tuple[float, float, str, float | None]]:
    """Begin and end in seconds, name, and the candidate's share when it is a step of the strategy."""
    bands: list[tuple[float, float, str, float | None]] = []
    for row in rows:
        if row.phase == "done" and bands:
            bands[-1] = (bands[-1][0], row.at, *bands[-1][2:])
        if row.kind != "decision" or row.phase == "done":
            continue
        of_step = row.phase in ("scale", "shift", "hold")
        part = trace.share_of_step(row.step) if of_step else None
        label = share(part) if part is not None else f"step {row.step + 1}" if of_step else row.phase
        if bands and bands[-1][2] == label:
            continue
        if bands:
            bands[-1] = (bands[-1][0], row.at, *bands[-1][2:])
        bands.append((row.at, trace.lasted, label, part))
    return bands


def _lanes(faults: Sequence[Fault], frame: Frame) -> list[tuple[int, Fault]]:
    """Each fault with the first lane in which its bar and its name have room."""
    free: list[float] = []
    placed = []
    for fault in sorted(faults, key=lambda fault: fault.since):
        left, right = _extent(fault, frame)
        lane = next((at for at, taken in enumerate(free) if taken <= left), len(free))
        free[lane : lane + 1] = [right]
        placed.append((lane, fault))
    return placed


def _extent(fault: Fault, frame: Frame) -> tuple[float, float]:
    """What its mark and its name take: the name is inside of a bar that is wide enough, else on the side with room."""
    (left, right), named = _mark(fault, frame), _named(fault)
    if right - left >= named:
        return left, right + 4
    return (left, right + named) if right + named <= frame.width else (left - named, right + 4)


def _named(fault: Fault) -> float:
    return LABEL * len(fault.name) + 12


def _mark(fault: Fault, frame: Frame) -> tuple[float, float]:
    """From where to where its bar or diamond reaches."""
    left, right = frame.span(fault)
    return (left - _DIAMOND, right + _DIAMOND) if fault.moment else (left, right)


def _fault(fault: Fault, row: int, frame: Frame) -> Iterable[Layer]:
    left, right = _mark(fault, frame)
    top = row * _ROW
    if fault.moment:
        yield frame.diamond((left + right) / 2, _middle(row), fill=FAULT, stroke=FAULT, size=80, opacity=1)
    else:
        yield frame.box(left, right, top, top + _BAR, fill=FAULT, fillOpacity=0.3, stroke=FAULT, strokeDash=[3, 2])
    at, align = left - 4, "right"
    if right - left >= _named(fault):
        at, align = left + 6, "left"
    elif right + _named(fault) <= frame.width:
        at, align = right + 4, "left"
    yield frame.text(fault.name, at, _middle(row), align=align, color=INK)
