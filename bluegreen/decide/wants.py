"""What the next look must see: pure, so that a look costs no more calls than its phase needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bluegreen.decide.drain import lookback as drain_lookback
from bluegreen.decide.drain import queries as drain_queries
from bluegreen.model import Phase, Query, Rollout
from bluegreen.plan import Plan

_WATCHED = {Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN}


@dataclass(frozen=True, slots=True)
class Wants:
    """Series to read, how far back, and alarms to read."""

    queries: tuple[Query, ...] = ()
    lookback: timedelta = timedelta(0)
    alarms: tuple[str, ...] = ()


def wants(plan: Plan, rollout: Rollout) -> Wants:
    """Evidence for the gates while users are on the candidate, and for the drain."""
    if rollout.phase not in _WATCHED or not rollout.exposed:
        return Wants()
    queries: dict[Query, None] = {}
    lookback = timedelta(0)
    for gate in plan.gates:
        queries |= dict.fromkeys(gate.queries(rollout.live, rollout.candidate))
        lookback = max(lookback, gate.lookback)
    if rollout.phase is Phase.DRAIN:
        queries |= dict.fromkeys(drain_queries(rollout))
        lookback = max(lookback, drain_lookback(plan))
    return Wants(tuple(queries), lookback, tuple(name for gate in plan.gates for name in gate.alarms()))
