"""What an exploration has found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from bluegreen.registry import kind_of
from sim.explore.case import Case
from sim.explore.difference import Difference
from sim.explore.outcome import Failure

Stopped = Literal["runs", "time", "failures", "interrupted", "undisturbed", "workers lost", "all tried"]
"""By what it ended. `undisturbed`: the rollout fails without any fault on top, so that every run would."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Failures with the same cause: what broke, the smallest case that still does it, and where it came from."""

    failure: Failure
    case: Case
    first: Case
    times: int = 1
    """How many of the runs it explains, as far as is known."""
    difference: Difference | None = None
    """Where its decisions first differ from the nearest run that went well."""
    run: int = 1
    """The number of the run, from 1, that found it."""
    confirmed: str = ""
    """What the moto tier says: `the same`, or what happened there instead; empty: was not asked."""

    @property
    def cause(self) -> tuple[str, str]:
        """Findings with the same cause are one: what broke, and which kinds of faults it takes."""
        return self.failure.what, ", ".join(sorted(kind_of(fault) for fault in self.case.faults)) or "nothing on top"


@dataclass(frozen=True, slots=True)
class Findings:
    """All of it. `reached` counts the runs that came by each mark, also those that no run came by."""

    findings: tuple[Finding, ...] = ()
    runs: int = 0
    failed: int = 0
    seconds: float = 0.0
    reached: Mapping[str, int] = field(default_factory=dict)
    stopped: Stopped = "all tried"
    lost: str = ""
    """How the workers were lost, when that ended it."""

    @property
    def rate(self) -> float:
        """Explored rollouts a second; what shrinking took is in the time too."""
        return self.runs / self.seconds if self.seconds else 0.0
