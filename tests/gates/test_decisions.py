"""What becomes of gates' answers in a whole rollout."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bluegreen.decide import wants
from bluegreen.journal.entries import Decided
from bluegreen.model import CheckRun, End, Phase, Rollout, Slot, Verdict
from bluegreen.plan import Plan

from ..engine.memory import START, Outside
from ..engine.test_engine import PLAN as SHOP
from ..engine.test_engine import perform
from ..tiers.conftest import PLAN

ERRORS = {"kind": "threshold", "measure": "error_rate", "below": "1%"}


def plan(*gates: dict[str, Any], **more: Any) -> Plan:
    return Plan.model_validate({**PLAN, "retire": "keep", **more, "gates": gates})


def test_a_plan_in_which_nobody_judges_the_candidate_alone_is_refused():
    for gates in (
        [{**ERRORS, "dry_run": True}],
        [{"kind": "compare", "measure": "error_rate", "difference": "1%"}],
        [{"kind": "sequential", "difference": "1%"}, {"kind": "alarm", "alarm": "shop", "already_firing": "ignore"}],
        [{"kind": "metric", "name": "m", "metrics": {"m": {"measure": "errors", "of": "live"}}, "below": 1}],
    ):
        with pytest.raises(ValidationError, match="add one that judges the candidate alone"):
            plan(*gates)


def test_gates_that_say_no_more_than_before_leave_the_plans_hash_as_it_was():
    assert plan(ERRORS).hash == plan({**ERRORS, "min_sample": 0, "dry_run": False, "limits": {}}).hash
    assert plan(ERRORS).hash != plan({**ERRORS, "min_sample": 1}).hash


def test_a_dry_run_that_fails_stops_nothing_and_is_in_the_journal():
    rollout, journal = perform(Outside(), plan(ERRORS, {**ERRORS, "name": "tight", "below": "0%", "dry_run": True}))
    assert rollout.end is End.SUCCEEDED
    said = [j for e in journal.entries() if isinstance(e, Decided) for j in e.decision.judgements if j.gate == "tight"]
    assert any(judgement.verdict is Verdict.FAIL and not judgement.decides for judgement in said)


@pytest.mark.parametrize(("policy", "end"), [("rollback", End.ROLLED_BACK), ("ask", End.NEEDS_OPERATOR)])
def test_after_so_many_minutes_without_evidence_nobody_waits_for_the_holds_end(policy, end):
    """Green has all its traffic and no metrics; a hold would last six hours."""
    patient = plan(
        {**ERRORS, "limits": {"inconclusive": 10}},
        on_unknown=policy,
        ask_for="5m",
        strategy={"kind": "all_at_once", "hold": "6h"},
        moved={"within": "5m"},
    )
    outside = Outside(mute=True)
    rollout, journal = perform(outside, patient, until=lambda rollout: rollout.phase in {Phase.ROLLBACK, Phase.DONE})
    assert rollout.phase is Phase.ROLLBACK or rollout.end is end
    assert outside.at - START < timedelta(hours=1)
    told = [entry.decision.why for entry in journal.entries() if isinstance(entry, Decided)]
    assert any("minutes said nothing, limit 10" in why for why in told[-2:])  # the way back begins in the same look


def test_the_whole_step_is_read_only_for_gates_that_count_it():
    at = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, exposed=True, in_place=START)
    assert wants(SHOP, at).since is None
    assert wants(plan({"kind": "sequential", "below": "1%"}), at).since == START
    assert wants(plan({**ERRORS, "limits": {"failures": 3}}), at).since == START


def test_of_a_very_long_step_only_the_newest_hours_are_read():
    at = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, exposed=True, in_place=START)
    wanted = wants(plan({"kind": "sequential", "below": "1%"}), at)
    assert wanted.begin(START + timedelta(hours=1)) == START
    assert wanted.begin(START + timedelta(minutes=1)) == START + timedelta(minutes=1) - wanted.lookback
    assert wanted.begin(START + timedelta(hours=24)) == START + timedelta(hours=21)


def test_alarms_are_read_before_users_come_only_for_gates_that_forgive():
    before = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, START, START)
    alarm = {"kind": "alarm", "alarm": "shop"}
    assert wants(plan(ERRORS, alarm), before).alarms == ()
    assert wants(plan(ERRORS, {**alarm, "already_firing": "ignore"}), before).alarms == ("shop",)


def test_what_was_built_is_read_for_checks_that_want_it_and_only_while_those_are_asked():
    checks = {
        "checks": [{"kind": "config", "expect": {"instance type": "m6i.large"}}, {"kind": "http", "name": "smoke"}]
    }
    checked = Plan.model_validate({**PLAN, "verify": checks})
    at = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, START, START)
    assert wants(checked, at).built
    holding = replace(at, phase=Phase.HOLD, exposed=True, runs={"verify/smoke": CheckRun(START)})
    assert wants(checked, holding).checks and not wants(checked, holding).built
