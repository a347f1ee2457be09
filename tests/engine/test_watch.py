"""Gates are asked once for what was seen, however many want to know, and anew for whatever their answer depends on."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.decide.watch import watch
from bluegreen.gates.threshold import Threshold
from bluegreen.model import Observation, Phase, Rollout, Slot, Tally
from sim.scenario import built_in, load_scenario, plan_of

START = datetime(2030, 1, 1, tzinfo=UTC)
ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, exposed=True, in_place=START)


@pytest.fixture
def plan():
    path = built_in()["all-well"]
    return plan_of(load_scenario(path), path, None)


@pytest.fixture
def seen():
    return Observation(START + timedelta(minutes=5), readings=())


@pytest.fixture
def asked(monkeypatch):
    """The evidence on which gates were asked."""
    asked, judge = [], Threshold.judge
    monkeypatch.setattr(Threshold, "judge", lambda gate, evidence: asked.append(evidence) or judge(gate, evidence))
    return asked


def test_of_one_look_all_hear_the_same_and_gates_are_asked_once(plan, seen, asked):
    said = watch(plan, ROLLOUT, seen)
    assert watch(plan, replace(ROLLOUT, looks=7), seen) is said
    assert len(asked) == len(plan.gates)


@pytest.mark.parametrize(
    "rollout",
    [
        replace(ROLLOUT, in_place=START + timedelta(minutes=1)),
        replace(ROLLOUT, live=Slot.GREEN),
        replace(ROLLOUT, tallies={"error_rate": Tally(failures=1)}),
    ],
    ids=["a later step", "the other slot is live", "other looks before"],
)
def test_whatever_else_they_may_judge_on_asks_them_anew(plan, seen, asked, rollout):
    watch(plan, ROLLOUT, seen)
    watch(plan, rollout, seen)
    assert len(asked) == 2 * len(plan.gates)


def test_another_look_asks_them_anew_even_when_it_saw_the_same(plan, seen, asked):
    watch(plan, ROLLOUT, seen)
    watch(plan, ROLLOUT, replace(seen))
    assert len(asked) == 2 * len(plan.gates)


def test_the_gates_of_another_plan_are_asked_themselves(plan, seen, asked):
    watch(plan, ROLLOUT, seen)
    watch(plan.model_copy(update={"gates": plan.gates[:1]}), ROLLOUT, seen)
    assert len(asked) == len(plan.gates) + 1
