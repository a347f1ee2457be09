"""Before the first user is sent to the candidate: prepared and tested, or back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.checks.http import Http
from bluegreen.decide import decide, wants
from bluegreen.decide.fallback import PATIENCE
from bluegreen.model import (
    CheckRun,
    EnvironmentView,
    FallbackView,
    Observation,
    Phase,
    PrepareFallback,
    Presence,
    Rollout,
    Slot,
    TrafficView,
    Trouble,
)

START = datetime(2030, 1, 1, tzinfo=UTC)
WELL = EnvironmentView(Presence.READY, 2, 2, 2, 2)
STANDS = FallbackView(in_sync=True)
LACKS = FallbackView(("the bucket www.example.com",))
REFUSED = FallbackView(refused="there is a bucket that no rollout of shop made")


def rollout(phase=Phase.VERIFY, healthy=START, **more):
    return Rollout("r", Slot.BLUE, phase, START, START, live_capacity=2, healthy_since=healthy, **more)


def look(view, after=timedelta(minutes=3), **more):
    traffic = TrafficView({Slot.BLUE: 100}, in_sync=True)
    return Observation(START + after, traffic, dict.fromkeys(Slot, WELL), fallback=view, **more)


def test_it_is_looked_at_while_the_candidate_is_being_verified_and_only_then(a_plan):
    plan = a_plan()
    assert [phase for phase in Phase if phase is not Phase.DONE and wants(plan, rollout(phase)).fallback] == [
        Phase.VERIFY
    ]
    assert not wants(plan, rollout(healthy=None)).fallback
    verify = plan.verify.model_copy(update={"checks": (Http(name="smoke"),)})
    checked = plan.model_copy(update={"verify": verify})
    assert wants(checked, rollout()).fallback
    assert not wants(checked, rollout(runs={"verify/smoke": CheckRun(START)})).fallback
    assert not wants(plan.model_copy(update={"fallback": None}), rollout()).fallback


@pytest.mark.parametrize("view", [LACKS, FallbackView()], ids=["something lacks", "not in sync"])
def test_what_does_not_stand_is_prepared_and_nobody_is_sent_on(a_plan, view):
    decision = decide(a_plan(), rollout(), look(view))
    assert decision.actions == (PrepareFallback(),) and decision.rollout.phase is Phase.VERIFY


def test_it_is_prepared_while_the_candidate_proves_its_health(a_plan):
    assert decide(a_plan(), rollout(), look(LACKS, timedelta(seconds=15))).actions == (PrepareFallback(),)


def test_when_it_stands_and_the_candidate_is_well_the_rollout_goes_on(a_plan):
    decision = decide(a_plan(), rollout(), look(STANDS))
    assert decision.actions == () and decision.rollout.phase is Phase.SCALE


def test_what_cannot_be_looked_at_is_waited_for_and_not_touched(a_plan):
    decision = decide(a_plan(), rollout(), look(None, trouble=(Trouble("look at the fallback", "no answer"),)))
    assert decision.actions == () and decision.rollout.phase is Phase.VERIFY


@pytest.mark.parametrize("view", [None, LACKS, FallbackView()], ids=["unseen", "something lacks", "not in sync"])
def test_after_its_time_the_rollout_goes_back_before_anybody_was_sent(a_plan, view):
    decision = decide(a_plan(), rollout(), look(view, PATIENCE))
    assert (decision.rollout.phase, decision.rollout.leaving) == (Phase.RETIRE, Slot.GREEN)
    assert "the fallback of www.example.com does not stand" in decision.rollout.cause


def test_what_the_rollout_did_not_make_ends_it_at_once(a_plan):
    decision = decide(a_plan(), rollout(), look(REFUSED))
    assert decision.rollout.phase is Phase.RETIRE and "no rollout of shop made" in decision.rollout.cause


def test_a_candidate_that_is_not_well_is_no_reason_to_prepare_anything(a_plan):
    seen = look(LACKS)
    ill = replace(seen, environments={Slot.BLUE: WELL, Slot.GREEN: replace(WELL, healthy=1)})
    assert decide(a_plan(), rollout(), ill).actions == ()


@pytest.mark.parametrize("pace", ["as_it_comes", "at_once"])
def test_a_live_slot_that_got_everybody_back_and_is_weak_is_waited_for_in_one_phase(a_plan, pace):
    """Not back and forth between the rollback and the drain, look after look."""
    plan = a_plan()
    plan = plan.model_copy(update={"rollback": plan.rollback.model_copy(update={"pace": pace})})
    traffic = TrafficView({Slot.BLUE: 100, Slot.GREEN: 0}, in_sync=True)
    held = replace(WELL, scale_in_held=True)
    weak = {Slot.BLUE: replace(held, healthy=1), Slot.GREEN: replace(WELL, healthy=0)}
    seen = Observation(START + timedelta(minutes=3), traffic, weak)
    back = rollout(Phase.ROLLBACK, exposed=True, leaving=Slot.GREEN)
    decision = decide(plan, back, seen)
    assert decision.rollout.phase is Phase.ROLLBACK and decision.wait > timedelta(0)
    well = replace(seen, environments={**weak, Slot.BLUE: held})
    assert decide(plan, back, well).rollout.phase is Phase.DRAIN


def test_health_checks_that_may_be_left_over_are_looked_for_only_where_records_have_their_own(a_plan):
    plain = a_plan()
    own = plain.model_copy(update={"service": plain.service.model_copy(update={"records": "cname"})})
    retiring, watching = rollout(Phase.RETIRE, exposed=True), rollout(Phase.HOLD, exposed=True)
    assert plain.service.records == "alias"
    assert [wants(plan, at).idle for plan in (own, plain) for at in (retiring, watching)] == [True, False, False, False]
