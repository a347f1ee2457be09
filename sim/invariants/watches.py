"""Always: when a watch begins, and when it ends."""

from __future__ import annotations

from datetime import timedelta

from bluegreen.decide.capacity import show_weights, weights_for
from bluegreen.decide.moved import realised, slack
from bluegreen.journal.entries import Decided
from bluegreen.model import Phase, Rollout, query_of
from sim.clock import now_ms
from sim.invariants.base import Record, on_passage

FINEST = 1 / 255
"""What a weight can tell apart: a step's share is not met more exactly than half of this."""
EXACT = 1e-9
OVER = ((Phase.HOLD, Phase.SCALE), (Phase.HOLD, Phase.BAKE), (Phase.BAKE, Phase.DRAIN))
"""From one phase to the next: a watch that was passed."""


@on_passage
def weights_in_place_are_known_to_all_servers(record: Record, entry: Decided, before: Decided | None) -> str:
    """Accepted is not yet done: until its change has reached all servers, a share is a wish."""
    old, new = _both(entry, before)
    if old is None or new.in_place is None or new.in_place == old.in_place or old.phase is Phase.HOLD:
        return ""  # a hold that is tried again begins anew, with the weights that stand
    dns, seen = record.world.dns, entry.seen.traffic
    if seen is None or dict(seen.weights) != dict(dns.weights) or not record.plan.traffic.by_dns:
        return ""
    missing = dns.insync_at - now_ms(record.world.env)
    if all(abs(share - seen.share(slot)) < EXACT for slot, share in dns.answers().items()):
        return ""  # what is still on its way says the same: somebody set by hand what stood there
    return f"the weights count as in place, and will be so in {missing / 1000:.0f} s" if missing > 0 else ""


@on_passage
def a_watched_step_has_its_share(record: Record, entry: Decided, before: Decided | None) -> str:
    """Nobody can learn anything from a share that rounding has taken away, or that is larger than the plan's."""
    old, new = _both(entry, before)
    if old is None or old.phase is not Phase.SHIFT or new.phase is not Phase.HOLD or entry.seen.traffic is None:
        return ""
    share, has = record.plan.steps[new.step].share, entry.seen.traffic.share(new.candidate)
    if abs(share - has) <= FINEST and bool(has) == bool(share):
        return ""
    return f"a step of {share:.2%} is watched with weights that give {has:.2%}"


@on_passage
def a_hold_counts_from_when_users_follow(record: Record, entry: Decided, before: Decided | None) -> str:
    """Weights that are set move nobody whose answer is cached; after the plan's patience it may count all the same."""
    old, new = _both(entry, before)
    if old is None or old.moved is not None or new.moved is None or old.phase is not Phase.HOLD:
        return ""
    if entry.seen.at - (old.in_place or old.since) >= record.plan.moved.within:
        return ""
    share, found = record.plan.steps[old.step].share, realised(record.plan, old, entry.seen)
    if found is not None and share - found <= slack(record.plan, old.step):
        return ""
    follow = "no request was counted" if found is None else f"{found:.1%} of the requests follow"
    return f"the hold of {share:.1%} began though {follow}"


@on_passage
def a_watch_ends_with_the_weights_of_its_step(record: Record, entry: Decided, before: Decided | None) -> str:
    """What somebody else set meanwhile was watched, not the step: it is put back, and watched anew. By what
    the engine itself saw."""
    old, new = _both(entry, before)
    if old is None or (old.phase, new.phase) not in OVER or entry.seen.traffic is None:
        return ""
    wish = weights_for(old.live, record.plan.steps[old.step].share, record.plan.traffic.finest)
    found = dict(entry.seen.traffic.weights)
    return (
        "" if found == wish else f"{old.phase} was over with {show_weights(found)}; the step has {show_weights(wish)}"
    )


@on_passage
def a_watch_is_as_long_as_the_plan_says(record: Record, entry: Decided, before: Decided | None) -> str:
    """Only an operator's word makes it shorter."""
    old, new = _both(entry, before)
    if old is None or old.promoted or any(each.accepted for each in entry.decision.answers):
        return ""
    if old.phase is Phase.HOLD and new.phase in (Phase.SCALE, Phase.BAKE):
        begun, wanted = old.moved or new.moved or entry.seen.at, record.plan.steps[old.step].hold
    elif old.phase is Phase.BAKE and new.phase is Phase.DRAIN:
        begun, wanted = old.since, record.plan.bake
    else:
        return ""
    lasted = entry.seen.at - begun
    return f"{old.phase} lasted {lasted}, the plan says {wanted}" if lasted < wanted - timedelta(seconds=1) else ""


@on_passage
def no_step_without_the_sample_that_the_plan_wants(record: Record, entry: Decided, before: Decided | None) -> str:
    """Requests of the candidate that were seen in this step: what the weights promise is no evidence."""
    old, new = _both(entry, before)
    if old is None or old.promoted or any(each.accepted for each in entry.decision.answers):
        return ""
    if old.phase is not Phase.HOLD or new.phase not in (Phase.SCALE, Phase.BAKE) or old.in_place is None:
        return ""
    wanted = max((gate.min_sample for gate in record.plan.gates if not gate.dry_run), default=0)
    points = entry.seen.points(query_of("requests", old.candidate))
    seen = sum(point.value for point in points if point.at >= old.in_place)
    return f"{seen:.0f} requests were seen in this step, the plan wants {wanted}" if round(seen) < wanted else ""


def _both(entry: Decided, before: Decided | None) -> tuple[Rollout | None, Rollout]:
    return before.decision.rollout if before else None, entry.decision.rollout
