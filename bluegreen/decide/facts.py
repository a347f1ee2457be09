"""What checks and hooks are told of the rollout, by the names under which commands find it in their environment."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.model import Rollout
from bluegreen.plan import Plan


def facts_of(plan: Plan, rollout: Rollout, stage: str = "", why: str = "") -> Mapping[str, str]:
    """All as text. Who runs a check adds BLUEGREEN_CANDIDATE_URL and BLUEGREEN_LIVE_URL."""
    step = plan.steps[rollout.step]
    return {
        "BLUEGREEN_ROLLOUT": rollout.id,
        "BLUEGREEN_SERVICE": plan.service.name,
        "BLUEGREEN_RECORD": plan.service.record,
        "BLUEGREEN_STAGE": stage or str(rollout.phase),
        "BLUEGREEN_PHASE": str(rollout.phase),
        "BLUEGREEN_LIVE": str(rollout.live),
        "BLUEGREEN_CANDIDATE": str(rollout.candidate),
        "BLUEGREEN_STEP": str(rollout.step + 1),
        "BLUEGREEN_STEPS": str(len(plan.steps)),
        "BLUEGREEN_SHARE": f"{step.share:g}",
        "BLUEGREEN_END": str(rollout.end or ""),
        "BLUEGREEN_WHY": why or rollout.cause,
    }
