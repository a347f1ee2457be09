"""Has the traffic moved? That the weights are set and known to all DNS servers is one fact; that users follow them is
another, seen in the requests that reach each slot. A hold begins with the second, and only with it users are back.

ELB reports RequestCount only while requests flow: an absent count is zero beside a sign of the slot's life in that
minute (HealthyHostCount), and unknown without one. A slot that nobody hears of has not lost its users.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import sqrt

from bluegreen.decide.capacity import TAIL
from bluegreen.model import Observation, Query, Rollout, Slot, query_of
from bluegreen.plan import Plan
from bluegreen.units import show_duration, show_share


def alive(slot: Slot) -> Query:
    """A slot's sign of life."""
    return query_of("healthy_hosts", slot)


QUERIES = tuple(query for slot in Slot for query in (query_of("requests", slot), alive(slot)))


def queries() -> tuple[Query, ...]:
    return QUERIES


def realised(plan: Plan, rollout: Rollout, seen: Observation) -> float | None:
    """The candidate's share of all requests in the newest minute that began after the weights were in place, in which
    both slots are known, and in which somebody made a request; None when there is no such minute yet. Where one target
    group counts the requests of both slots it is their machines' share there."""
    since = rollout.in_place or rollout.since
    candidate, live = _known(seen, rollout.candidate, since), _known(seen, rollout.live, since)
    if not plan.traffic.counts_apart:
        return _machines(rollout, seen) if any((*candidate.values(), *live.values())) else None
    newest = max((at for at in candidate.keys() & live.keys() if candidate[at] or live[at]), default=None)
    return None if newest is None else candidate[newest] / (candidate[newest] + live[newest])


def followed(plan: Plan, rollout: Rollout, seen: Observation) -> tuple[Rollout, str]:
    """The rollout with `moved` set once users have followed, or once they had long enough; and what is still missing,
    or nothing."""
    if rollout.moved is not None:
        return rollout, ""
    share, found = plan.steps[rollout.step].share, realised(plan, rollout, seen)
    rollout = noticed(rollout, seen)
    if found is not None and share - found <= slack(plan, rollout.step):
        return replace(rollout, moved=seen.at), ""
    told = _unheard(rollout, seen) if found is None else f"{show_share(round(found, 4))} of the requests follow"
    return rollout, f"{show_share(share)} of the answers name {rollout.candidate}, {told}"


def noticed(rollout: Rollout, seen: Observation) -> Rollout:
    """The rollout that knows that users have come to the candidate, once any was counted there since weights were set:
    what came before are checks."""
    since, points = rollout.in_place or rollout.since, seen.points(query_of("requests", rollout.candidate))
    if rollout.reached or not any(point.value for point in points if point.at >= since):
        return rollout
    return replace(rollout, reached=True)


def not_back(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """How many users still go to the candidate though all answers name the live slot; nothing when it is no more than
    the plan's band and half of what went there, or when nobody can tell."""
    found, sent = realised(plan, rollout, seen), plan.steps[rollout.step].share
    if found is None or found <= min(plan.moved.band, sent / 2):
        return ""
    return f"{show_share(round(found, 4))} of the requests still reach {rollout.candidate}"


def late(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """Why nobody should wait for users any longer, or nothing."""
    if seen.at - (rollout.in_place or rollout.since) < plan.moved.within:
        return ""
    return f"users did not follow within {show_duration(plan.moved.within)}"


def slack(plan: Plan, step: int) -> float:
    """How much may be missing of the step's share: the plan's band, and what few large resolvers make of a share by
    chance (two standard deviations of as many equal draws), but never more than half of the step's way."""
    share, before = plan.steps[step].share, plan.steps[step - 1].share if step else 0.0
    chance = TAIL * sqrt(share * (1 - share) / plan.candidate.resolvers)
    return min(plan.moved.band + chance, (share - before) / 2)


def _unheard(rollout: Rollout, seen: Observation) -> str:
    """Why nobody can tell how many follow."""
    since = rollout.in_place or rollout.since
    silent = [slot for slot in (rollout.live, rollout.candidate) if not _known(seen, slot, since)]
    if len(silent) == 1:
        return f"and nobody knows how many follow: no monitoring data about {silent[0]}"
    return "no request was counted yet"


def _machines(rollout: Rollout, seen: Observation) -> float | None:
    """The candidate's part of the healthy machines at the target group; each gets the same share. One that is not
    registered there gets nothing. None: not all can be seen, or none is healthy."""
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if live is None or candidate is None:
        return None
    there, its = (view.healthy if view.registered else 0 for view in (live, candidate))
    return its / (there + its) if there + its else None


def _known(seen: Observation, slot: Slot, since: datetime) -> dict[datetime, float]:
    """The slot's requests in each minute since then of which something is known."""
    signs = {point.at: 0.0 for point in seen.points(alive(slot))}
    counts = {point.at: point.value for point in seen.points(query_of("requests", slot))}
    return {at: count for at, count in (signs | counts).items() if at >= since}
