"""How long a rollout takes, phase by phase: as expected, and at the worst.

Expected is what the engine needs where all goes well (`walk`). At the worst every time limit of the plan is used up:
deadlines; for each hold the time that users may take to follow, and a gate's patience; checks and hooks with all their
attempts. Somebody who moves weights by hand, or pauses, can make it longer still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.checks.base import Check
from bluegreen.data.base import Moment, limit_of
from bluegreen.hooks.spec import Stage, each_hook
from bluegreen.model import Phase
from bluegreen.plan import Plan
from bluegreen.preview.walk import Walk

NONE = timedelta(0)
FORWARD = (Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN, Phase.RETIRE)
STAGES: dict[Stage, Phase] = {
    "before-provision": Phase.PROVISION,
    "before-verify": Phase.PROVISION,
    "before-shift": Phase.SCALE,
    "before-step": Phase.SCALE,
    "after-step": Phase.HOLD,
    "before-bake": Phase.HOLD,
    "before-retire": Phase.DRAIN,
    "ended": Phase.RETIRE,
}
"""In which phase a stage's hooks are waited for."""

MOMENTS: dict[Phase, tuple[Moment, ...]] = {
    Phase.PROVISION: ("before-provision",),
    Phase.SCALE: ("before-shift",),
    Phase.DRAIN: ("before-retire",),
}
"""In which phase the data's tasks are waited for."""


@dataclass(frozen=True, slots=True)
class Times:
    """One phase, all its visits together."""

    phase: Phase
    expected: timedelta
    worst: timedelta
    limits: str
    """What the worst is made of."""


def times_of(plan: Plan, walk: Walk) -> tuple[Times, ...]:
    """Each phase of a rollout that succeeds, in its order."""
    return tuple(Times(phase, walk.spent(phase), *worst(plan, phase)) for phase in FORWARD)


def worst(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    """At the most, and what that is made of."""
    length, words = _LIMITS.get(phase, _deadline)(plan, phase)
    hooks = [hook.check for stage, _, hook in each_hook(plan.hooks, len(plan.steps)) if STAGES.get(stage) is phase]
    if hooks:
        length, words = length + _all(hooks), f"{words}, {len(hooks)} hooks"
    if plan.data is not None:
        tasks = [task for moment in MOMENTS[phase] for task in plan.data.tasks(moment)] if phase in MOMENTS else []
        length = length + sum((limit_of(task, plan.data) for task in tasks), NONE)
        words = f"{words}, the data" if tasks else words
    return length, words


def _deadline(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    return plan.deadlines.of(phase) or NONE, "its deadline"


def _each_step(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    count = len(plan.steps)
    return count * (plan.deadlines.of(phase) or NONE), f"its deadline, {count} times"


def _verify(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    length, words = _deadline(plan, phase)
    checks = plan.verify.checks
    return (length + _all(checks), f"{words}, {len(checks)} checks") if checks else (length, words)


def _hold(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    more = plan.moved.within + _patience(plan)
    words = "each hold, users who follow late, gates that wait"
    return sum((step.hold + more for step in plan.steps), NONE), words + _asks(plan)


def _bake(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    return plan.bake + _patience(plan), "the bake, gates that wait" + _asks(plan)


def _drain(plan: Plan, phase: Phase) -> tuple[timedelta, str]:
    return plan.drain.ceiling + plan.ask_for, "its ceiling, a question nobody answers"


_LIMITS: dict[Phase, Callable[[Plan, Phase], tuple[timedelta, str]]] = {
    Phase.VERIFY: _verify,
    Phase.SCALE: _each_step,
    Phase.SHIFT: _each_step,
    Phase.HOLD: _hold,
    Phase.BAKE: _bake,
    Phase.DRAIN: _drain,
}


def _patience(plan: Plan) -> timedelta:
    asks = plan.ask_for if plan.on_unknown == "ask" else NONE
    return max(gate.max_wait for gate in plan.gates) + asks


def _asks(plan: Plan) -> str:
    return ", a person who is asked" if plan.on_unknown == "ask" else ""


def _all(checks: list[Check] | tuple[Check, ...]) -> timedelta:
    return sum((check.timeout * (1 + check.retries) for check in checks), NONE)
