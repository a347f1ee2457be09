"""RETIRE: remove the slot that nobody uses any more, record first. For the old live slot this is the point of no
return: before it, going back costs one weight change.
"""

from __future__ import annotations

from bluegreen.decide.moves import finish, gone_back, stay, weights_moved
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
    removed = leaving is rollout.candidate or plan.retire == "remove"
    actions: list[Action] = []
    if leaving in seen.traffic.weights and leaving.other in seen.traffic.weights:
        actions.append(RemoveRecord(leaving))
    elif removed and view.presence is not Presence.ABSENT:
        actions.append(RemoveEnvironment(leaving))
    if stays.scale_in_held:
        actions.append(HoldScaleIn(leaving.other, held=False))
    if not removed and view.scale_in_held:
        actions.append(HoldScaleIn(leaving, held=False))
    if actions:
        return stay(rollout, f"{'removing' if removed else 'letting go of'} {leaving}", *actions)
    if leaving is rollout.live:
        return finish(rollout, seen, End.SUCCEEDED, f"{rollout.candidate} serves alone")
    return gone_back(rollout, seen, f"{rollout.live} serves alone")
