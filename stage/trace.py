"""A drill's trace, written as it goes: the world's schema, so that the same report is made of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bluegreen.journal.tail import Tail
from bluegreen.units import show_duration
from sim.heading import heading

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.expect import Expectation
    from sim.scenario import Scenario


class Writer:
    """Appends to `path`: what it is told, and what the engine writes into its journal."""

    def __init__(self, path: Path, journal: Path) -> None:
        self.path, self._journal = path, Tail(journal)
        self._file = path.open("w", encoding="utf-8")

    def add(self, content: dict[str, Any]) -> None:
        """One line; safe from a kill of this process as soon as this returns."""
        self._file.write(json.dumps(content, separators=(",", ":")) + "\n")
        self._file.flush()

    def follow(self) -> list[str]:
        """Takes over what is new in the journal, and returns it."""
        lines = self._journal.lines()
        for line in lines:
            self._file.write(line + "\n")
        self._file.flush()
        return lines

    def close(self) -> None:
        self._file.close()


def header(scenario: Scenario, plan: Plan, seed: int, pace: float, replay: str) -> dict[str, Any]:
    """The first line."""
    world = scenario.world
    return {
        **heading(scenario, plan, seed, replay),
        "stage": "local",
        "pace": pace,
        "journal": "rollout.journal",
        "assumptions": [
            "Measured on the loopback stage: real requests, DNS answers, health checks and machines (processes).",
            f"Time ran {pace:g} times as fast as the machine's; all figures are in the stage's time."
            if pace != 1
            else "Time was the machine's own.",
            f"Users made {world.demand.rate:g} requests/s; answers live for {show_duration(plan.answers_live_for)}.",
            f"A machine of the live slot serves {world.live.capacity:g} requests/s, one of the candidate"
            f" {world.candidate.capacity:g}.",
            f"CloudWatch published a minute {show_duration(world.metrics.delay)} after it ended.",
            "Groups keep their size: the stage has no scaling policies. Balancers need no time to grow.",
        ],
        "notes": [],
        "invariants": [],
    }


def end(at: str, ended: str, verdict: str, expectations: tuple[Expectation, ...]) -> dict[str, Any]:
    """The last line."""
    return {
        "kind": "end",
        "at": at,
        "end": ended,
        "verdict": verdict,
        "expectations": [asdict(expectation) for expectation in expectations],
    }
