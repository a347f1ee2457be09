"""What the gates say, put together. Shared by every phase in which users are on the candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bluegreen.gates.base import Evidence, Gate
from bluegreen.gates.counts import tallied
from bluegreen.model import Judgement, Observation, Rollout, Tally, Verdict
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
        return "; ".join(f"{j.gate}: {j.why}" for j in self.judged if j.verdict is verdict and j.decides)

    @property
    def given_up(self) -> bool:
        """Whether waiting for what is not known is of no use any more."""
        return any(j.final for j in self.judged if j.verdict is Verdict.UNKNOWN and j.decides)


def watch(plan: Plan, rollout: Rollout, seen: Observation) -> Watch:
    """Ask every gate, on what was seen since the present weights have been in place."""
    tallies = remembered(plan, rollout, seen)
    return _watch(_Question((plan.gates, rollout.live, rollout.in_place, rollout.runs, tallies), rollout, seen))


class _Question:
    """All that the gates' answers depend on. Looks are told apart by who they are: comparing them would take longer
    than asking again."""

    __slots__ = ("rollout", "seen", "what")

    def __init__(self, what: tuple[Any, ...], rollout: Rollout, seen: Observation) -> None:
        self.what, self.rollout, self.seen = what, rollout, seen

    def __hash__(self) -> int:
        return id(self.seen)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Question) and self.seen is other.seen and self.what == other.what


@lru_cache(maxsize=1)
def _watch(asked: _Question) -> Watch:
    """Whoever holds the engine to its rules asks the same again: kept until the next look."""
    gates, *_, tallies = asked.what
    evidence = _evidence(asked.rollout, asked.seen)
    return Watch(tuple([gate.judge(_recalling(evidence, tallies.get(gate.name))) for gate in gates]))


def _recalling(evidence: Evidence, tally: Tally | None) -> Evidence:
    return evidence if tally is None else replace(evidence, tally=tally)


def remembered(plan: Plan, rollout: Rollout, seen: Observation) -> Mapping[str, Tally]:
    """The tallies with this look in them. The same look twice counts once."""
    if not plan.evidence.remembering:
        return rollout.tallies
    tallies = dict(rollout.tallies)
    for gate in plan.evidence.remembering:
        tally = tallies.get(gate.name, Tally())
        tally = replace(tally, well=_well(gate, tally, rollout, seen))
        if rollout.exposed and rollout.in_place is not None:
            said = gate.opinion(replace(_evidence(rollout, seen), tally=tally)).verdict
            tally = tallied(tally, rollout.in_place, seen.at, said, unread=gate.unread(seen))
        tallies[gate.name] = tally
    return tallies


def _evidence(rollout: Rollout, seen: Observation) -> Evidence:
    return Evidence(seen, rollout.live, rollout.candidate, rollout.in_place or seen.at, runs=rollout.runs)


def _well(gate: Gate, tally: Tally, rollout: Rollout, seen: Observation) -> bool:
    """The newest look counts as long as no user was on the candidate; from then on a good one is remembered."""
    if rollout.exposed:
        return tally.well or gate.well(seen)
    return tally.well if gate.unread(seen) else gate.well(seen)


def unwell(rollout: Rollout, seen: Observation) -> str:
    """Why the candidate cannot go on serving, or nothing. What could not be read is no reason."""
    candidate = seen.environment(rollout.candidate)
    if candidate is not None and candidate.healthy == 0:
        detail = f" ({candidate.detail})" if candidate.detail else ""
        return f"{rollout.candidate} has no healthy instance{detail}"
    return ""
