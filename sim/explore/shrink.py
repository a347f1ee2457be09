"""A failing case made as small as it can be: fewest faults, shortest, weakest, roundest numbers.

Delta debugging on the data (Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE TSE 2002):
first whole faults go, then what is left of each becomes simpler, as long as it still fails in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sim.explore.case import Case
from sim.explore.simpler import simpler
from sim.faults.base import Fault

MOST_RUNS = 300
SEEDS = (1, 2, 3)
"""The plainest worlds; one of them is tried last."""


class Trials:
    """Asks whether a case still fails, each one once and not too many."""

    def __init__(self, fails: Callable[[Case], bool], most: int = MOST_RUNS) -> None:
        self._fails = fails
        self._known: dict[str, bool] = {}
        self.left = most

    def __call__(self, case: Case) -> bool:
        key = repr(case)
        if key not in self._known:
            if self.left <= 0:
                return False
            self.left -= 1
            self._known[key] = self._fails(case)
        return self._known[key]


def shrunk(case: Case, fails: Callable[[Case], bool], most: int = MOST_RUNS) -> Case:
    """The smallest case that was found to fail still, with `most` runs at most. `case` fails itself."""
    trials = Trials(fails, most)
    before = None
    while case != before:
        before = case
        case = replace(case, faults=_fewest(case, trials))
        case = _simplest(case, trials)
    return next((plain for seed in SEEDS if seed < case.seed and trials(plain := replace(case, seed=seed))), case)


def _fewest(case: Case, trials: Trials) -> tuple[Fault, ...]:
    """Zeller's ddmin without its complements' repetition: leave out ever smaller parts, down to single faults."""
    faults = case.faults
    size = len(faults)
    while size:
        at = 0
        while at < len(faults):
            rest = faults[:at] + faults[at + size :]
            if trials(replace(case, faults=rest)):
                faults = rest
            else:
                at += size
        size //= 2
    return faults


def _simplest(case: Case, trials: Trials) -> Case:
    """Each fault in turn takes the first simpler form that still fails, until none does."""
    for at in range(len(case.faults)):
        while (easier := _first(_with(case, at), trials)) is not None:
            case = easier
    return case


def _with(case: Case, at: int) -> Iterator[Case]:
    for form in simpler(case.faults[at]):
        yield replace(case, faults=_put(case.faults, at, form))


def _put(faults: Sequence[Fault], at: int, fault: Fault) -> tuple[Fault, ...]:
    return (*faults[:at], fault, *faults[at + 1 :])


def _first(cases: Iterator[Case], trials: Trials) -> Case | None:
    return next((case for case in cases if trials(case)), None)
