"""At the end: the run is over, and the world had time to settle."""

from __future__ import annotations

from bluegreen.model import End
from sim.invariants.base import Record, at_end


@at_end
def all_traffic_ends_on_one_healthy_slot(record: Record) -> str:
    end = record.rollout.end if record.rollout else None
    if end not in (End.SUCCEEDED, End.ROLLED_BACK, End.ABORTED):
        return ""
    live = record.plan.live.slot
    winner = live.other if end is End.SUCCEEDED else live
    share = record.world.dns.answers().get(winner, 0.0)
    if share < 1:
        return f"{winner} has only {share:.0%} of the answers after the rollout {end}"
    if record.world.places[winner].fleet.healthy == 0 and record.shrunk_by_hand.get(winner) != 0:
        return f"{winner} has all answers and no healthy instance"
    return ""


@at_end
def nothing_is_left_over(record: Record) -> str:
    """After going back, all that the rollout made is gone, unless clients still reached it and it says so."""
    rollout = record.rollout
    if rollout is None or rollout.end not in (End.ROLLED_BACK, End.ABORTED) or record.last is None:
        return ""
    left = sorted(record.created - record.removed)
    told = "left running" in record.last.decision.why or "took longer" in record.last.decision.why
    return f"left over: {', '.join(left)}" if left and not told else ""
