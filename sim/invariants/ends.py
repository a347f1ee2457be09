"""At the end: the run is over, and the world had time to settle."""

from __future__ import annotations

from bluegreen.model import End, Slot
from sim.invariants.base import SETTLE, Record, at_end

REPLACING = frozenset({"HealthCheck", "ReplaceUnhealthy", "Terminate", "Launch"})
"""Processes of an Auto Scaling group without which nobody takes the place of a machine that died."""


@at_end
def all_traffic_ends_on_one_healthy_slot(record: Record) -> str:
    end = record.rollout.end if record.rollout else None
    if end not in (End.SUCCEEDED, End.ROLLED_BACK, End.ABORTED):
        return ""
    live = record.plan.live.slot
    winner = live.other if end is End.SUCCEEDED else live
    share = record.world.dns.answers().get(winner, 0.0) + record.world.dns.page  # whose page stands in for it
    if share < 1:
        return f"{winner} has only {share:.0%} of the answers after the rollout {end}"
    dead = record.world.places[winner].fleet.answering == 0 and winner not in record.shrunk_late
    if dead and record.shrunk_by_hand.get(winner) != 0 and _settled(record) and not _left_to_die(record, winner):
        return f"{winner} has all answers and no instance that answers"
    return ""


@at_end
def nothing_is_left_over(record: Record) -> str:
    """After going back, all that the rollout made is gone, unless clients still reached it and it says so. The health
    check of the record that stays is the fallback's, and stays with it."""
    rollout = record.rollout
    if rollout is None or rollout.end not in (End.ROLLED_BACK, End.ABORTED) or record.last is None:
        return ""
    stays = {f"health check/{check_id}" for check_id in record.world.dns.checked.values()}
    left = sorted(record.created - record.removed - stays)
    told = "left running" in record.last.decision.why or "took longer" in record.last.decision.why
    return f"left over: {', '.join(left)}" if left and not told else ""


@at_end
def no_record_is_left_of_the_slot_that_lost(record: Record) -> str:
    """With weight 0 it would still be a live fallback: users are sent there when no other slot is healthy."""
    loser = _loser(record)
    if loser is None or loser not in record.world.dns.weights or _cut_short(record) or not record.plan.traffic.divides:
        return ""  # where names are swapped there are no two records
    return f"{loser} still has a record, with weight {record.world.dns.weights[loser]}"


@at_end
def scaling_in_is_given_back(record: Record) -> str:
    """What was held for the watch: scheduled actions may change the groups that are still there again, and their floor
    is no higher than it was, unless a scheduled action has put it there."""
    if _loser(record) is None or _cut_short(record):
        return ""
    for slot, place in sorted(record.world.places.items()):
        fleet = place.fleet
        if not fleet.exists or fleet.removing:
            continue
        if "ScheduledActions" in fleet.suspended:
            return f"{slot} is still kept from shrinking"
        before = record.floors.get(slot, fleet.minimum)
        if fleet.minimum > before and not fleet.spec.scheduled:
            return f"{slot} may not shrink below {fleet.minimum} any more, where {before} was its floor"
    return ""


@at_end
def reserved_capacity_is_given_back(record: Record) -> str:
    """It is billed until then. What could not be given back is told."""
    if _loser(record) is None or record.last is None or "reserved" in record.last.decision.why:
        return ""
    for slot, place in sorted(record.world.places.items()):
        if place.balancer.exists and place.balancer.reservation.units:
            return f"{slot}'s balancer still has {place.balancer.reservation.units} capacity units reserved"
    return ""


@at_end
def every_health_check_has_its_record(record: Record) -> str:
    """One that a rollout made costs money for ever, and counts to the account's 200."""
    if _loser(record) is None or _cut_short(record):
        return ""
    named = {f"health check/{check_id}" for check_id in record.world.dns.checked.values()}
    made = {name for name in record.created - record.removed if name.startswith("health check/")}
    return f"no record names {', '.join(sorted(made - named))}" if made - named else ""


def _loser(record: Record) -> Slot | None:
    """The slot that lost, when the rollout has come to one of its good ends."""
    end, live = record.rollout.end if record.rollout else None, record.plan.live.slot
    if end not in (End.SUCCEEDED, End.ROLLED_BACK, End.ABORTED):
        return None
    return live if end is End.SUCCEEDED else live.other


def _cut_short(record: Record) -> bool:
    """A phase's deadline has ended it, and it says so."""
    return record.last is not None and "took longer" in record.last.decision.why


def _left_to_die(record: Record, winner: Slot) -> bool:
    """In the last look somebody was still healthy there, and people keep its group from replacing who dies then."""
    seen = record.last.seen.environment(winner) if record.last else None
    return bool(seen and seen.healthy and record.world.places[winner].fleet.suspended & REPLACING)


def _settled(record: Record) -> bool:
    """Whether the last fault healed long enough ago, and none is left that will. Overload alone is nobody's fault: a
    balancer that finds nobody healthy sends to all, so a slot is dead only when nobody answers."""
    if record.at_work:
        return False
    return record.healed is None or record.world.clock.now() - record.healed >= SETTLE
