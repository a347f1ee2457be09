"""What SCALE and RETIRE ask of reserved balancer capacity: in force before the first user, given back at the end.

Level-triggered: what is asked follows from the reservation as it stands. What there was before is remembered in the
rollout, since nothing else can tell later what is to be given back: a reservation that was there stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isclose

from bluegreen.model import Decision, Observation, Phase, Presence, ReservationView, Reserve, Rollout, Slot
from bluegreen.plan import Plan
from bluegreen.units import show_duration

UNDER_WAY = frozenset({"pending", "rebalancing"})
"""No other request is taken then (CapacityReservationPending)."""
PATIENCE = 0.5
"""The part of RETIRE's deadline for which a giving-back is waited for: a bill is no reason to fail."""


@dataclass(frozen=True, slots=True)
class Warmth:
    """The rollout with what it remembers, what is missing (or nothing), and what to ask for."""

    rollout: Rollout
    why: str = ""
    actions: tuple[Reserve, ...] = ()


def reservations(plan: Plan, rollout: Rollout) -> tuple[Slot, ...]:
    """Whose reservation the next look must see."""
    if plan.prewarm is None:
        return ()
    if rollout.phase is Phase.RETIRE:
        return tuple(sorted(rollout.reserved))
    if rollout.phase is not Phase.SCALE or rollout.exposed:
        return ()
    return (rollout.candidate, rollout.live) if plan.prewarm.also_live else (rollout.candidate,)


# -- before the first user --------------------------------------------------------------------------------------------


def warm(plan: Plan, rollout: Rollout, seen: Observation) -> Warmth:
    """Until all that the plan wants is in force."""
    if plan.prewarm is None:
        return Warmth(rollout)
    missing, actions, before = [], [], dict(rollout.reserved)
    for slot in reservations(plan, rollout):
        view = seen.reserved.get(slot)
        if view is None:
            missing.append(f"the reservation of {slot} cannot be read")
        elif not _in_force(view, plan.prewarm.units):
            missing.append(_missing(slot, view, plan.prewarm.units))
            if _to_be_asked(view, plan.prewarm.units):
                before.setdefault(slot, view.units)
                actions.append(Reserve(slot, plan.prewarm.units))
    if before != dict(rollout.reserved):
        rollout = replace(rollout, reserved=before)
    return Warmth(rollout, "; ".join(missing), tuple(actions))


def _in_force(view: ReservationView, units: int) -> bool:
    enough = view.effective >= units or isclose(view.effective, units)
    return view.state == "provisioned" and view.units >= units and enough


def _to_be_asked(view: ReservationView, units: int) -> bool:
    return view.state == "failed" or (view.state == "provisioned" and view.units < units)


def _missing(slot: Slot, view: ReservationView, units: int) -> str:
    detail = f" ({view.detail})" if view.detail else ""
    return f"{slot} has {view.effective:g} of {units} capacity units in force: {view.state}{detail}"


# -- when it is over --------------------------------------------------------------------------------------------------


def give_back(plan: Plan, rollout: Rollout, seen: Observation, removed: Slot | None) -> Warmth:
    """What was reserved for this rollout. A balancer that is `removed` takes its own along: it is given back first if
    that can be at once, and not waited for."""
    left, waits, actions = {}, [], []
    for slot, before in rollout.reserved.items():
        view = seen.reserved.get(slot)
        if _given_back(plan, view, before) or (slot is removed and _gone(seen, slot)):
            continue
        left[slot] = before
        if _stuck(plan, rollout, seen, slot):
            continue
        if _free(view):
            actions.append(Reserve(slot, before))
        if slot is not removed:
            waits.append(f"{slot}'s reserved capacity is to be given back: {_stands(view)}")
    if len(left) < len(rollout.reserved):
        rollout = replace(rollout, reserved=left)
    return Warmth(rollout, "; ".join(waits), tuple(actions))


def leftover(plan: Plan, before: Rollout, seen: Observation, decision: Decision) -> Decision:
    """An end that leaves something reserved says so: it is billed until somebody gives it back."""
    rollout = decision.rollout
    if plan.prewarm is None or not rollout.finished or not rollout.reserved:
        return decision
    told = [_told(plan, before, seen, slot, units) for slot, units in sorted(rollout.reserved.items())]
    return replace(decision, why="; ".join((decision.why, *told)))


def _told(plan: Plan, rollout: Rollout, seen: Observation, slot: Slot, before: int) -> str:
    assert plan.prewarm is not None, "something was reserved"
    view = seen.reserved.get(slot)
    why = f" ({_stuck(plan, rollout, seen, slot) or _stands(view)})" if view is not None else ""
    back = f"they are billed until you reserve {before or 'none'}"
    return f"{slot}'s balancer may still have {plan.prewarm.units} capacity units reserved{why}; {back}"


def _given_back(plan: Plan, view: ReservationView | None, before: int) -> bool:
    """Or somebody else has reserved another number meanwhile: then it is theirs."""
    assert plan.prewarm is not None, "something was reserved"
    return view is not None and (view.state == "absent" or view.units <= before or view.units != plan.prewarm.units)


def _gone(seen: Observation, slot: Slot) -> bool:
    view = seen.environment(slot)
    return view is not None and view.presence is Presence.ABSENT


def _stuck(plan: Plan, rollout: Rollout, seen: Observation, slot: Slot) -> str:
    """Why it is of no use to ask for it now, or to wait any longer, or nothing."""
    view = seen.reserved.get(slot)
    if view is not None and view.decreases_left == 0:
        return "AWS allows two decreases a day, and none is left today"
    if refused := [each.error for each in seen.trouble if each.lasting and each.what in ("reserve", look_at(slot))]:
        return refused[0]
    patience = plan.deadlines.retire * PATIENCE
    if rollout.phase is not Phase.RETIRE or seen.at - rollout.since < patience:
        return ""
    failed = [each.error for each in seen.trouble if each.what == "reserve"]
    if _free(view) and not failed:
        return ""  # it was not asked for yet
    return f"{failed[0] if failed else _stands(view)}, after {show_duration(patience)}"


def _free(view: ReservationView | None) -> bool:
    return view is not None and view.state not in UNDER_WAY


def _stands(view: ReservationView | None) -> str:
    return f"it is {view.state}" if view is not None else "it cannot be read"


def look_at(slot: Slot) -> str:
    """What trouble with reading it is called."""
    return f"look at the reservation of {slot}"
