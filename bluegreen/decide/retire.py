"""RETIRE: remove the slot that nobody uses any more, record first. For the old live slot this is the point of no
return: before it, going back costs one weight change.
"""

from __future__ import annotations

from bluegreen.decide.fallback import tidied
from bluegreen.decide.moves import finish, gone_back, stay, weights_moved
from bluegreen.decide.prewarm import give_back
from bluegreen.model import (
    Action,
    Decision,
    End,
    HoldScaleIn,
    Observation,
    Presence,
    RemoveEnvironment,
    RemoveRecord,
    Rollout,
)
from bluegreen.plan import Plan


def retire(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    leaving = rollout.leaving or rollout.candidate
    view, stays = seen.environment(leaving), seen.environment(leaving.other)
    if view is None or stays is None or seen.traffic is None:
        return stay(rollout, "the environments or the weights cannot be read")
    if (moved := weights_moved(rollout, seen, leaving)) is not None:
        return moved
    if only := needed_still(rollout, seen):
        return stay(rollout, only)
    ours = plan.candidate.kept is None  # what was there before is not removed when it does not win
    removed = ours if leaving is rollout.candidate else plan.retire == "remove"
    back = give_back(plan, rollout, seen, leaving if removed else None)
    rollout = back.rollout
    named = leaving in seen.traffic.weights and leaving.other in seen.traffic.weights
    actions: list[Action] = [RemoveRecord(leaving)] if named else []
    if not named and removed and view.presence is not Presence.ABSENT:
        actions += [*(each for each in back.actions if each.slot is leaving), RemoveEnvironment(leaving)]
    if stays.scale_in_held or stays.hold_left:
        actions.append(HoldScaleIn(leaving.other, held=False))
    if not removed and (view.scale_in_held or view.hold_left):
        actions.append(HoldScaleIn(leaving, held=False))
    if actions:
        return stay(rollout, f"{'removing' if removed else 'letting go of'} {leaving}", *actions)
    if (left := tidied(plan, rollout, seen)) is not None:
        return left
    if back.why:
        return stay(rollout, back.why, *back.actions)
    if dead := nobody_serves(rollout, seen):
        return stay(rollout, dead)
    if leaving is rollout.live:
        return finish(rollout, seen, End.SUCCEEDED, f"{rollout.candidate} serves alone")
    return gone_back(rollout, seen, f"{rollout.live} serves alone")


def needed_still(rollout: Rollout, seen: Observation) -> str:
    """Why the leaving slot must not go yet, or nothing: it is the only one that can serve. Even without a record it is
    all that an operator has left to send users to."""
    leaving = rollout.leaving or rollout.candidate
    view, stays = seen.environment(leaving), seen.environment(leaving.other)
    if view is None or stays is None or stays.healthy or not view.healthy:
        return ""
    return f"{leaving.other} has no healthy instance; {leaving}, the only slot that can serve, is kept"


def nobody_serves(rollout: Rollout, seen: Observation) -> str:
    """Why it is no success that the old slot is gone, or nothing: machines of the new one died in these last minutes,
    and may yet come again. A live slot that was dead before the rollout is another matter."""
    stays = seen.environment(rollout.candidate)
    if rollout.leaving is not rollout.live or stays is None or stays.healthy:
        return ""
    return f"{rollout.candidate} serves alone, and has no healthy instance"
