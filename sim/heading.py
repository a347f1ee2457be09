"""The first line of a trace, as far as rehearsals and drills tell the same."""

from __future__ import annotations

from typing import Any

from bluegreen import __version__
from bluegreen.plan import Plan
from sim.scenario import Scenario


def heading(scenario: Scenario, plan: Plan, seed: int, replay: str) -> dict[str, Any]:
    """What was rehearsed: plan, scenario and seed, and the command that does it again. Times in seconds."""
    service = plan.service
    return {
        "kind": "header",
        "version": __version__,
        "rollout": {"service": service.name, "record": service.record, "zone": service.zone},
        "scenario": scenario.name,
        "about": scenario.about,
        "seed": seed,
        "plan": plan.hash,
        "steps": [{"share": step.share, "hold": step.hold.total_seconds()} for step in plan.steps],
        "live": plan.live.slot,
        "candidate": plan.live.slot.other,
        "ttl": plan.answers_live_for.total_seconds(),
        "replay": replay,
    }
