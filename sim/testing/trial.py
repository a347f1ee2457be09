"""rehearse(scenario): one run of a property test, judged: invariants hold, there is a named end, expectations are met.

What was tried last is remembered: when a test fails, Hypothesis has just repeated the smallest example, and whoever
saves failures (the pytest plugin) finds it here, whichever assertion it was that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from bluegreen.model import End
from bluegreen.plan import Plan
from bluegreen.report.summary import Summary
from sim.expect import Expectation, verdict
from sim.invariants import Broken
from sim.rehearsal import judged, summary_of
from sim.run import Run, run
from sim.scenario import Expect
from sim.testing.aside import aside
from sim.testing.drawn import Drawn
from sim.testing.recent import RECENT
from sim.tiers import Tier


@dataclass(frozen=True)
class Tried:
    """What a run gave. `run` holds all of it."""

    scenario: Drawn
    plan: Plan
    run: Run

    def __repr__(self) -> str:
        return f"<rehearsed: {self.end or 'no end'}>"

    @property
    def end(self) -> End | None:
        return self.run.rollout.end

    @property
    def broken(self) -> tuple[Broken, ...]:
        return self.run.broken

    @cached_property
    def summary(self) -> Summary:
        """Harm, and the times to detect, recover and finish. Worked out when somebody asks."""
        return summary_of(self.run)

    @property
    def failed_share(self) -> float:
        """The share of all requests that failed."""
        return self.summary.harm.failed_share if self.summary.harm else 0.0

    @cached_property
    def expectations(self) -> tuple[Expectation, ...]:
        return judged(self.scenario.expect, self.run)

    @property
    def verdict(self) -> str:
        return verdict(self.expectations, bool(self.broken), self.end)


class Broke(AssertionError):
    """A run that must not be so. Each invariant and expectation has a subclass of its own, so that Hypothesis takes
    them for different failures, and shrinks each by itself."""

    def __init__(self, tried: Tried, why: str) -> None:
        super().__init__(why)
        self.tried = tried


def rehearse(scenario: Drawn, *, tier: Tier = Tier.MEMORY, expect: Mapping[str, Any] | None = None) -> Tried:
    """Rehearse and judge. `expect`: as in a scenario file; it becomes part of the scenario, so that the saved file
    expects it too. Raises Broke, UserError."""
    __tracebackhide__ = True
    whole = scenario if expect is None else scenario.model_copy(update={"expect": Expect.model_validate(dict(expect))})
    RECENT.tries(whole, tier)
    with aside():
        tried = Tried(whole, whole.plan, run(whole, whole.plan, whole.seed, tier=tier))
        judge(tried)
    return tried


def judge(tried: Tried) -> None:
    """Raises Broke: the first invariant that did not hold, no end in time, or the first expectation that was missed."""
    __tracebackhide__ = True
    for broken in tried.broken:
        raise _kind(broken.invariant)(tried, f"{broken.invariant}: {broken.why}")
    if tried.end is None:
        phase = tried.run.rollout.phase
        raise _kind("no end")(tried, f"it has not ended after {tried.scenario.give_up_after}: it is in {phase}")
    for missed in (each for each in tried.expectations if not each.met):
        raise _kind(missed.name)(tried, f"{missed.name}: wanted {missed.wanted}, got {missed.got}")


@cache
def _kind(what: str) -> type[Broke]:
    name = "".join(word.capitalize() for word in what.split() if word.isalnum())
    return type(name, (Broke,), {"__module__": __name__})
