"""What was seen -> whether a rollout is safe, and the earliest safe moment of each step. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bluegreen.schema.outcome import Checked, Failure, Meeting, Rows, State, Step, Undone, Version

VALUES = ("table ", "column ")
"""What has values in it, by its name in a shape."""


class Answer(StrEnum):
    """Whether old and new code can both serve while the schema changes."""

    WORKS = "works"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Moment:
    """When a step may be applied. `safe`: whether there is such a moment at all; `back`: what going back would need."""

    step: str
    safe: bool
    when: str
    back: str


@dataclass(frozen=True, slots=True)
class Judged:
    """The answer, why, and each step's moment."""

    answer: Answer
    why: tuple[str, ...]
    moments: tuple[Moment, ...]


def judge(checked: Checked) -> Judged:
    """From what was seen."""
    moments = tuple(_moments(checked))
    baseline = [m for m in _meetings(checked, State.BEFORE, Version.OLD) if m.rows.by is Version.OLD]
    if wrong := [failure for meeting in baseline for failure in meeting.failures]:
        first = f"old code does not work with the schema of today, so nothing follows from the rest: {wrong[0]}"
        return Judged(Answer.UNKNOWN, (first,), moments)
    why = tuple(_why(checked))
    return Judged(Answer.FAILS if why else Answer.WORKS, why, moments)


def shared_state(checked: Checked) -> State:
    """The state in which both versions serve."""
    return State.EXPANDED if State.EXPANDED in checked.states or _steps(checked, "expand") else State.BEFORE


def meetings_in(checked: Checked, state: State, reader: Version, by: Version) -> list[Meeting]:
    """One cell of the matrix."""
    return [m for m in _meetings(checked, state, reader) if m.rows.by is by]


def works(checked: Checked, state: State, reader: Version, by: Version | None = None) -> bool:
    """Whether a version works in a state, with rows of one version, or of both. What was never tried does not."""
    found = [m for m in _meetings(checked, state, reader) if by is None or m.rows.by is by]
    return bool(found) and not any(m.failures for m in found)


def _why(checked: Checked) -> Iterator[str]:
    """Everything for which the rollout is not safe."""
    shared = shared_state(checked)
    for step in checked.steps:
        if step.failure is not None and (step.rows is None or _can_be(checked, step.rows)):
            yield f"{step.name} fails{_with(step)}: {step.failure}"
    needed = [(shared, Version.OLD), (shared, Version.NEW), (State.CONTRACTED, Version.NEW)]
    for state, reader in dict.fromkeys(needed):
        for meeting in _meetings(checked, state, reader):
            if _can_be(checked, meeting.rows):
                for failure in own_failures(checked, meeting):
                    yield f"{reader} code, {state}, {rows_words(meeting)}: {failure}"


def own_failures(checked: Checked, meeting: Meeting) -> tuple[Failure, ...]:
    """Those that the reader does not have by itself in that state, too."""
    alone = Rows(meeting.reader, meeting.state)
    if meeting.rows == alone:
        return meeting.failures
    found = (m.failures for m in _meetings(checked, meeting.state, meeting.reader) if m.rows == alone)
    known = {(failure.where, failure.code) for failures in found for failure in failures}
    return tuple(failure for failure in meeting.failures if (failure.where, failure.code) not in known)


def rows_words(meeting: Meeting) -> str:
    """Which rows were there."""
    rows = meeting.rows
    if rows.by is meeting.reader and rows.at is meeting.state:
        return "its own rows"
    then = "" if rows.at is meeting.state else f" ({rows.at})"
    return f"{'its own rows' if rows.by is meeting.reader else f'rows of {rows.by} code'}{then}"


def _can_be(checked: Checked, rows: Rows) -> bool:
    """Whether a rollout that keeps to the moments has such rows: new code writes nothing before the expand, and old
    code that does not work after the contract writes nothing there."""
    if rows == Rows(Version.NEW, State.BEFORE):
        return shared_state(checked) is State.BEFORE
    if rows == Rows(Version.OLD, State.CONTRACTED):
        return works(checked, State.CONTRACTED, Version.OLD, Version.OLD)
    return True


def _moments(checked: Checked) -> Iterator[Moment]:
    names = dict.fromkeys(step.name for step in checked.steps)
    for name in names:
        yield Moment(name, *(_expand(checked) if name == "expand" else _contract(checked)), _back(checked, name))


def _expand(checked: Checked) -> tuple[bool, str]:
    if failure := _failure(checked, "expand"):
        return False, f"never as it is: {failure}"
    broken = next(_broken(checked, State.EXPANDED, Version.OLD), None)
    if broken is not None:
        return False, f"never while old code serves, which does not work with it: {broken}"
    if works(checked, State.BEFORE, Version.NEW) and not _late_expand_fails(checked):
        return True, "at any time: old code works with it, and new code works without it too"
    return True, "before any user reaches new code, which does not work without it; old code works with it"


def _contract(checked: Checked) -> tuple[bool, str]:
    if failure := _failure(checked, "contract"):
        return False, f"never as it is: {failure}"
    broken = next(_broken(checked, State.CONTRACTED, Version.NEW), None)
    if broken is not None or State.CONTRACTED not in checked.states:
        return False, f"never with this new code, which does not work with it: {broken or 'it was not reached'}"
    if works(checked, State.CONTRACTED, Version.OLD):
        return True, "at any time: old code works with it, so going back stays possible"
    first = next(failure for m in _meetings(checked, State.CONTRACTED, Version.OLD) for failure in m.failures)
    return True, (
        "only when going back has been given up and no old code is reached any more: the point of no return. Old code"
        f" does not work with it: {first}"
    )


def _back(checked: Checked, name: str) -> str:
    """What undoing it, or going back behind it, would need."""
    state = State.EXPANDED if name == "expand" else State.CONTRACTED
    told = [f"taking it back {_how(undone)}" for undone in (u for u in checked.undone if u.step == name)]
    if works(checked, state, Version.OLD):
        return "; ".join(["code can go back and leave it in place", *told])
    if name not in checked.changes:
        return "; ".join(told) or "it was not reached"
    if gone := checked.changes[name].gone:
        told.append(f"what is gone: {', '.join(gone)}")
    if any(each.startswith(VALUES) for each in gone):
        told.append("values are gone with it, and come back only from a backup or a copy")
    if not told:
        told.append("old code does not work with it, and no undo is given")
    return "; ".join(told)


def _how(undone: Undone) -> str:
    if undone.works:
        return "works: the schema is what it was, and old code works with what new code wrote"
    if undone.failure is not None:
        return f"fails: {undone.failure}"
    if undone.old:
        return f"leaves old code broken: {undone.old[0]}"
    left = undone.left
    return f"leaves the schema different: {', '.join((*left.added, *left.gone, *left.changed))}"


def _failure(checked: Checked, name: str) -> str:
    for step in _steps(checked, name):
        if step.failure is not None and (step.rows is None or _can_be(checked, step.rows)):
            return f"it fails{_with(step)}: {step.failure}"
    return ""


def _with(step: Step) -> str:
    return f" on rows of {step.rows.by} code ({step.rows.at})" if step.rows is not None else ""


def _steps(checked: Checked, name: str) -> list[Step]:
    return [step for step in checked.steps if step.name == name]


def _broken(checked: Checked, state: State, reader: Version) -> Iterator[Failure]:
    """What fails of what a rollout would meet."""
    for meeting in _meetings(checked, state, reader):
        if _can_be(checked, meeting.rows):
            yield from meeting.failures


def _late_expand_fails(checked: Checked) -> bool:
    """Whether the expand, or what comes after it, does not bear rows that new code wrote before it."""
    early = Rows(Version.NEW, State.BEFORE)
    return any(step.failure for step in checked.steps if step.rows == early) or any(
        meeting.failures for meeting in checked.meetings if meeting.rows == early and meeting.state is State.EXPANDED
    )


def _meetings(checked: Checked, state: State, reader: Version) -> list[Meeting]:
    return [m for m in checked.meetings if m.state is state and m.reader is reader]
