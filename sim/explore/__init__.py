"""Exploration: many runs of one rollout, each with other faults, to find what breaks it.

    explore(material, budget, mode="random", *, workers=None, kinds=(), pairs=(), shrink=True, on_progress=...)
        -> Findings

    from sim.explore import Budget, explore
    from sim.material import material
    from sim.scenario import first

    found = explore(material(first(), None), Budget(runs=200, failures=1))
    for finding in found.findings:
        print(finding.failure.what, finding.failure.why, finding.case.faults)

`material(scenario file, rollout file or None, seed, tier)` says what is explored; `dataclasses.replace(it, plant=...)`
gives an engine that is broken on purpose: a function, known to other processes by its name, that returns a context
manager which is entered around each run. `mode` is one of `MODES`: random, single, calls, pairs. `workers` are
`Here()`, `Processes(n)` or `sim.workers.dask.Dask(...)`: the results are the same. `kinds` names the kinds of
faults that are drawn. A `Finding` has its `failure` (what, why, phase), the smallest `case` (seed, faults), the `run`
that found it, and the first `difference` from a run that went well. The first run is undisturbed: when it fails, it is
the only finding, with a case of no faults. Raises UserError when the rollout cannot begin in that world.
"""

from sim.explore.budget import Budget
from sim.explore.case import Case
from sim.explore.findings import Finding, Findings
from sim.explore.modes import MODES
from sim.explore.outcome import Failure, Outcome
from sim.explore.search import explore
from sim.workers import Here, Processes

__all__ = ["MODES", "Budget", "Case", "Failure", "Finding", "Findings", "Here", "Outcome", "Processes", "explore"]
