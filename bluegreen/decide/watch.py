"""What the gates say, put together. Shared by every phase in which users are on the candidate."""

from __future__ import annotations

from dataclasses import dataclass

from bluegreen.gates.base import Evidence
from bluegreen.model import Judgement, Observation, Rollout, Verdict
from bluegreen.plan import Plan


@dataclass(frozen=True, slots=True)
class Watch:
    """One look's judgements."""

    judged: tuple[Judgement, ...]

    @property
    def failed(self) -> str:
        """Why to go back, or nothing."""
        return self._why(Verdict.FAIL)

    @property
    def unknown(self) -> str:
        """What is not known, or nothing."""
        return self._why(Verdict.UNKNOWN)

    def _why(self, verdict: Verdict) -> str:
        return "; ".join(f"{j.gate}: {j.why}" for j in self.judged if j.verdict is verdict)


def watch(plan: Plan, rollout: Rollout, seen: Observation) -> Watch:
    """Ask every gate, on what was seen since the present weights have been in place."""
    evidence = Evidence(seen, rollout.live, rollout.candidate, rollout.in_place or seen.at)
    return Watch(tuple(gate.judge(evidence) for gate in plan.gates))


def unwell(rollout: Rollout, seen: Observation) -> str:
    """Why the candidate cannot go on serving, or nothing. What could not be read is no reason."""
    candidate = seen.environment(rollout.candidate)
    if candidate is not None and candidate.healthy == 0:
        detail = f" ({candidate.detail})" if candidate.detail else ""
        return f"{rollout.candidate} has no healthy instance{detail}"
    return ""
