"""Always: what the engine does to the control plane."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from bluegreen.decide.capacity import upper_share
from bluegreen.decide.drain import MAX_DELAY
from bluegreen.model import Phase, Rollout, Slot, TrafficView, Verdict, query_of
from sim.clock import EPOCH, ms
from sim.effects import CapacityChanged, Created, DataChanged, Effect, LeaseTaken, Removed, WeightsChanged
from sim.invariants.base import Record, judged, on_effect

MINUTE = timedelta(minutes=1)
CAUSES: dict[type[Effect], frozenset[str]] = {
    WeightsChanged: frozenset({"create", "weights", "remove record"}),
    CapacityChanged: frozenset({"capacity", "hold scale-in", "create", "remove"}),
    Created: frozenset({"create", "weights", "prepare fallback"}),
    DataChanged: frozenset({"move data", "check"}),
    Removed: frozenset({"remove", "remove record", "tidy fallback", "create"}),
}
"""Which intents an effect may come from. A stack that cannot be created takes back by itself what it has made."""
NOTHING: frozenset[str] = frozenset()


@on_effect
def never_all_weights_zero(record: Record, effect: Effect) -> str:
    """Route 53 answers with equal shares then. What else of a record is changed lets weights be as they were."""
    if not isinstance(effect, WeightsChanged) or effect.by != "engine" or effect.before == effect.after:
        return ""
    if not any(effect.after.values()):
        return f"weights were set to {_show(effect.after)}"
    return ""


@on_effect
def no_weight_for_a_slot_seen_unhealthy(record: Record, effect: Effect) -> str:
    for slot in _raised(effect):
        view = record.last.seen.environment(slot) if record.last else None
        if view is not None and view.healthy == 0 and record.plan.rollback.pace != "at_once":
            return f"{slot} was raised to {_after(effect)} though it was just seen without a healthy instance"
    return ""


@on_effect
def no_step_up_without_passing_gates(record: Record, effect: Effect) -> str:
    """UNKNOWN never promotes. The first step has no evidence yet: until it was in place nobody was on the candidate by
    the engine's doing."""
    candidate = record.plan.live.slot.other
    if candidate not in _raised(effect) or record.last is None or not isinstance(effect, WeightsChanged):
        return ""
    if record.last.decision.rollout.in_place is None or _had_it(record, effect, candidate):
        return ""
    answers = judged(record.plan, record.last.decision.rollout, record.last.seen)
    word = record.last.decision.rollout.promoted  # an operator's: it stands for evidence, not against it
    bad = [a for a in answers if a.verdict is Verdict.FAIL or (a.verdict is Verdict.UNKNOWN and not word)]
    why = "; ".join(f"{answer.gate}: {answer.why}" for answer in bad)
    return f"{candidate} was raised to {_after(effect)} in spite of: {why}" if bad else ""


@on_effect
def no_weight_beyond_capacity(record: Record, effect: Effect) -> str:
    """The share's upper tail must fit the healthy instances when the engine looked, unless the other slot can carry
    nothing at all, or the way back had to be taken unseen."""
    if not isinstance(effect, WeightsChanged):
        return ""
    for slot in _raised(effect):
        other = record.world.places[slot.other].fleet
        if _had_it(record, effect, slot):
            continue
        if record.plan.rollback.pace == "at_once" or other.healthy == 0 or record.rollout is None:
            continue
        seen = record.last.seen.environment(slot) if record.last else None
        if seen is None and record.rollout.phase is Phase.ROLLBACK:
            continue
        healthy = max(record.healthy.get(slot, 0), record.world.places[slot].fleet.healthy)
        if seen is not None:  # what it saw, as far as it was so: machines may be lost while it looks, and after
            healthy = max(healthy, min(seen.healthy, record.earlier.get(slot, 0)))
        if not record.plan.traffic.weighs and effect.after.get(slot.other):
            continue  # each machine gets the same share
        need = _needs(record, record.rollout, slot, _share(effect.after, slot))
        if healthy < need:
            return f"{slot} was raised to {_after(effect)} with {healthy} healthy instances; that needs {need}"
    return ""


@on_effect
def no_slot_removed_while_used(record: Record, effect: Effect) -> str:
    """A slot with weight, or with clients, is not removed: the plan says which share counts as nobody, and for how
    long. Judged by what really happened, up to the newest minute that CloudWatch had published at the look that ended
    the drain."""
    if not isinstance(effect, Removed) or effect.by != "engine" or not effect.name.startswith(("group/", "balancer/")):
        return ""
    slot, world = effect.slot, record.world
    if world.dns.answers().get(slot, 0.0) > 0 and any(world.dns.weights.values()):
        return f"{effect.name} of {slot} was removed while DNS still answered with it"
    if record.rollout is None or not record.rollout.exposed:
        return ""
    here, total = requests_of(record, slot)
    if here > record.plan.drain.below * total:
        return f"{effect.name} of {slot} was removed though {here:.0f} of {total:.0f} requests had just reached it"
    return ""


@on_effect
def the_only_healthy_slot_is_kept(record: Record, effect: Effect) -> str:
    """Whatever went wrong: what was just seen to be all that can serve is not removed."""
    if not isinstance(effect, Removed) or effect.by != "engine" or record.last is None or _idle(record, effect):
        return ""
    slot, seen = effect.slot, record.last.seen
    view, other = seen.environment(slot), seen.environment(slot.other)
    if view is None or other is None or not view.healthy or other.healthy:
        return ""
    return f"{effect.name} was removed though only {slot} was just seen with healthy instances"


@on_effect
def no_slot_shrunk_below_what_it_may_need(record: Record, effect: Effect) -> str:
    """Neither by the engine nor, because the engine must hold it, by autoscaling: the live slot keeps what it had as
    long as a way back may lead to it, the candidate keeps what its share needs."""
    rollout = record.rollout
    if not isinstance(effect, CapacityChanged) or effect.after >= effect.before:
        return ""
    if effect.by == "operator" or rollout is None or not rollout.exposed or rollout.phase in (Phase.RETIRE, Phase.DONE):
        return ""
    going_back = rollout.leaving is rollout.candidate
    if effect.slot is rollout.live:
        need = rollout.live_capacity
    else:
        share = record.plan.steps[rollout.step].share
        if rollout.phase is Phase.SCALE:  # the step is only prepared: its weight comes after its capacity
            share = min(share, _share(record.world.dns.weights, effect.slot))
        need = 0 if going_back else _needs(record, rollout, effect.slot, share)
    if effect.after >= min(need, record.shrunk_by_hand.get(effect.slot, need)) or _lets_go(record):
        return ""
    return f"{effect.slot} was shrunk to {effect.after} by {effect.by} during {rollout.phase}; it may need {need}"


@on_effect
def only_what_the_rollout_made_is_removed(record: Record, effect: Effect) -> str:
    """... and the slot that was live, once it has been left, if the plan says so."""
    if not isinstance(effect, Removed) or effect.by != "engine":
        return ""
    rollout, plan = record.rollout, record.plan
    leaving_live = rollout is not None and rollout.phase is Phase.RETIRE and rollout.leaving is plan.live.slot
    if effect.name in record.created or (effect.slot is plan.live.slot and leaving_live and plan.retire == "remove"):
        return ""
    return f"{effect.name} was removed, which this rollout did not make"


@on_effect
def nothing_is_done_that_is_not_written_down(record: Record, effect: Effect) -> str:
    """Intent first: an engine that dies between the two must leave a journal that tells of what it was doing."""
    if getattr(effect, "by", "engine") != "engine" or record.intended & CAUSES.get(type(effect), NOTHING):
        return ""
    return f"{effect} happened, and the journal tells of no such intent"


@on_effect
def nobody_is_taken_over_who_is_alive(record: Record, effect: Effect) -> str:
    """A lease changes hands when its holder is dead, or has said nothing for the lease's whole length."""
    if not isinstance(effect, LeaseTaken) or effect.silent is None or record.plan.team is None:
        return ""
    if effect.silent >= record.plan.team.lease:
        return ""
    return f"{effect.who} has the lease {effect.silent} after its holder was heard, of {record.plan.team.lease}"


@on_effect
def no_action_after_the_end(record: Record, effect: Effect) -> str:
    by = getattr(effect, "by", "engine")
    if record.rollout is not None and record.rollout.finished and by == "engine":
        return f"{effect} after the rollout had ended"
    return ""


def _idle(record: Record, effect: Removed) -> bool:
    """A health check by which no record goes: users do not depend on it."""
    kind, _, check_id = effect.name.partition("/")
    return kind == "health check" and check_id not in record.world.dns.checked.values()


def _lets_go(record: Record) -> bool:
    """Nobody answered, or the drain's time is over: what was held is given back, and then it ends."""
    return record.last is not None and record.last.decision.why.startswith("letting go")


def requests_of(record: Record, slot: Slot) -> tuple[float, float]:
    """Requests to `slot` and to both, in the `drain.quiet` up to the newest minute that could be known when the drain
    was over."""
    world = record.world
    until = _known(record, slot)
    begin, end = ms(until - record.plan.drain.quiet - EPOCH), ms(until - EPOCH)
    seen = [sample.slots for sample in world.samples if begin < sample.at <= end]
    return sum(sums[slot].requests for sums in seen), sum(sum(s.requests for s in sums.values()) for sums in seen)


def _known(record: Record, slot: Slot) -> datetime:
    """The end of the newest minute in which the look that ended the drain found the slot's balancer alive: delays may
    have changed since, and reads take time, so nobody but that look can tell. Where it found none, or only old ones,
    the minutes right before it count."""
    entry = record.drained or record.last
    assert entry is not None, "the engine removed something before its first decision"
    seen = entry.seen
    alive = [point.at + MINUTE for point in seen.points(query_of("healthy_hosts", slot))]
    fresh = [end for end in alive if seen.at - end <= MAX_DELAY]
    return max(fresh, default=seen.at.replace(second=0, microsecond=0))


def _raised(effect: Effect) -> list[Slot]:
    """Slots whose share the engine just raised."""
    if not isinstance(effect, WeightsChanged) or effect.by != "engine":
        return []
    return [slot for slot in Slot if _share(effect.after, slot) > _share(effect.before, slot)]


def _had_it(record: Record, effect: WeightsChanged, slot: Slot) -> bool:
    """The look showed it with as much or more: what somebody took away in between the engine has not raised."""
    traffic = record.last.seen.traffic if record.last else None
    return traffic is not None and _share(effect.after, slot) <= traffic.share(slot)


def _share(weights: Mapping[Slot, int], slot: Slot) -> float:
    """As Route 53 has it: all weights zero means equal shares."""
    return TrafficView(weights, in_sync=True).share(slot)


def _needs(record: Record, rollout: Rollout, slot: Slot, share: float) -> int:
    """Healthy instances that `share` needs on `slot`."""
    spec = record.plan.candidate
    if slot is record.plan.live.slot:
        return ceil(round(share * rollout.live_capacity / (1 + spec.margin), 6))
    full = spec.instances or rollout.live_capacity
    return ceil(round(upper_share(share, spec.resolvers) * full, 6))


def _after(effect: Effect) -> str:
    return _show(effect.after) if isinstance(effect, WeightsChanged) else ""


def _show(weights: Mapping[Slot, int]) -> str:
    return ", ".join(f"{slot} {weight}" for slot, weight in sorted(weights.items()))
