"""Where a rollout stands, in calm words for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bluegreen.control.kept import AtWork, Line
from bluegreen.control.standing import Asked, Standing
from bluegreen.plan import Plan
from bluegreen.units import show_about, show_share

LAST = 5
"""So many of the last commands are shown."""


def show_standing(standing: Standing, now: datetime, plan: Plan | None = None) -> str:
    """A few lines, each with a name in front."""
    rows = list(standing_rows(standing, now, plan))
    width = max(len(name) for name, _ in rows)
    lines = ((name if number == 0 else "", line) for name, told in rows for number, line in enumerate(told))
    return "\n".join(f"{name:{width}}  {line}".rstrip() for name, line in lines)


def show_history(lines: Sequence[Line], now: datetime) -> str:
    """One line for each rollout, oldest first."""
    if not lines:
        return "no rollouts yet"
    width = max(len(line.rollout) for line in lines)
    ends = max(len(line.end or "not ended") for line in lines)
    return "\n".join(
        f"{line.rollout:{width}}  {line.started:%Y-%m-%d %H:%M} UTC  {line.end or 'not ended':{ends}}"
        f"  {show_about((line.ended or now) - line.started):>8}  {line.by}".rstrip()
        for line in lines
    )


Row = tuple[str, tuple[str, ...]]
"""A name, and the lines that are told under it."""


def standing_rows(standing: Standing, now: datetime, plan: Plan | None = None) -> Iterator[Row]:
    """All that can be said of a rollout, each under its name."""
    rollout = standing.rollout
    yield "rollout", (f"{rollout.id}: {rollout.candidate} is to replace {rollout.live}",)
    yield "begun", (f"{_ago(rollout.started, now)}{f', by {standing.by}' if standing.by else ''}",)
    if rollout.end is not None:
        yield "end", (f"{rollout.end}, {_ago(standing.last_word, now)}",)
    else:
        yield "phase", (f"{rollout.phase}{_step(standing, plan)}, since {show_about(now - rollout.since)}",)
    if rollout.paused is not None:
        yield "paused", (f"{_ago(rollout.paused.at, now)} by {rollout.paused.who}: {rollout.paused.why}",)
    if rollout.asked is not None:
        yield "asks", (f"{_ago(rollout.asked.at, now)}: {rollout.asked.what}",)
    if rollout.cause:
        yield "cause", (rollout.cause,)
    if standing.why:
        yield "why", (standing.why,)
    yield from _what_was_seen(standing, now)
    if rollout.end is None and standing.engine != AtWork(None):
        yield "engine", (show_engine(standing.engine, standing.last_word, standing.left, now),)
    if standing.trouble is not None:
        wrong = standing.trouble
        yield "trouble", (f"{_ago(wrong.at, now)}: {wrong.trouble.what}: {wrong.trouble.error}",)
    if standing.asked:
        yield "asked", tuple(_show_asked(asked) for asked in standing.asked[-LAST:])


def _what_was_seen(standing: Standing, now: datetime) -> Iterator[Row]:
    seen = standing.seen
    if seen is None:
        return
    if seen.weights is not None:
        weights = ", ".join(f"{slot} {weight}" for slot, weight in sorted(seen.weights.items()))
        known = "" if seen.in_sync else ", not yet known to be in force everywhere"
        yield "weights", (f"{weights}{known}; seen {_ago(seen.at, now)}",)
    if seen.healthy:
        yield "healthy", (", ".join(f"{slot} {count}" for slot, count in sorted(seen.healthy.items())),)
    if standing.judgements:
        yield "gates", tuple(f"{j.gate}: {j.verdict}: {j.why}" for j in standing.judgements)


def _step(standing: Standing, plan: Plan | None) -> str:
    step = standing.rollout.step
    if plan is None or plan.hash != standing.plan_hash or step >= len(plan.steps):
        return f", step {step + 1}"
    return f", step {step + 1} of {len(plan.steps)} ({show_share(plan.steps[step].share)})"


def show_engine(engine: AtWork, last_word: datetime, left: str, now: datetime) -> str:
    """Whether anybody works on it."""
    by = engine.by or "an engine"
    if engine.alive:
        return f"at work: {by}; last entry {_ago(last_word, now)}"
    if engine.alive is None and engine.renewed is not None:
        return f"{by}; said so {_ago(engine.renewed, now)} by its own clock, last entry {_ago(last_word, now)}"
    if left:
        return f"none: it was stopped {_ago(last_word, now)} ({left}); go on with `bluegreen resume`"
    return f"none: it died after its last entry, {_ago(last_word, now)}; go on with `bluegreen resume`"


def _show_asked(asked: Asked) -> str:
    command = asked.command
    when = f"{command.at:%H:%M:%S} " if command.at else ""
    why = f": {asked.why}" if asked.why else ""
    return f"{when}{command.verb} by {command.who} ({command.why}) - {asked.became}{why}"


def _ago(at: datetime, now: datetime) -> str:
    passed = now - at
    return "just now" if passed < timedelta(seconds=1) else f"{show_about(passed)} ago"
