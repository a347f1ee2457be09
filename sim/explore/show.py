"""Findings on the terminal, in a few lines each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.explore.corpus import Kept, replay
from sim.explore.findings import Findings

SHOWN = 8
"""Names of marks that were never reached: so many are listed."""


def lines(found: Findings, kept: Sequence[Kept]) -> Iterator[str]:
    """What was found, what was reached, and last the count."""
    for one in kept:
        finding = one.finding
        yield f"✗ {finding.failure.what}: {finding.failure.why}"
        yield from (f"    {fault.about}" for fault in finding.case.faults)
        if not finding.case.faults:
            yield "    without any fault on top"
        if finding.difference:
            yield f"    first difference at {finding.difference}"
        found_in = f"{finding.times} of the runs; the first was run {finding.run}"
        yield f"    {found_in}; on the moto tier {finding.confirmed or 'not tried'}"
        yield f"    {replay(one.path, memory=True)}{'  (was known)' if one.old else ''}"
    never = [name for name, times in found.reached.items() if not times]
    some = ", ".join(never[:SHOWN]) + (f" and {len(never) - SHOWN} more" if len(never) > SHOWN else "")
    yield f"reached {len(found.reached) - len(never)} of {len(found.reached)} situations" + (
        f"; never: {some}" if never else ""
    )
    causes = "1 cause" if len(found.findings) == 1 else f"{len(found.findings)} causes"
    yield f"{found.runs} runs, {found.rate:.1f} a second, {found.failed} failed, {causes}; ended by: {found.stopped}"
