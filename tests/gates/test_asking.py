"""When gates are asked outside: in each step, again and again, and anew after a crash."""

from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.asking import asking
from bluegreen.gates.webhook import Webhook
from bluegreen.model import CheckView, Decision, Observation, Phase, Rollout, RunCheck, Slot, StopCheck
from bluegreen.plan import Plan

from ..engine.memory import MINUTE, START
from ..tiers.conftest import PLAN

GATE = {"kind": "webhook", "name": "crm", "url": "https://crm.example.com/ok", "again": "2m"}
SHOP = Plan.model_validate({**PLAN, "gates": [GATE, *PLAN["gates"]]})
HOLD = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, exposed=True, in_place=START)


def ask(rollout, minute, **checks):
    """What is begun and stopped, and the rollout after it."""
    views = {f"gate/crm#{number[1:]}": CheckView(state) for number, state in checks.items()}
    seen = Observation(START + minute * MINUTE, checks=views)
    decision = asking(SHOP, seen, Decision(rollout, timedelta(0), ""))
    told = [("begin" if isinstance(a, RunCheck) else "stop", a.run.removeprefix("gate/crm")) for a in decision.actions]
    assert all(isinstance(action, RunCheck | StopCheck) for action in decision.actions)
    return decision.rollout, told


def test_it_is_asked_as_soon_as_the_step_is_in_place_and_again_after_a_while():
    rollout, told = ask(HOLD, 0)
    assert told == [("begin", "#1")]
    rollout, told = ask(rollout, 1, n1="passed")
    assert told == []
    rollout, told = ask(rollout, 2, n1="passed")
    assert told == [("begin", "#2")]
    assert list(rollout.runs) == ["gate/crm#1", "gate/crm#2"]  # the first answer counts until the second is there
    rollout, told = ask(rollout, 4, n1="passed", n2="passed")
    assert told == [("stop", "#1"), ("begin", "#3")]


def test_the_next_step_asks_anew_and_forgets():
    rollout, _ = ask(HOLD, 0)
    later = replace(rollout, in_place=START + MINUTE)
    rollout, told = ask(later, 1, n1="passed")
    assert told == [("stop", "#1"), ("begin", "#2")] and list(rollout.runs) == ["gate/crm#2"]


def test_a_run_that_died_with_its_engine_is_begun_again_and_one_that_hangs_too():
    rollout, _ = ask(HOLD, 0)
    assert ask(rollout, 1, n1="absent")[1] == [("begin", "#2")]
    assert ask(rollout, 1.5, n1="running")[1] == []
    assert ask(rollout, 2, n1="running")[1] == [("begin", "#2")]


def test_it_is_not_asked_where_no_evidence_is_needed():
    for phase in Phase:
        told = ask(replace(HOLD, phase=phase), 0)[1]
        assert bool(told) == (phase in {Phase.HOLD, Phase.BAKE})


def test_the_run_belongs_to_the_gates_check():
    assert Webhook.model_validate(GATE).check().name == "crm"
