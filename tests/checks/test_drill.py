"""Alarms are drilled: set to ALARM and back, seen in their history, never taken for real. On both tiers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bluegreen.decide.selftest import drilled
from bluegreen.errors import Missing
from bluegreen.journal.entries import Decided
from bluegreen.model import DrillAlarm, DrillView, End, Observation, Phase, Rollout, Slot
from bluegreen.plan import Plan
from sim.alarms import AlarmSpec
from sim.api import EngineKilled
from sim.cloudspec import CloudSpec
from sim.interruptions import KINDS
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier, outside
from sim.world import World
from sim.worldspec import WorldSpec
from tests.tiers.conftest import PLAN, ROLLOUT

PAGER = "arn:aws:sns:us-east-1:123456789012:pager"
CHILD = {
    "name": "shop-errors",
    "slot": "blue",
    "measure": "target_5xx",
    "threshold": 100,
    "treat_missing": "notBreaching",
}
PARENT = {"name": "down", "rule": 'ALARM("shop-errors")'}
GRANDPARENT = {"name": "on-fire", "rule": "ALARM(down)", "actions": [PAGER]}
GATES = [*PLAN["gates"], {"kind": "alarm", "alarm": "shop-errors"}]


def a_plan(**selftest):
    return Plan.model_validate({**PLAN, "gates": GATES, "selftest": {"drill": ["shop-errors"], **selftest}})


@pytest.fixture(params=Tier)
def make(request):
    opened = []

    def made(*alarms):
        world = World(WorldSpec(), a_plan(), 1)
        spec = CloudSpec(alarms=tuple(AlarmSpec.model_validate(each) for each in alarms))
        there = outside(request.param, world, a_plan(), spec)
        there.__enter__()
        opened.append(there)
        world.start()
        there.preflight(ROLLOUT)
        world.env.run(until=180_000)
        return world, there.connect(ROLLOUT)

    yield made
    for there in opened:
        there.__exit__(None, None, None)


def test_a_drill_is_seen_in_the_history_and_leaves_the_alarm_as_cloudwatch_finds_it(make):
    world, ports = make(CHILD)
    since = world.clock.now()
    assert ports.drills.look(["shop-errors"], since) == [DrillView("shop-errors", heard=False)]
    ports.drills.drill("shop-errors")
    assert ports.drills.look(["shop-errors"], since) == [DrillView("shop-errors", heard=True)]
    assert ports.metrics.alarms(["shop-errors"]) == {"shop-errors": "OK"}


def test_a_drill_of_another_rollout_does_not_count(make):
    world, ports = make(CHILD)
    ports.drills.drill("shop-errors")
    world.env.run(until=world.env.now + 1000)
    assert not ports.drills.look(["shop-errors"], world.clock.now())[0].heard


def test_actions_of_all_alarms_above_are_told(make):
    _, ports = make(CHILD, PARENT, GRANDPARENT)
    [view] = ports.drills.look(["shop-errors"], datetime(2030, 1, 1, tzinfo=UTC))
    assert view.fires == (PAGER,)


def test_an_engine_that_dies_in_the_middle_leaves_an_alarm_that_no_gate_takes_for_real(make):
    world, ports = make(CHILD)
    world.api.kill_after = frozenset({world.api.calls + 1})
    with pytest.raises(EngineKilled):
        ports.drills.drill("shop-errors")
    assert world.metrics.alarm_state("shop-errors") == "ALARM"
    assert ports.metrics.alarms(["shop-errors"]) == {"shop-errors": "INSUFFICIENT_DATA"}
    world.env.run(until=world.env.now + 120_000)
    assert ports.metrics.alarms(["shop-errors"]) == {"shop-errors": "OK"}


def test_an_alarm_that_is_not_there_is_missing(make):
    world, ports = make(CHILD)
    assert list(ports.drills.look(["gone"], world.clock.now())) == []
    with pytest.raises(Missing):
        ports.drills.drill("gone")


AT = datetime(2030, 1, 1, tzinfo=UTC)
VERIFYING = Rollout("r", Slot.BLUE, Phase.VERIFY, AT, AT, healthy_since=AT, tested=(Phase.PROVISION, Phase.VERIFY))


@pytest.mark.parametrize(
    ("view", "said"),
    [
        (DrillView("shop-errors", False, (PAGER,)), f"would fire {PAGER}"),
        (DrillView("shop-errors", False, composite=True), "is composite: a state that is set there sticks"),
    ],
)
def test_a_drill_that_would_harm_ends_the_rollout_before_anything_fires(view, said):
    decision = drilled(a_plan(), VERIFYING, Observation(AT, drills=(view,)))
    assert said in decision.rollout.cause and decision.actions == ()


def test_what_is_meant_to_fire_is_fired_where_the_file_says_so():
    view = DrillView("shop-errors", False, (PAGER,))
    decision = drilled(a_plan(drill_fires="accept"), VERIFYING, Observation(AT, drills=(view,)))
    assert decision.actions == (DrillAlarm("shop-errors"),)


@pytest.mark.parametrize("change", [{"drilled": True}, {"phase": Phase.SCALE}, {"tested": (Phase.PROVISION,)}])
def test_nothing_is_drilled_twice_or_before_the_self_test_or_when_users_may_be_there(change):
    view = DrillView("shop-errors", False)
    assert drilled(a_plan(), replace(VERIFYING, **change), Observation(AT, drills=(view,))) is None


def test_an_alarm_that_no_gate_asks_cannot_be_drilled():
    with pytest.raises(ValidationError, match="no gate asks the alarm other; the gates' alarms are shop-errors"):
        a_plan(drill=["other"])


def drills_of(done):
    return [a for e in done.entries if isinstance(e, Decided) for a in e.decision.actions if isinstance(a, DrillAlarm)]


def test_a_rollout_drills_once():
    path = built_in()["alarm-drilled"]
    done = run(load_scenario(path), plan_of(load_scenario(path), path, None), 1, tier=Tier.MEMORY)
    assert (done.rollout.end, len(drills_of(done))) == (End.SUCCEEDED, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_at_any_call_of_a_drill_the_rollout_ends_the_same(kind):
    path = built_in()["alarm-drilled"]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    log = run(scenario, plan, 1, tier=Tier.MEMORY).world.api.log
    about = [n for n, call in enumerate(log, start=1) if "SetAlarmState" in call or "AlarmHistory" in call]
    for number in sorted({n + d for n in about for d in (0, 1)}):
        done = run(scenario.model_copy(update={"faults": (KINDS[kind](number),)}), plan, 1, tier=Tier.MEMORY)
        assert done.rollout.end is End.SUCCEEDED and not done.broken, (number, done.rollout.cause)
