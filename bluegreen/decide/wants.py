"""What the next look must see: pure, so that a look costs no more calls than its phase needs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from bluegreen.decide.checking import check_of, running
from bluegreen.decide.data import wants_data
from bluegreen.decide.drain import lookback as drain_lookback
from bluegreen.decide.drain import queries as drain_queries
from bluegreen.decide.fallback import unprepared, untidy
from bluegreen.decide.moved import queries as moved_queries
from bluegreen.decide.operators import FORWARD
from bluegreen.decide.prewarm import reservations
from bluegreen.decide.selftest import undrilled, untested
from bluegreen.model import Phase, Query, Rollout, Slot
from bluegreen.plan import Plan

_WATCHED = {Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN}


LONGEST = timedelta(hours=3)
"""Each look is in the journal with all that it read: of a very long step or bake only the newest part is read."""


class Wants(NamedTuple):
    """Series to read, how far back, and alarms to read."""

    queries: tuple[Query, ...] = ()
    lookback: timedelta = timedelta(0)
    since: datetime | None = None
    """From then on, if that is further back; but no more than `LONGEST`."""
    alarms: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    """Runs to look at."""
    set_up: tuple[str, ...] = ()
    """Alarms whose set-up is to be tested."""
    built: bool = False
    """How the candidate is configured."""
    fallback: bool = False
    """The fallback, which is being prepared."""
    drills: tuple[str, ...] = ()
    """Alarms that are to be drilled."""
    idle: bool = False
    """Health checks of records that are gone."""
    reserved: tuple[Slot, ...] = ()
    """Slots whose reserved capacity is to be seen."""

    data: bool = False
    """How the data stand."""

    @property
    def more(self) -> bool:
        """Whether anything beside series and alarms is to be seen."""
        others = self.checks or self.set_up or self.drills or self.reserved
        return bool(others) or self.built or self.fallback or self.idle or self.data

    def begin(self, at: datetime) -> datetime:
        """From when on a look at `at` reads series."""
        since = at if self.since is None else max(self.since, at - LONGEST)
        return min(at - self.lookback, since)

    def within(self, other: Wants, at: datetime) -> bool:
        """Whether a look at `at` that saw all of `other` has seen all of this."""
        begins = not self.queries or self.begin(at) >= other.begin(at)
        return begins and self._things() <= other._things()

    def _things(self) -> set[tuple[str, object]]:
        """All that is to be seen, one by one."""
        listed = {name: (value,) if value is True else value for name, value in self._asdict().items()}
        return {(name, each) for name, value in listed.items() if isinstance(value, tuple) for each in value}


NOTHING = Wants()


def wants(plan: Plan, rollout: Rollout) -> Wants:
    """Evidence, and how far checks are."""
    evidence, checks = _evidence(plan, rollout), running(rollout) if rollout.runs else ()
    if reserved := reservations(plan, rollout):
        evidence = evidence._replace(reserved=reserved)
    if plan.data is not None and wants_data(plan, rollout):
        evidence = evidence._replace(data=True)
    if untidy(plan, rollout):
        evidence = evidence._replace(idle=True)
    ready = rollout.phase is Phase.PROVISION or (rollout.phase is Phase.VERIFY and rollout.healthy_since is not None)
    set_up = untested(plan, rollout) if ready else ()
    if not checks and not set_up and rollout.phase is not Phase.VERIFY:
        return evidence
    evidence = evidence._replace(drills=undrilled(plan, rollout))
    built, fallback = _built(plan, rollout, checks), unprepared(plan, rollout)
    return evidence._replace(checks=checks, set_up=set_up, built=built, fallback=fallback)


def _built(plan: Plan, rollout: Rollout, checks: tuple[str, ...]) -> bool:
    begun = any(check_of(plan, run).wants_built for run in checks)
    return begun or (rollout.phase is Phase.VERIFY and any(check.wants_built for check in plan.verify.checks))


def _evidence(plan: Plan, rollout: Rollout) -> Wants:
    """For the gates while users are on the candidate, and for the drain."""
    asked = plan.evidence
    if rollout.phase in FORWARD and not rollout.exposed:
        return Wants(alarms=asked.alarms_before)
    if rollout.phase not in _WATCHED or not rollout.exposed:
        return NOTHING
    queries, lookback = asked.queries[rollout.live], asked.lookback
    if rollout.phase is Phase.HOLD and rollout.moved is None:
        queries = _together(queries, moved_queries())
    if rollout.phase is Phase.DRAIN:
        queries = _together(queries, drain_queries(rollout))
        lookback = max(lookback, drain_lookback(plan))
    return Wants(queries, lookback, rollout.in_place if asked.whole_step else None, asked.alarms)


def _together(queries: tuple[Query, ...], more: tuple[Query, ...]) -> tuple[Query, ...]:
    return tuple(dict.fromkeys((*queries, *more)))
