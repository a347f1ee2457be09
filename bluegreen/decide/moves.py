"""The moves a phase can make: stay, go on, go back, end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bluegreen.model import Action, Decision, End, Judgement, Observation, Phase, Rollout, Slot

SOON = timedelta(seconds=15)
"""How often something that is under way in AWS is looked at."""
MAKING = timedelta(seconds=30)
"""... when it is machines or balancers: they take AWS minutes, and health checks of a target are 30 s apart."""
AT_ONCE = timedelta(0)
SETTLED = frozenset({Phase.HOLD, Phase.BAKE, Phase.ROLLBACK, Phase.DRAIN})
"""Where an operator's word for the step before no longer counts."""


def stay(
    rollout: Rollout, why: str, *actions: Action, wait: timedelta = SOON, judged: tuple[Judgement, ...] = ()
) -> Decision:
    """Look again after `wait`."""
    return Decision(rollout, wait, why, actions, judged)


def go(
    rollout: Rollout, seen: Observation, phase: Phase, why: str, *actions: Action, judged: tuple[Judgement, ...] = ()
) -> Decision:
    """Enter another phase (or the same one anew) and look again at once."""
    promoted = "" if phase in SETTLED else rollout.promoted
    entered = replace(rollout, phase=phase, since=seen.at, asked=None, letting_go=None, promoted=promoted)
    return Decision(entered, AT_ONCE, why, actions, judged)


def go_back(rollout: Rollout, seen: Observation, cause: str, judged: tuple[Judgement, ...] = ()) -> Decision:
    """Roll back because of `cause`. When no user was ever sent to the candidate, there is only it to remove."""
    rollout = replace(rollout, cause=cause, leaving=rollout.candidate, paused=None)
    if not rollout.exposed:
        return go(rollout, seen, Phase.RETIRE, f"no user was sent to {rollout.candidate} yet: {cause}", judged=judged)
    return go(rollout, seen, Phase.ROLLBACK, f"going back to {rollout.live}: {cause}", judged=judged)


def finish(rollout: Rollout, seen: Observation, end: End, why: str) -> Decision:
    """The end of this rollout."""
    return Decision(replace(rollout, phase=Phase.DONE, since=seen.at, end=end), AT_ONCE, why)


def gone_back(rollout: Rollout, seen: Observation, why: str) -> Decision:
    """The end of a rollout that went back: the operator's wish, or the engine's."""
    return finish(rollout, seen, End.ABORTED if rollout.aborted else End.ROLLED_BACK, f"{why}: {rollout.cause}")


def weights_moved(rollout: Rollout, seen: Observation, leaving: Slot) -> Decision | None:
    """Somebody gave the leaving slot weight again: back to the phase that sets the weights."""
    if seen.traffic is None or seen.traffic.share(leaving) == 0:
        return None
    phase = Phase.SHIFT if leaving is rollout.live else Phase.ROLLBACK
    return go(rollout, seen, phase, f"somebody else gave {leaving} weight again; putting it back")
