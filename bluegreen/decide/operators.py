"""What becomes of operators' commands: each is obeyed, or answered with what would be possible.

pause    nothing is changed any more, deadlines and questions stand still; a failing gate still sends users back
resume   after a pause: the rollout goes on where it was
promote  this watch is long enough, and missing evidence is no obstacle; a failing gate still is
retry    the phase begins anew; a question has not been asked
abort    users go back to the live slot
accept and refuse belong to manual checks (`bluegreen/checks/accept.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.moves import go_back
from bluegreen.model import Answer, CheckRun, Command, Decision, Observation, Pause, Phase, Rollout
from bluegreen.plan import Plan
from bluegreen.units import show_about

FORWARD = frozenset({Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE})
WATCHING = frozenset({Phase.HOLD, Phase.BAKE})


def obey(rollout: Rollout, seen: Observation) -> tuple[Rollout, tuple[Answer, ...]]:
    """The rollout as the commands of this look leave it, and an answer to each; an abort leaves `aborted` set."""
    if not seen.commands:
        return rollout, ()
    answers = []
    for command in seen.commands:
        if command.verb in OBEYED:
            rollout, accepted, why = OBEYED[command.verb](rollout, seen, command)
            answers.append(Answer(command, accepted, why))
    return rollout, tuple(answers)


def aborted(rollout: Rollout, seen: Observation, before: Rollout) -> Decision | None:
    """The way back, when an abort has just been obeyed."""
    if not rollout.aborted or before.aborted:
        return None
    command = next(command for command in seen.commands if command.verb == "abort")
    return go_back(rollout, seen, f"{command.who} aborted: {command.why}")


def hands_off(plan: Plan, rollout: Rollout, decision: Decision) -> Decision:
    """What a paused rollout does instead of `decision`: nothing, unless that leads back."""
    if rollout.paused is None:
        return decision
    unanswered = rollout.asked is not None and decision.rollout.finished and rollout.looks <= plan.look_limit
    leads_back = decision.rollout.phase not in FORWARD | {Phase.DRAIN} or _prepares_return(decision.rollout)
    if leads_back and not unanswered:
        return decision
    why = f"paused by {rollout.paused.who}: {rollout.paused.why}"
    return replace(decision, rollout=rollout, actions=(), wait=plan.every, why=why)


Obeyed = tuple[Rollout, bool, str]
"""The rollout after a command, whether it was accepted, and what it does or why it does not."""


def _pause(rollout: Rollout, seen: Observation, command: Command) -> Obeyed:
    if rollout.paused is not None:
        return rollout, False, f"{rollout.paused.who} has paused it already; resume or abort is possible"
    if not _can_go_back(rollout):
        return rollout, False, f"going back and removing are never paused; it is in {rollout.phase}"
    if _prepares_return(rollout) and (rollout.asked is None or (rollout.data and rollout.data.confirmed)):
        return rollout, False, "going back is never paused, and it is being prepared"
    return replace(rollout, paused=Pause(seen.at, command.who, command.why)), True, "nothing is changed from now on"


def _resume(rollout: Rollout, seen: Observation, command: Command) -> Obeyed:
    if rollout.paused is None:
        return rollout, False, "it is not paused"
    stood = seen.at - rollout.paused.at
    waiting = rollout.waiting + stood if rollout.waiting else None
    asked = replace(rollout.asked, at=rollout.asked.at + stood) if rollout.asked else None
    anew = replace(rollout, paused=None, since=rollout.since + stood, waiting=waiting, asked=asked)
    anew = replace(anew, runs={name: _stood_still(name, run, stood) for name, run in rollout.runs.items()})
    return anew, True, f"it goes on after a pause of {show_about(stood)}"


def _stood_still(name: str, run: CheckRun, length: timedelta) -> CheckRun:
    """A check's time limit without the pause. Answers to gates keep their time: it tells of which step they are."""
    waits = run.state == "running" and not name.startswith("gate/")
    return replace(run, began=run.began + length) if waits else run


def _promote(rollout: Rollout, seen: Observation, command: Command) -> Obeyed:
    if rollout.paused is not None:
        return rollout, False, "it is paused; resume it first"
    if rollout.phase not in WATCHING:
        return rollout, False, f"only a watch (hold, bake) can be cut short; it is in {rollout.phase}"
    anew = replace(rollout, promoted=f"{command.who}: {command.why}", asked=None)
    return anew, True, f"this {rollout.phase} is long enough, unless a gate fails"


def _retry(rollout: Rollout, seen: Observation, command: Command) -> Obeyed:
    if not _can_go_back(rollout):
        return rollout, False, f"only a way forward can be tried again; it is in {rollout.phase}"
    if rollout.paused is not None:
        return rollout, False, "it is paused; resume it first"
    anew = replace(rollout, since=seen.at, asked=None)
    if rollout.data is not None:
        anew = replace(anew, data=replace(rollout.data, back=""))
    if rollout.phase is Phase.HOLD:
        anew = replace(anew, in_place=seen.at, moved=None)
    return anew, True, f"{rollout.phase} begins anew"


def _abort(rollout: Rollout, seen: Observation, command: Command) -> Obeyed:
    if "data/contract" in rollout.runs:
        return rollout, False, f"the schema is being contracted: {rollout.live}'s code does not fit it any more"
    if _can_go_back(rollout):
        return replace(rollout, aborted=True, paused=None), True, f"users go back to {rollout.live}"
    if rollout.phase is Phase.RETIRE and rollout.leaving is rollout.live:
        return rollout, False, f"{rollout.live} is being let go: there is no cheap way back any more"
    return rollout, False, "it is going back already"


def _prepares_return(rollout: Rollout) -> bool:
    """It stands still where it is because the data have to go back, or a person has to answer, before users do."""
    return rollout.data is not None and bool(rollout.data.back)


def _can_go_back(rollout: Rollout) -> bool:
    return rollout.phase in FORWARD or (rollout.phase is Phase.DRAIN and rollout.leaving is rollout.live)


OBEYED: dict[str, Callable[[Rollout, Observation, Command], Obeyed]] = {
    "pause": _pause,
    "resume": _resume,
    "promote": _promote,
    "retry": _retry,
    "abort": _abort,
}
