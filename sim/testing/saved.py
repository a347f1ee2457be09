"""What failed, for a person: the scenario file that replays it, the report, and one page of text."""

from __future__ import annotations

import shlex
from pathlib import Path

from bluegreen.report import summary_text, write_report
from sim.explore.outcome import Surprise
from sim.rehearsal import Rehearsal
from sim.rehearsal import rehearse as rehearse_file
from sim.scenario import SUFFIX
from sim.scenefile import save_scenario
from sim.testing.drawn import Drawn
from sim.tiers import Tier


def save_failure(scenario: Drawn, tier: Tier, folder: Path, name: str, why: str) -> str:
    """Write the scenario as `name` into `folder`, replay it from there, and say what a person needs to know. Raises
    OSError."""
    file = folder / (name + SUFFIX)
    save_scenario(scenario, file, f"Found by {name}: {why}")
    with Surprise() as surprise:
        done = rehearse_file(file, None, tier=tier)
    if surprise.error is not None:
        command = shlex.join(["bluegreen", "rehearse", str(file), "--tier", str(tier)])
        return f"{surprise.what}: {surprise.error}\nreplay   {command}\nscenario {file}"
    hint = "" if done.verdict != "as expected" else OWN
    return f"{told(done, folder, name)}\nscenario {file}{hint}"


OWN = (
    "\nnote     the file by itself ends as expected: what failed is an assertion of the test's own. What is given to"
    "\n         rehearse(..., expect={...}) stands in the file, and fails there too."
)


def told(done: Rehearsal, folder: Path, name: str) -> str:
    """Write trace and report into `folder`, and tell the story in 25 lines. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    trace, page = folder / f"{name}.trace.jsonl", folder / f"{name}.html"
    trace.write_bytes(done.trace)
    write_report(trace, page)
    return summary_text(trace, page)
