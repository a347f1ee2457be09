"""One look, several decisions: who has entered another phase need not look again for what was seen a moment ago."""

from __future__ import annotations

from bluegreen.decide.moves import AT_ONCE
from bluegreen.decide.wants import wants
from bluegreen.model import Decision, Observation, Phase, Rollout
from bluegreen.plan import Plan


def shown(plan: Plan, rollout: Rollout, seen: Observation, decision: Decision) -> bool:
    """Whether `seen`, a look made for `rollout`, shows all that comes after `decision` too: nothing is done or waited
    for in between, nothing went wrong with the look, no command in it would be heard twice, and the next phase wants
    to see nothing that this look has not read. Before a slot is let go, which cannot be taken back, there is always a
    look of its own."""
    after = decision.rollout
    if decision.wait > AT_ONCE or decision.actions or after.finished or after.phase is rollout.phase:
        return False
    if seen.trouble or seen.commands or after.phase is Phase.RETIRE:
        return False
    return wants(plan, after).within(wants(plan, rollout), seen.at)
