"""What a load test must stay within, and what follows from its figures. Pure: used by locust's own process, which
writes the verdict beside its results, and by the engine, which reads the figures and judges by its own limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, Share, show_duration, show_share

PERCENTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


class Limits(Spec):
    """What is not given is not judged."""

    failures_below: Share = 0.01
    """The share of requests that may fail."""
    p50_below: PositiveDuration | None = None
    p90_below: PositiveDuration | None = None
    p95_below: PositiveDuration | None = None
    p99_below: PositiveDuration | None = None
    rate_at_least: Annotated[float, Field(gt=0)] | None = None
    """Requests a second, over the whole run, that must have been made for the result to count."""
    reached_at_least: Share = 0.9
    """The share of the requests that the users' pace asks for (`loadtests/`); nothing for users without one."""
    requests_at_least: Annotated[int, Field(ge=1)] = 100
    """Fewer say nothing."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What locust counted. `rate`: requests a second; `percentiles`: milliseconds by names like p95; `asked`: requests
    that the users' pace asked for, where they have one."""

    requests: int
    failures: int
    rate: float
    percentiles: Mapping[str, float] = field(default_factory=dict)
    asked: float | None = None


@dataclass(frozen=True, slots=True)
class Generator:
    """How the load generator fared. `problems`: why its figures say nothing good. `saturated`: why it, and not the
    service, may have been slow; empty when it had time to spare."""

    problems: tuple[str, ...] = ()
    saturated: str = ""


@dataclass(frozen=True, slots=True)
class LoadRun:
    """All that is known of one run."""

    figures: Figures
    generator: Generator = Generator()


class Outcome(StrEnum):
    """Broken: beyond a limit. Invalid: nobody knows, since the generator did not do what was asked."""

    GOOD = "good"
    BROKEN = "broken"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Line:
    """One limit. `about`: the share of failures, the speed of answers, or the load itself."""

    name: str
    about: str
    limit: str
    seen: str
    kept: bool

    def __str__(self) -> str:
        return f"{self.name} {self.seen}, limit {self.limit}"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What follows, with every limit and the reasons."""

    outcome: Outcome
    why: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def only_load_missing(self) -> bool:
        """Whether no limit is broken but those of the load itself."""
        return all(line.kept or line.about == "load" for line in self.lines)


def rule(limits: Limits, run: LoadRun) -> Ruling:
    """Failed requests count even when the generator was in trouble: what is bad under too little load is bad. Slow
    answers and too few of them do not, since they may be its own fault."""
    figures, generator = run.figures, run.generator
    lines = (*_failures(limits, figures), *_speed(limits, figures), *_load(limits, figures))
    broken = [line for line in lines if not line.kept]
    enough = figures.requests >= limits.requests_at_least
    few = f"only {figures.requests} requests; {limits.requests_at_least} are needed to say anything"
    doubts = [*generator.problems, *([] if enough else [few])]
    if generator.saturated and any(line.about != "failures" for line in broken):
        doubts.append(generator.saturated)
    told = tuple(str(line) for line in broken)
    if enough and any(line.about == "failures" for line in broken):
        return Ruling(Outcome.BROKEN, told, lines)
    if doubts:
        return Ruling(Outcome.INVALID, tuple(doubts), lines)
    return Ruling(Outcome.BROKEN if broken else Outcome.GOOD, told, lines)


def _failures(limits: Limits, figures: Figures) -> list[Line]:
    share = figures.failures / figures.requests if figures.requests else 0.0
    kept = not figures.failures or share < limits.failures_below
    return [Line("failed requests", "failures", show_share(limits.failures_below), show_share(share), kept)]


def _speed(limits: Limits, figures: Figures) -> list[Line]:
    """A percentile that locust does not tell (no request at all) is not below its limit."""
    found = []
    for name in PERCENTILES:
        limit, ms = getattr(limits, f"{name}_below"), figures.percentiles.get(name)
        if limit is not None:
            seen = "unknown" if ms is None else f"{ms:.0f}ms"
            kept = ms is not None and ms < limit.total_seconds() * 1000
            found.append(Line(name, "speed", show_duration(limit), seen, kept))
    return found


def _load(limits: Limits, figures: Figures) -> list[Line]:
    found = []
    if (rate := limits.rate_at_least) is not None:
        found.append(Line("requests a second", "load", f"{rate:g}", f"{figures.rate:.4g}", figures.rate >= rate))
    if figures.asked:
        reached = figures.requests / figures.asked
        kept = reached >= limits.reached_at_least
        found.append(
            Line("reached load", "load", show_share(limits.reached_at_least), show_share(min(reached, 1.0)), kept)
        )
    return found
