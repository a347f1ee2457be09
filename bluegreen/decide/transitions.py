"""Which way a rollout can go from where. Documentation is drawn from this table, and rehearsals are held to it."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.model import End, Phase, Rollout

DRAIN_LIVE, DRAIN_CANDIDATE = "drain live", "drain candidate"
RETIRE_LIVE, RETIRE_CANDIDATE = "retire live", "retire candidate"

WAYS: Mapping[str, tuple[str, ...]] = {
    Phase.PROVISION: (Phase.VERIFY, RETIRE_CANDIDATE),
    Phase.VERIFY: (Phase.SCALE, RETIRE_CANDIDATE),
    Phase.SCALE: (Phase.SHIFT, Phase.ROLLBACK, RETIRE_CANDIDATE),
    Phase.SHIFT: (Phase.HOLD, Phase.SCALE, Phase.ROLLBACK),
    Phase.HOLD: (Phase.SCALE, Phase.BAKE, Phase.SHIFT, Phase.ROLLBACK),
    Phase.BAKE: (DRAIN_LIVE, Phase.SHIFT, Phase.ROLLBACK),
    DRAIN_LIVE: (RETIRE_LIVE, Phase.SHIFT, Phase.ROLLBACK),
    RETIRE_LIVE: (End.SUCCEEDED, Phase.SHIFT),
    Phase.ROLLBACK: (DRAIN_CANDIDATE, End.ROLLBACK_FAILED),
    DRAIN_CANDIDATE: (RETIRE_CANDIDATE, Phase.ROLLBACK, End.ROLLBACK_FAILED, End.ROLLED_BACK, End.ABORTED),
    RETIRE_CANDIDATE: (End.ROLLED_BACK, End.ABORTED, Phase.ROLLBACK),
}
"""From everywhere a rollout can also end in `needs operator`: when no safe step is left that a machine should take."""


def where(rollout: Rollout) -> str:
    """A rollout's place in the table: its end, or its phase with the slot that leaves."""
    if rollout.end is not None:
        return rollout.end
    if rollout.phase in (Phase.DRAIN, Phase.RETIRE):
        return f"{rollout.phase} {'live' if rollout.leaving is rollout.live else 'candidate'}"
    return rollout.phase


def possible(before: Rollout, after: Rollout) -> bool:
    """Whether the table has this way. Staying is always possible."""
    old, new = where(before), where(after)
    return new in (old, End.NEEDS_OPERATOR) or new in WAYS[old]
