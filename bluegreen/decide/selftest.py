"""The self-test's place in a rollout: before anything is made, and again before users come."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.moves import go_back, stay
from bluegreen.model import Decision, DrillAlarm, DrillView, Observation, Phase, Rollout
from bluegreen.plan import Plan
from bluegreen.selftest.alarms import findings, missing


def alarm_names(plan: Plan) -> tuple[str, ...]:
    """The alarms that the gates name, once each."""
    if plan.selftest.alarms == "off":
        return ()
    return tuple(sorted({name for gate in plan.gates for name in gate.alarms()}))


def untested(plan: Plan, rollout: Rollout) -> tuple[str, ...]:
    """The alarms that are to be tested in this phase still."""
    return alarm_names(plan) if rollout.phase not in rollout.tested else ()


def tested(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What an unfit alarm leads to; None: all are fit, or there is none."""
    names = untested(plan, rollout)
    if not names:
        return None
    if seen.set_up is None:
        return stay(rollout, "the gates' alarms cannot be read")
    found = list(missing(plan.selftest, names, seen.set_up))
    found += [each for alarm in seen.set_up for each in findings(plan.selftest, alarm, rollout.live, seen.at)]
    if not found:
        return None
    made = rollout.phase is not Phase.PROVISION
    return go_back(replace(rollout, not_made=not made), seen, "; ".join(found))


def undrilled(plan: Plan, rollout: Rollout) -> tuple[str, ...]:
    """The alarms that are to be drilled still: after the self-test, which must not take a drill for a real ALARM."""
    if rollout.phase is not Phase.VERIFY or rollout.drilled or untested(plan, rollout):
        return ()
    return plan.selftest.drill


def drilled(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What a drill leads to; None: each alarm was seen in ALARM, or there is none to drill. One at a time."""
    if not undrilled(plan, rollout):
        return None
    if seen.drills is None:
        return stay(rollout, "alarms are to be drilled, and what that would fire is not known yet")
    views = {view.name: view for view in seen.drills}
    for name in plan.selftest.drill:
        view = views.get(name)
        if view is None:
            return go_back(rollout, seen, f"there is no CloudWatch alarm {name}")
        if not view.heard and (unfit := _undrillable(plan, view)):
            return go_back(rollout, seen, unfit)
        if not view.heard:
            return stay(rollout, f"drilling alarm {name}: set to ALARM, and back", DrillAlarm(name))
    return None


def _undrillable(plan: Plan, view: DrillView) -> str:
    """Why this alarm is not drilled, or nothing."""
    if view.composite:
        return f"alarm {view.name} is composite: a state that is set there sticks; drill the alarms that its rule names"
    if view.fires and plan.selftest.drill_fires == "refuse":
        return (
            f"drilling alarm {view.name} would fire {', '.join(view.fires)}; if that is meant, say"
            " selftest.drill_fires: accept"
        )
    return ""
