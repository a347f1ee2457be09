"""How AWS will know what the rollout makes."""

from __future__ import annotations

from bluegreen.plan import Plan


def made(plan: Plan) -> str:
    """The name of everything there is one of. Its last five digits come from the rollout's id, which begins with the
    time at which it is started, so nobody knows them yet."""
    return f"{plan.service.name}-{plan.live.slot.other}-?????"
