"""Has the traffic moved? That the weights are set and known to all DNS servers is one fact; that users follow them is
another, seen in the requests that reach each slot. A hold begins with the second, and only with it users are back.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import sqrt

from bluegreen.decide.capacity import TAIL
from bluegreen.model import Observation, Query, Rollout, Slot, query_of
from bluegreen.plan import Plan
from bluegreen.units import show_duration, show_share

REQUESTS = tuple(query_of("requests", slot) for slot in Slot)


def queries() -> tuple[Query, ...]:
    return REQUESTS


def alive(slot: Slot) -> Query:
    """A slot's sign of life."""
    return query_of("healthy_hosts", slot)


def realised(plan: Plan, rollout: Rollout, seen: Observation) -> float | None:
    """The candidate's share of all requests in the newest minute that began after the weights were in place; None when
    no such minute is published yet, or nobody made a request in it. Where one target group counts the requests of both
    slots it is their machines' share there."""
    since = rollout.in_place or rollout.since
    candidate, live = dict(_minutes(seen, rollout.candidate)), dict(_minutes(seen, rollout.live))
    newest = max((at for at in {**candidate, **live} if at >= since), default=None)
    if newest is None:
        return None
    if not plan.traffic.counts_apart:
        return _machines(rollout, seen)
    total = candidate.get(newest, 0.0) + live.get(newest, 0.0)
    return candidate.get(newest, 0.0) / total if total else None


def followed(plan: Plan, rollout: Rollout, seen: Observation) -> tuple[Rollout, str]:
    """The rollout with `moved` set once users have followed, or once they had long enough; and what is still missing,
    or nothing."""
    if rollout.moved is not None:
        return rollout, ""
    share, found = plan.steps[rollout.step].share, realised(plan, rollout, seen)
    if found is not None and share - found <= slack(plan, rollout.step):
        return replace(rollout, moved=seen.at), ""
    told = "no request was counted yet" if found is None else f"{show_share(round(found, 4))} of the requests follow"
    return rollout, f"{show_share(share)} of the answers name {rollout.candidate}, {told}"


def not_back(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """How many users still go to the candidate though all answers name the live slot; nothing when it is no more than
    the plan's band and half of what went there, or when nobody can tell: no count of the live slot means no requests
    only beside a sign of its life in that minute."""
    found, sent = realised(plan, rollout, seen), plan.steps[rollout.step].share
    if found is None or found <= min(plan.moved.band, sent / 2):
        return ""
    if plan.traffic.counts_apart and _deaf(rollout, seen):
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


def _deaf(rollout: Rollout, seen: Observation) -> bool:
    """Whether monitoring says nothing of the live slot in the newest minute in which it counts users of the other."""
    newest, _ = max(_minutes(seen, rollout.candidate))
    told = (*seen.points(query_of("requests", rollout.live)), *seen.points(alive(rollout.live)))
    return newest not in {point.at for point in told}


def _machines(rollout: Rollout, seen: Observation) -> float | None:
    """The candidate's part of the healthy machines at the target group; each gets the same share. One that is not
    registered there gets nothing. None: not all can be seen, or none is healthy."""
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if live is None or candidate is None:
        return None
    there, its = (view.healthy if view.registered else 0 for view in (live, candidate))
    return its / (there + its) if there + its else None


def _minutes(seen: Observation, slot: Slot) -> list[tuple[datetime, float]]:
    return [(point.at, point.value) for point in seen.points(query_of("requests", slot))]
