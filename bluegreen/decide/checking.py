"""How far a check is: begun, looked at, repeated, given up. Shared by VERIFY and by hooks.

A run's name says where it belongs: `verify/smoke`, `hook/before-step/2/crm`; further attempts are `verify/smoke#2`.
What was found out is kept in the rollout, so that a check that has passed is not asked again after a crash; one that
was still running has died with its engine, and is begun again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from bluegreen.checks.accept import Accept
from bluegreen.checks.base import Case, Check
from bluegreen.hooks.spec import each_hook
from bluegreen.model import Action, CheckRun, CheckView, Observation, Rollout, RunCheck, StopCheck
from bluegreen.plan import Plan
from bluegreen.units import show_duration

GRACE = timedelta(minutes=1)
"""Who runs a check ends it at its time limit; so much later the engine does not wait for that any more."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a check stands: `state` is that of its last attempt."""

    rollout: Rollout
    state: str  # running | passed | failed | unknown
    why: str
    actions: tuple[Action, ...] = ()


def progress(place: str, check: Check, rollout: Rollout, seen: Observation, facts: Mapping[str, str]) -> Progress:
    """Begin the check when it was never begun; else take in what was seen of it."""
    name = _attempt(place, check, rollout)
    run = rollout.runs.get(name)
    if run is None:
        return _begin(name, check, rollout, seen, facts)
    if run.state != "running":
        return Progress(rollout, run.state, run.detail)
    return _go_on(name, run, check, rollout, seen, facts=facts)


def check_of(plan: Plan, run: str) -> Check:
    """The check that a run belongs to. Raises KeyError for a run that no part of the plan knows."""
    return dict(_all(plan))[run.partition("#")[0]]


def running(rollout: Rollout) -> tuple[str, ...]:
    """Runs that have been begun and have no end yet."""
    return tuple(sorted(name for name, run in rollout.runs.items() if run.state == "running"))


def give_up(rollout: Rollout, names: tuple[str, ...]) -> tuple[Rollout, tuple[Action, ...]]:
    """Nobody waits for these runs any more."""
    stopped = {name: replace(rollout.runs[name], state="stopped") for name in names}
    return replace(rollout, runs={**rollout.runs, **stopped}), tuple(StopCheck(name) for name in names)


def _all(plan: Plan) -> Iterator[tuple[str, Check]]:
    for check in plan.verify.checks:
        yield f"verify/{check.name}", check
    for stage, step, hook in each_hook(plan.hooks, len(plan.steps)):
        yield f"{hook_place(stage, step)}/{hook.check.name}", hook.check
    for command in plan.data.commands() if plan.data is not None else ():
        yield f"data/{command.name}", command
    for gate in plan.gates:
        if (asked := gate.check()) is not None:
            yield gate.run, asked


def hook_place(stage: str, step: int | None) -> str:
    """The first part of the names of a stage's runs. Steps count from 1, as people do."""
    return f"hook/{stage}" if step is None else f"hook/{stage}/{step + 1}"


def _attempt(place: str, check: Check, rollout: Rollout) -> str:
    """The name of the attempt that counts: the last one, or the next when that did not pass and may be repeated. What
    was stopped is not asked again."""
    names = [_numbered(f"{place}/{check.name}", number) for number in range(1, check.retries + 2)]
    for name in names:
        run = rollout.runs.get(name)
        if run is None or run.state in ("running", "passed", "stopped"):
            return name
    return names[-1]


def _numbered(name: str, attempt: int) -> str:
    return name if attempt == 1 else f"{name}#{attempt}"


def _begin(name: str, check: Check, rollout: Rollout, seen: Observation, facts: Mapping[str, str]) -> Progress:
    run = CheckRun(seen.at)
    rollout = _keep(rollout, name, run)
    view = check.judge(Case(seen, rollout, run))
    if view is None:
        return Progress(rollout, "running", f"{check.name} was begun", (RunCheck(name, facts),))
    return _take(name, run, check, rollout, view)


def _go_on(
    name: str, run: CheckRun, check: Check, rollout: Rollout, seen: Observation, *, facts: Mapping[str, str]
) -> Progress:
    case = Case(seen, rollout, run)
    view = check.judge(case)
    outside = view is None
    view = view or seen.checks.get(name)
    if view is not None and view.state == "absent":  # it died with an engine, or its beginning failed
        rollout = _keep(rollout, name, replace(run, began=seen.at))
        return Progress(rollout, "running", f"{check.name} is begun again", (RunCheck(name, facts),))
    if view is not None and view.state != "running":
        return _take(name, run, check, rollout, view)
    in_time = seen.at - run.began < check.timeout + GRACE if outside else case.waited < check.timeout
    if in_time or isinstance(check, Accept):
        detail = view.detail if view is not None else "it cannot be looked at"
        return Progress(_keep(rollout, name, run), "running", detail or f"{check.name} is running")
    late = f"no answer after {show_duration(check.timeout)}" + (f": {view.detail}" if view and view.detail else "")
    stop = (StopCheck(name),) if outside else ()
    return _take(name, run, check, rollout, CheckView("unknown" if outside else "failed", late), actions=stop)


def _take(
    name: str, run: CheckRun, check: Check, rollout: Rollout, view: CheckView, *, actions: tuple[Action, ...] = ()
) -> Progress:
    """What the view says is kept, and counts; one that may be repeated is begun at the next look."""
    if view.state in ("running", "absent"):
        return Progress(_keep(rollout, name, run), "running", view.detail, actions)
    assert view.state in ("passed", "failed", "unknown")
    rollout = _keep(rollout, name, replace(run, state=view.state, detail=view.detail))
    place = name.partition("#")[0].removesuffix(f"/{check.name}")
    if view.state != "passed" and _attempt(place, check, rollout) != name:
        return Progress(rollout, "running", f"{view.detail}; it is tried again", actions)
    return Progress(rollout, view.state, view.detail, actions)


def _keep(rollout: Rollout, name: str, run: CheckRun) -> Rollout:
    return rollout if rollout.runs.get(name) == run else replace(rollout, runs={**rollout.runs, name: run})
