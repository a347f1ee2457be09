"""DRAIN: the slot that lost its weight keeps serving until monitoring shows that nobody uses it any more.

Quiet means: for `drain.quiet` without a break, its balancer reported that it is alive (HealthyHostCount) and no
more than the tolerated share of the requests reached it. ELB reports RequestCount only while requests flow, so an
absent count is zero only beside a sign of life; without one it is unknown, and nothing is removed on unknown. Nor is
it quiet where users were sent, nobody confirms when DNS has learned of it, and none of them has come yet.

A candidate that lost is drained of users, not of a tail of them: as long as many still go there the way back is not
over, whatever DNS says, and its deadline stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bluegreen.decide.capacity import live_can_carry
from bluegreen.decide.ceiling import ceiling
from bluegreen.decide.moved import alive, not_back, noticed
from bluegreen.decide.moves import finish, go, go_back, stay, weights_moved
from bluegreen.decide.watch import unwell, watch
from bluegreen.model import Decision, End, Observation, Phase, Presence, Query, Rollout, Slot, query_of
from bluegreen.plan import Plan
from bluegreen.units import show_duration, show_share

MINUTE = timedelta(minutes=1)
MAX_DELAY = timedelta(minutes=5)
"""Evidence older than this is no evidence: ELB publishes every minute, usually within one or two."""


def drain(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    leaving, rollout = rollout.leaving or rollout.candidate, noticed(rollout, seen)
    if leaving is rollout.live:
        watched = watch(plan, rollout, seen)
        if bad := watched.failed or unwell(rollout, seen):
            return go_back(rollout, seen, bad, watched.judged)
    elif weak := _weak(plan, rollout, seen):
        return go(rollout, seen, Phase.ROLLBACK, weak)
    if (moved := weights_moved(rollout, seen, leaving)) is not None:
        return moved
    view = seen.environment(leaving)
    if view is not None and view.presence is Presence.ABSENT:
        return go(rollout, seen, Phase.RETIRE, f"{leaving} is not there any more")
    not_quiet = _not_quiet(plan, rollout, seen, leaving)
    if not not_quiet:
        quiet = show_duration(plan.drain.quiet)
        return go(rollout, seen, Phase.RETIRE, f"monitoring shows {leaving} without traffic for {quiet}")
    many = not_back(plan, rollout, seen) if leaving is rollout.candidate else ""
    if many and seen.at - (rollout.in_place or rollout.since) >= plan.deadlines.rollback:
        within = show_duration(plan.deadlines.rollback)
        why = f"users did not go back within {within}: {many}, though all answers name {rollout.live}"
        return finish(rollout, seen, End.ROLLBACK_FAILED, f"{why}; it began because: {rollout.cause}")
    if seen.at - rollout.since >= plan.drain.ceiling and not many:
        return ceiling(plan, rollout, seen, not_quiet)
    return stay(rollout, not_quiet, wait=plan.every)


def queries(rollout: Rollout) -> tuple[Query, ...]:
    leaving = rollout.leaving or rollout.candidate
    return *(query_of("requests", slot) for slot in (leaving, leaving.other)), *map(alive, (leaving, leaving.other))


def lookback(plan: Plan) -> timedelta:
    return plan.drain.quiet + MAX_DELAY


def _weak(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """Why the live slot, which has all traffic again, cannot carry it, or nothing. Route 53 would send users to the
    other one then, weight 0 or not."""
    live = seen.environment(rollout.live)
    if live is None or live_can_carry(plan, rollout, live.healthy) == 1.0:
        return ""
    return f"{rollout.live} has {live.healthy} of {rollout.live_capacity} healthy instances; they must come back"


def _not_quiet(plan: Plan, rollout: Rollout, seen: Observation, leaving: Slot) -> str:
    """Why the slot cannot count as left by everybody yet, or nothing."""
    floor = (rollout.in_place or rollout.since) + plan.answers_live_for
    if seen.at < floor:
        return f"caches may still hold answers for {leaving}"
    signs = {p.at for p in seen.points(alive(leaving))}
    if not signs or seen.at - (max(signs) + MINUTE) > MAX_DELAY:
        return f"no monitoring data about {leaving}: nobody knows whether it is used"
    if max(signs) < (rollout.in_place or rollout.since):
        return f"no whole minute of monitoring since {leaving} lost its weight"
    minutes = _window(max(signs), plan.drain.quiet)
    if not signs.issuperset(minutes):
        return f"monitoring of {leaving} has gaps"
    if not plan.traffic.by_dns and minutes[0] < floor:
        # A target group counts only requests for which it had a healthy machine; a shared one counts for both.
        return f"not all requests to {leaving} are counted: only time without any share shows that it is left"
    if used := _used(plan, seen, leaving, minutes):
        return used
    if leaving is rollout.candidate and not (rollout.reached or plan.traffic.confirms):
        # Nobody confirms that servers know of the way there, nor of the way back: one may still come after the other.
        return f"nobody was seen on {leaving} yet: servers may still be learning of it"
    return ""


def _window(newest: datetime, quiet: timedelta) -> list[datetime]:
    count = max(1, -(-quiet // MINUTE))
    return [newest - MINUTE * back for back in reversed(range(count))]


def _used(plan: Plan, seen: Observation, leaving: Slot, minutes: list[datetime]) -> str:
    here = {p.at: p.value for p in seen.points(query_of("requests", leaving))}
    there = {p.at: p.value for p in seen.points(query_of("requests", leaving.other))}
    for minute in reversed(minutes):
        count, rest = here.get(minute, 0.0), there.get(minute, 0.0)
        if count > plan.drain.below * (count + rest):
            share = show_share(count / (count + rest))
            return f"{leaving} still got {count:.0f} requests in a minute ({share} of all)"
    return ""
