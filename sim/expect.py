"""What the scenario expected beside what the run gave."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.journal.entries import Decided, Entry
from bluegreen.model import End, Phase, Rollout
from bluegreen.report.summary import Summary
from bluegreen.units import show_about, show_duration, show_share
from sim.scenario import Expect
from sim.world import World


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of the comparison."""

    name: str
    wanted: str
    got: str
    met: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run gave, as far as it can be expected."""

    rollout: Rollout
    entries: tuple[Entry, ...]
    summary: Summary
    world: World


def judge(expect: Expect, outcome: Outcome) -> tuple[Expectation, ...]:
    """One line for each expectation that the scenario states."""
    return (*_end(expect, outcome), *_times(expect, outcome), *_harm(expect, outcome), *_care(expect, outcome))


def _end(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    end = outcome.rollout.end
    if expect.end is not None:
        yield Expectation("end", expect.end, end or "none", end is expect.end)
    if expect.because:
        last = next((e for e in reversed(outcome.entries) if isinstance(e, Decided)), None)
        said = outcome.rollout.cause or (last.decision.why if last else "")
        yield Expectation("because", expect.because, said, expect.because.lower() in said.lower())


def _times(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    summary = outcome.summary
    wanted = {
        "detected within": (expect.detect_within, summary.detect),
        "recovered within": (expect.recover_within, summary.recover),
        "finished within": (expect.finish_within, summary.finish),
    }
    for name, (limit, seconds) in wanted.items():
        if limit is not None:
            got = None if seconds is None else timedelta(seconds=seconds)
            shown = "never" if got is None else show_about(got)
            yield Expectation(name, show_duration(limit), shown, got is not None and got <= limit)


def _harm(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    failed = outcome.summary.harm.failed_share if outcome.summary.harm else 0.0
    if expect.failed_below is not None:
        wanted = show_share(expect.failed_below)
        yield Expectation("failed requests below", wanted, show_share(failed), failed < expect.failed_below)
    if expect.failed_above is not None:
        wanted = show_share(expect.failed_above)
        yield Expectation("failed requests above", wanted, show_share(failed), failed > expect.failed_above)


def _care(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    candidate = outcome.rollout.candidate
    if expect.highest_share is not None:
        seen = [e.seen.traffic for e in outcome.entries if isinstance(e, Decided) and e.seen.traffic]
        highest = max((traffic.share(candidate) for traffic in seen), default=0.0)
        wanted = show_share(expect.highest_share)
        yield Expectation("highest share", wanted, show_share(highest), highest <= expect.highest_share)
    for slot, limit in expect.shrank_to.items():
        fewest = min(sample["instances"][slot.value]["healthy"] for sample in outcome.world.samples)
        yield Expectation(f"{slot} shrank to", f"{limit} or fewer", f"{fewest} healthy", fewest <= limit)
    for slot in expect.still_there:
        healthy = outcome.world.places[slot].fleet.healthy
        yield Expectation(f"{slot} still there", "yes", f"{healthy} healthy instances", healthy > 0)
    if expect.not_removed_before is not None:
        waited = _drained_for(outcome.entries)
        shown = "never removed" if waited is None else show_about(waited)
        met = waited is None or waited >= expect.not_removed_before
        yield Expectation("not removed before", show_duration(expect.not_removed_before), shown, met)


def _drained_for(entries: tuple[Entry, ...]) -> timedelta | None:
    """From the beginning of the drain to the beginning of the removal."""
    since = {e.decision.rollout.phase: e.decision.rollout.since for e in entries if isinstance(e, Decided)}
    if Phase.RETIRE not in since or Phase.DRAIN not in since:
        return None
    return since[Phase.RETIRE] - since[Phase.DRAIN]


def verdict(expectations: tuple[Expectation, ...], broken: bool, end: End | None) -> str:
    """The whole run in a few words."""
    if broken:
        return "invariant broken"
    if end is None:
        return "did not converge"
    return "as expected" if all(e.met for e in expectations) else "expectation missed"
