"""What the scenario expected beside what the run gave."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from bluegreen.journal.entries import Decided, Entry
from bluegreen.model import End, Phase, Rollout, RunCheck
from bluegreen.report.summary import Summary
from bluegreen.units import show_about, show_duration, show_share
from sim.data.judge import judge as judged
from sim.scenario import Expect
from sim.world import World

LEFT = 0.02
"""The page counts as left when no answer names it, and fewer requests than this go there: some never ask again."""


_CONFLICTS = {True: "of the tracked keys", False: "writes"}


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of the comparison."""

    name: str
    wanted: str
    got: str
    met: bool


@dataclass(frozen=True)
class Outcome:
    """What a run gave, as far as it can be expected. `summarize` reads the whole trace: it is asked once, if at all."""

    rollout: Rollout
    entries: tuple[Entry, ...]
    summarize: Callable[[], Summary]
    world: World

    @cached_property
    def summary(self) -> Summary:
        return self.summarize()


def judge(expect: Expect, outcome: Outcome) -> tuple[Expectation, ...]:
    """One line for each expectation that the scenario states."""
    return (
        *_end(expect, outcome),
        *_times(expect, outcome),
        *_harm(expect, outcome),
        *_data(expect, outcome),
        *_care(expect, outcome),
    )


def _end(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    end = outcome.rollout.end
    if expect.end is not None:
        yield Expectation("end", expect.end, end or "none", end is expect.end)
    if expect.because:
        last = next((e for e in reversed(outcome.entries) if isinstance(e, Decided)), None)
        said = outcome.rollout.cause or (last.decision.why if last else "")
        yield Expectation("because", expect.because, said, expect.because.lower() in said.lower())


def _times(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    limits = {
        "detected within": (expect.detect_within, "detect"),
        "recovered within": (expect.recover_within, "recover"),
        "finished within": (expect.finish_within, "finish"),
    }
    for name, (limit, time) in limits.items():
        if limit is not None:
            seconds = getattr(outcome.summary, time)
            got = None if seconds is None else timedelta(seconds=seconds)
            shown = "never" if got is None else show_about(got)
            yield Expectation(name, show_duration(limit), shown, got is not None and got <= limit)


def _harm(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    if expect.failed_below is not None:
        wanted, failed = show_share(expect.failed_below), _failed(outcome)
        yield Expectation("failed requests below", wanted, show_share(failed), failed < expect.failed_below)
    if expect.failed_above is not None:
        wanted, failed = show_share(expect.failed_above), _failed(outcome)
        yield Expectation("failed requests above", wanted, show_share(failed), failed > expect.failed_above)
    if expect.page_above is not None:
        harm = outcome.summary.harm
        page = harm.page / harm.requests if harm else 0.0
        yield Expectation("page above", show_share(expect.page_above), show_share(page), page > expect.page_above)
    if expect.page_left:
        last, answers = outcome.world.samples[-1], outcome.world.dns.page
        still = (last.page or 0) / max(1.0, outcome.world.demand.mean_rate * last.length / 1000)
        left = not answers and still < LEFT
        got = f"{show_share(round(still, 4))} still get it"
        yield Expectation("page left", f"by all but {show_share(LEFT)}", got, left)


def _failed(outcome: Outcome) -> float:
    return outcome.summary.harm.failed_share if outcome.summary.harm else 0.0


def _data(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    tier, rollout = outcome.world.data, outcome.rollout
    if tier is None:
        return
    truth = rollout.candidate if rollout.end is End.SUCCEEDED else rollout.live
    lost = tier.lost(tier.uses(truth))
    if expect.lost_writes_below is not None:
        limit = expect.lost_writes_below
        yield Expectation("lost writes below", str(limit), str(lost), lost < limit)
    if expect.lost_writes_above is not None:
        limit = expect.lost_writes_above
        yield Expectation("lost writes above", str(limit), str(lost), lost > limit)
    if expect.conflicts_above is not None:
        limit, found = expect.conflicts_above, tier.conflicts
        yield Expectation("conflicts above", str(limit), f"{found} {_CONFLICTS[tier.together is None]}", found > limit)
    if expect.stale_reads_below is not None:
        limit, stale = expect.stale_reads_below, tier.stale_reads
        yield Expectation("stale reads below", str(limit), str(stale), stale < limit)
    if expect.stale_reads_above is not None:
        limit, stale = expect.stale_reads_above, tier.stale_reads
        yield Expectation("stale reads above", str(limit), str(stale), stale > limit)
    if expect.history_shows:
        shown = {finding.wrong for finding in judged(tier.history(truth), settled=True)}
        got = ", ".join(sorted(shown)) or "nothing"
        yield Expectation("history shows", ", ".join(expect.history_shows), got, set(expect.history_shows) <= shown)


def _care(expect: Expect, outcome: Outcome) -> Iterator[Expectation]:
    candidate = outcome.rollout.candidate
    if expect.highest_share is not None:
        seen = [e.seen.traffic for e in outcome.entries if isinstance(e, Decided) and e.seen.traffic]
        highest = max((traffic.share(candidate) for traffic in seen), default=0.0)
        wanted = show_share(expect.highest_share)
        yield Expectation("highest share", wanted, show_share(highest), highest <= expect.highest_share)
    for slot, limit in expect.shrank_to.items():
        fewest = min(sample.slots[slot].healthy for sample in outcome.world.samples)
        yield Expectation(f"{slot} shrank to", f"{limit} or fewer", f"{fewest} healthy", fewest <= limit)
    for name, times in sorted(expect.begun.items()):
        count = _begun(outcome.entries, name)
        yield Expectation(f"{name} was begun", f"{times} times", f"{count} times", count == times)
    for slot in expect.still_there:
        healthy = outcome.world.places[slot].fleet.healthy
        yield Expectation(f"{slot} still there", "yes", f"{healthy} healthy instances", healthy > 0)
    if expect.not_removed_before is not None:
        waited = _drained_for(outcome.entries)
        shown = "never removed" if waited is None else show_about(waited)
        met = waited is None or waited >= expect.not_removed_before
        yield Expectation("not removed before", show_duration(expect.not_removed_before), shown, met)


def _begun(entries: tuple[Entry, ...], name: str) -> int:
    """How often a check of that name was begun."""
    actions = (action for e in entries if isinstance(e, Decided) for action in e.decision.actions)
    runs = (action.run for action in actions if isinstance(action, RunCheck))
    return sum(run.partition("#")[0].rpartition("/")[2] == name for run in runs)


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
