"""A trace, read: what was decided, what was seen, and what the world was like, on one clock.

A trace is JSON lines told apart by `kind`: the entries of a journal, and, when it was rehearsed, a header, samples
of the world, faults, broken invariants and an end. Reading is lenient: unknown kinds and fields are left out, so
older and newer traces stay readable. Times are seconds since the rollout started.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from bluegreen.errors import UserError

Line = Mapping[str, Any]
Numbers = Mapping[str, float]
Source = Path | str | Iterable[str] | Iterable[Line]


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: where the rollout stands then, what is done, and why."""

    at: float
    phase: str
    step: int
    why: str
    actions: tuple[Line, ...] = ()
    judgements: tuple[Line, ...] = ()
    weights: Numbers = field(default_factory=dict)  # as seen in this look
    end: str = ""
    paused: str = ""  # by whom


@dataclass(frozen=True, slots=True)
class Note:
    """Something else that happened, in one sentence: an action failed, an engine resumed, an invariant broke,
    an operator was answered."""

    at: float
    kind: Literal["failed", "resumed", "broken", "answered"]
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the rehearsal, from its strike until it healed (`None`: never). Some are a `moment`: what somebody
    did is done, and there is nothing to heal."""

    name: str
    about: str
    since: float
    until: float | None = None
    moment: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """Averages over the `length` seconds that end at `at`; rates per second, latencies in seconds, by slot.

    A slot or a number that was not measured is missing, which is not the same as zero.
    """

    at: float
    length: float
    demand: float | None = None
    page: float = 0.0  # requests that got the fallback's page: of all, and of neither slot
    unheard: float = 0.0  # requests that reached nobody: no answer from DNS, or a lost zone
    stale: float | None = None
    weights: Numbers = field(default_factory=dict)
    share: Numbers = field(default_factory=dict)
    requests: Numbers = field(default_factory=dict)
    errors: Numbers = field(default_factory=dict)
    slow: Numbers = field(default_factory=dict)
    latency: Numbers = field(default_factory=dict)  # p99
    capacity: Numbers = field(default_factory=dict)
    instances: Numbers = field(default_factory=dict)  # healthy ones


@dataclass(frozen=True, slots=True)
class Ran:
    """A check's last run: where and by which name, its answer, and what it said, line by line."""

    name: str
    answer: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trace:
    """All of it. `rehearsed` tells whether the samples are the world's own, or CloudWatch's as the engine saw it."""

    start: datetime
    live: str
    header: Line
    end: Line
    decisions: tuple[Decided, ...]
    notes: tuple[Note, ...]
    faults: tuple[Fault, ...]
    samples: tuple[Sample, ...]
    looks: tuple[tuple[float, Line], ...]  # what each decision had seen, raw
    lasted: float
    rehearsed: bool
    ran: tuple[Ran, ...] = ()

    @property
    def candidate(self) -> str:
        return "blue" if self.live == "green" else "green"

    @property
    def ended(self) -> str:
        """The rollout's end, or nothing while it has none."""
        own = self.end.get("end") or (self.decisions[-1].end if self.decisions else "")
        return str(own or "")

    def share_of_step(self, step: int) -> float | None:
        """The candidate's share in a step of the strategy, when the trace says it."""
        steps = self.header.get("steps") or []
        share = _get(steps[step], "share") if 0 <= step < len(steps) else None
        if isinstance(share, str):
            share = float(share.rstrip("%")) / 100
        return share


def read_trace(source: Source) -> Trace:
    """Read a trace from a file, or from its lines. Raises UserError with the file and what is wrong when it is none."""
    try:
        return _trace(list(_lines(source)))
    except UserError as error:
        if isinstance(source, (Path, str)):
            raise UserError(f"{source}: {error}") from error
        raise


def _trace(lines: list[Line]) -> Trace:
    times = [_time(line["at"]) for line in lines if line.get("at")]
    if not times:
        raise UserError("this is not a trace: no line of it has a time (`at`)")
    if not any(line.get("kind") in _TOLD for line in lines):
        raise UserError(
            f"this is not a trace: no line of it is of kind {', '.join(_TOLD)}; `bluegreen rehearse` and `bluegreen"
            " drill` write traces, `bluegreen deploy` journals"
        )
    started = next((line for line in lines if line.get("kind") == "started"), None)
    start = _time(started["at"]) if started else min(times)
    header = next((line for line in lines if line.get("kind") == "header"), {})
    decided = [line for line in lines if line.get("kind") == "decided"]
    samples = _samples(lines, start)
    return Trace(
        start=start,
        live=_live(header, started, decided),
        header=header,
        end=next((line for line in reversed(lines) if line.get("kind") == "end"), {}),
        decisions=tuple(_decided(line, start) for line in decided),
        notes=tuple(note for line in lines for note in _notes(line, start)),
        faults=_faults(lines, start),
        samples=samples,
        looks=tuple((_since(line, start), _dict(line.get("seen"))) for line in decided),
        lasted=max((max(times) - start).total_seconds(), 0.0),
        rehearsed=bool(samples),
        ran=tuple(_ran(decided[-1])) if decided else (),
    )


_TOLD = ("header", "started", "decided", "sample")


def _lines(source: Source) -> Iterable[Line]:
    if isinstance(source, (Path, str)):
        try:
            source = Path(source).read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise UserError(f"this trace cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise UserError("this is not a trace: it is not UTF-8 text") from error
    found = list(source)
    for number, line in enumerate(found, start=1):
        parsed = _parsed(line, number, last=number == len(found)) if isinstance(line, str) else line
        if isinstance(parsed, Mapping):
            yield parsed


def _parsed(line: str, number: int, last: bool) -> Any:
    if not line.strip():
        return None
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        if last:  # torn by a crash while it was written
            return None
        raise UserError(f"line {number} of the trace is not JSON: {error}") from error
    except RecursionError:
        raise UserError(f"line {number} of the trace is nested too deep") from None


def _decided(line: Line, start: datetime) -> Decided:
    decision = _dict(line.get("decision"))
    rollout = _dict(decision.get("rollout"))
    return Decided(
        at=_since(line, start),
        phase=str(rollout.get("phase", "")),
        step=int(rollout.get("step") or 0),
        why=str(decision.get("why", "")),
        actions=tuple(decision.get("actions") or ()),
        judgements=tuple(decision.get("judgements") or ()),
        weights=_numbers(_get(_get(line.get("seen"), "traffic"), "weights")),
        end=str(rollout.get("end") or ""),
        paused=str(_get(rollout.get("paused"), "who") or ""),
    )


_NOTES = {"failed": ("trouble", "what", "error"), "resumed": ("", "", "why"), "broken": ("", "invariant", "why")}


def _ran(last: Line) -> Iterable[Ran]:
    """The rollout keeps the answers of all checks that were begun."""
    runs = _dict(_get(_get(last.get("decision"), "rollout"), "runs"))
    for name, run in runs.items():
        said = str(_get(run, "detail") or "")
        yield Ran(str(name), str(_get(run, "state") or ""), tuple(filter(None, said.split(" / "))))


def _notes(line: Line, start: datetime) -> Iterable[Note]:
    """What a line has to tell beside what was decided: with a decision come answers to operators."""
    if line.get("kind") in _NOTES:
        yield _note(line, start)
    for answer in _get(line.get("decision"), "answers") or ():
        asked = _dict(_get(answer, "command"))
        what = f"{asked.get('who')} asked for {asked.get('verb')} ({asked.get('why')})"
        no = "" if _get(answer, "accepted") else "no: "
        yield Note(_since(line, start), "answered", what, f"{no}{_get(answer, 'why')}")


def _note(line: Line, start: datetime) -> Note:
    place, what, why = _NOTES[line["kind"]]
    said = _dict(line.get(place)) if place else line
    return Note(_since(line, start), line["kind"], str(said.get(what, "")), str(said.get(why, "")))


def _faults(lines: list[Line], start: datetime) -> tuple[Fault, ...]:
    found: list[Fault] = []
    for line in lines:
        if line.get("kind") != "fault":
            continue
        name, about, at = str(line.get("fault", "fault")), str(line.get("about") or ""), _since(line, start)
        if line.get("change") != "heals":
            found.append(Fault(name, about, at, moment=line.get("change") == "happens"))
        elif (healed := _open(found, name, about)) is not None:
            found[healed] = replace(found[healed], until=at)
    return tuple(found)


def _open(faults: list[Fault], name: str, about: str) -> int | None:
    """Which of the faults heals: the oldest that is alike, by its words too where they are told."""
    alike = (
        index
        for index, fault in enumerate(faults)
        if fault.name == name and fault.about == (about or fault.about) and fault.until is None and not fault.moment
    )
    return next(alike, None)


def _samples(lines: list[Line], start: datetime) -> tuple[Sample, ...]:
    own = [line for line in lines if line.get("kind") == "sample"]
    times = [_since(line, start) for line in own]
    gaps = [after - before for before, after in pairwise(times)]
    gaps = [*(gaps[:1] or [0.0]), *gaps]  # older traces do not say how long their samples are
    return tuple(_sample(line, at, gap) for line, at, gap in zip(own, times, gaps, strict=False))


def _sample(line: Line, at: float, gap: float) -> Sample:
    instances, seconds = _dict(line.get("instances")), _number(line.get("seconds"))
    return Sample(
        at=at,
        length=gap if seconds is None else seconds,
        demand=_number(line.get("demand")),
        page=_number(line.get("page")) or 0.0,
        unheard=_number(line.get("unheard")) or 0.0,
        stale=_number(line.get("stale")),
        weights=_numbers(line.get("weights")),
        share=_numbers(line.get("share")),
        requests=_numbers(line.get("requests")),
        errors=_numbers(line.get("errors")),
        slow=_numbers(line.get("slow")),
        latency=_numbers(line.get("latency_p99")),
        capacity=_numbers(line.get("capacity")),
        instances=_numbers({slot: _get(counts, "healthy") for slot, counts in instances.items()}),
    )


def _live(header: Line, started: Line | None, decided: list[Line]) -> str:
    rollouts = [_get(started, "rollout"), *(_get(line.get("decision"), "rollout") for line in decided[:1]), header]
    return next((str(live) for live in (_get(rollout, "live") for rollout in rollouts) if live), "blue")


def _since(line: Line, start: datetime) -> float:
    return (_time(line["at"]) - start).total_seconds() if line.get("at") else 0.0


def _time(text: Any) -> datetime:
    """Raises UserError."""
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        raise UserError(f"this trace is damaged: {text!r} is no time") from None
    if time.tzinfo is None:
        raise UserError(f"this trace is damaged: {text!r} has no time zone")
    return time


def _dict(value: Any) -> Line:
    return value if isinstance(value, Mapping) else {}


def _get(value: Any, key: str) -> Any:
    return _dict(value).get(key)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None


def _numbers(value: Any) -> dict[str, float]:
    return {str(slot): number for slot, raw in _dict(value).items() if (number := _number(raw)) is not None}
