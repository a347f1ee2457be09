"""Gates whose answer comes from something that runs beside the engine, through the port `Checks`. No kind of its own.

The runs are called `gate/<name>#1`, `#2` and so on: it is begun when the step is in place, and again `again` later. The
newest answer of this step counts.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bluegreen.checks.base import Check
from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import Judgement, Observation, Verdict
from bluegreen.units import PositiveDuration, parse_duration

VERDICTS = {"passed": Verdict.PASS, "failed": Verdict.FAIL}


class AskedGate(Gate):
    """Passed is PASS, failed is FAIL (also when it was found in the step before), and whatever else is UNKNOWN."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
    """How it is called in the journal. Default: its kind."""
    again: PositiveDuration = parse_duration("1m")
    """From the beginning of one run to the beginning of the next, at the least."""
    timeout: PositiveDuration = parse_duration("1m")
    """After this a run is stopped, and says nothing."""

    def check(self) -> Check:
        raise NotImplementedError

    def unread(self, seen: Observation) -> bool:
        newest = self._newest(seen)
        return newest is None or seen.checks[newest].state in ("absent", "unknown")

    def verdict(self, evidence: Evidence) -> Judgement:
        newest = self._newest(evidence.seen)
        if newest is None:
            return self.says(Verdict.UNKNOWN, "nothing was answered yet")
        answer, run = evidence.seen.checks[newest], evidence.runs.get(newest)
        said = answer.detail or answer.state
        verdict = VERDICTS.get(answer.state, Verdict.UNKNOWN)
        if verdict is Verdict.PASS and (run is None or run.began < evidence.since):
            return self.says(Verdict.UNKNOWN, f"its answer is from before this step: {said}")
        return self.says(verdict, said)

    def _newest(self, seen: Observation) -> str | None:
        """The newest run that has an answer; without one, the newest run."""
        runs = sorted((run for run in seen.checks if run.partition("#")[0] == self.run), key=number_of, reverse=True)
        answered = [run for run in runs if seen.checks[run].state in ("passed", "failed", "unknown")]
        return next(iter(answered or runs), None)


def number_of(run: str) -> int:
    """`gate/crm#3` -> 3; without a number, 1."""
    return int(run.partition("#")[2] or 1)
