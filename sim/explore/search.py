"""explore: run cases, keep what failed, shrink it, and say what was reached."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice

from bluegreen.clock import stopwatch
from sim.explore.baseline import baseline
from sim.explore.budget import Budget
from sim.explore.case import Case, weight
from sim.explore.difference import Difference, difference_of
from sim.explore.findings import Finding, Findings, Stopped
from sim.explore.modes import MODES, Space, all_kinds
from sim.explore.outcome import Failure, Outcome, Surprise, outcome_of
from sim.explore.shrink import shrunk
from sim.faults.base import Fault
from sim.material import Material
from sim.reached import marks
from sim.workers import Here, Workers, WorkersLost

ALIKE = 2
"""Of failures that look alike so many are shrunk: they may have another cause."""

OnProgress = Callable[[Findings], None]
"""Told after each run how far it is; what was found is not shrunk to the end yet."""


def explore(
    material: Material,
    budget: Budget,
    mode: str = "random",
    *,
    workers: Workers | None = None,
    kinds: Sequence[str] = (),
    pairs: Sequence[Fault] = (),
    shrink: bool = True,
    on_progress: OnProgress = lambda so_far: None,
) -> Findings:
    """Look for failures of the material's rollout, on its tier, from its seed on. See the package for an example.
    The first run is undisturbed: when it fails, that is the only finding. Ctrl-C ends it with what was found so far,
    and so does the loss of all workers. Raises UserError when the rollout cannot begin in that world."""
    search = Search(material, budget, shrink)
    search.take(undisturbed := Case(material.seed), outcome_of(material, undisturbed))
    if search.failed:
        search.stopped = "undisturbed"
        return search.findings()
    drawn = tuple(kinds) or all_kinds(data=material.plan.data is not None)
    space = Space(material, baseline(material), drawn, tuple(pairs))
    try:
        with closing(_outcomes(space, mode, budget, workers or Here())) as outcomes:
            for case, outcome in outcomes:
                search.take(case, outcome)
                on_progress(search.findings())
                if search.over:
                    break
    except KeyboardInterrupt:
        search.stopped = "interrupted"
    except WorkersLost as lost:
        search.stopped, search.lost = "workers lost", str(lost)
    return search.findings()


def _outcomes(space: Space, mode: str, budget: Budget, workers: Workers) -> Generator[tuple[Case, Outcome], None, None]:
    """In the order of the cases."""
    tried: deque[Case] = deque()

    def cases() -> Iterator[Case]:
        for case in islice(MODES[mode](space), budget.runs and budget.runs - 1):
            tried.append(case)
            yield case

    with closing(workers.results(outcome_of, space.material, cases())) as results:
        for outcome in results:
            yield tried.popleft(), outcome


@dataclass(slots=True)
class Search:
    """What is known so far."""

    material: Material
    budget: Budget
    shrink: bool
    stopped: Stopped = "all tried"
    lost: str = ""
    runs: int = 0
    failed: int = 0
    reached: Counter[str] = field(default_factory=Counter)
    found: dict[tuple[str, str], Finding] = field(default_factory=dict)
    alike: Counter[str] = field(default_factory=Counter)
    asked: Callable[[], timedelta] = field(default_factory=stopwatch)

    def take(self, case: Case, outcome: Outcome) -> None:
        """One more run."""
        self.runs += 1
        self.reached.update(outcome.reached)
        if outcome.failure is not None:
            self.failed += 1
            self._failed(case, outcome.failure)

    @property
    def over(self) -> bool:
        """Whether the budget is spent; says by what."""
        budget = self.budget
        if budget.failures is not None and len(self.found) >= budget.failures:
            self.stopped = "failures"
        elif budget.runs is not None and self.runs >= budget.runs:
            self.stopped = "runs"
        elif budget.time is not None and self.asked() >= budget.time:
            self.stopped = "time"
        return self.stopped != "all tried"

    def findings(self) -> Findings:
        counted = {name: self.reached[name] for name in marks()}
        found = tuple(sorted(self.found.values(), key=lambda finding: (finding.cause, weight(finding.case))))
        seconds = self.asked().total_seconds()
        return Findings(found, self.runs, self.failed, seconds, counted, self.stopped, self.lost)

    def _failed(self, case: Case, failure: Failure) -> None:
        """Shrink it, unless enough of its like were; what has the same cause is one finding."""
        self.alike[failure.signature] += 1
        if self.alike[failure.signature] > ALIKE:
            self._count(failure)
            return
        try:
            smallest, now = self._smallest(case, failure) if self.shrink else (case, failure)
        except KeyboardInterrupt:  # as it is, then
            self._keep(Finding(failure, case, case, run=self.runs))
            raise
        self._keep(Finding(now, smallest, case, run=self.runs))

    def _keep(self, finding: Finding) -> None:
        old = self.found.get(finding.cause)
        if old is None:
            self.found[finding.cause] = finding  # whatever comes of the comparison
            self.found[finding.cause] = replace(finding, difference=self._difference(finding.case))
        else:
            better = min(old, replace(finding, difference=old.difference), key=lambda one: weight(one.case))
            self.found[finding.cause] = replace(better, first=old.first, run=old.run, times=old.times + 1)

    def _count(self, failure: Failure) -> None:
        """One more of a finding that looks like it."""
        for cause, finding in self.found.items():
            if finding.failure.what == failure.what:
                self.found[cause] = replace(finding, times=finding.times + 1)
                return

    def _smallest(self, case: Case, failure: Failure) -> tuple[Case, Failure]:
        def fails(smaller: Case) -> bool:
            again = outcome_of(self.material, smaller).failure
            return again is not None and again.what == failure.what

        smallest = shrunk(case, fails)
        again = outcome_of(self.material, smallest).failure
        assert again is not None, f"the same case went well this time: {smallest}"
        return smallest, again

    def _difference(self, case: Case) -> Difference | None:
        """An engine that died of an error leaves no journal to compare."""
        if not self.shrink:
            return None
        with Surprise():
            return difference_of(self.material, case)
        return None
