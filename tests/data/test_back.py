"""Rollback knows the data: what the engine decides when it would go back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.decide import decide
from bluegreen.model import (
    CheckRun,
    CheckView,
    Command,
    DataState,
    DataView,
    End,
    EnvironmentView,
    MoveData,
    Observation,
    Pause,
    Phase,
    Point,
    Presence,
    Rollout,
    RunCheck,
    Slot,
    StopCheck,
    TrafficView,
)
from tests.data.test_tasks import MINUTE, REPLICA, plan

AT = datetime(2030, 1, 1, tzinfo=UTC)
MOVED = DataState(moved=AT, done=("replica", "promotion"))
SCHEMA = {"kind": "schema", "expand": {"run": ["e"]}, "contract": {"run": ["c"]}}
COUNTED = {**REPLICA, "lost": {"run": ["count"]}}
SYNCED = {**REPLICA, "back_sync": {"run": ["sync"]}}
SWITCHED = {"kind": "rds_blue_green", "source": "a"}
ABORT = Command("abort", "ann", "enough", id="1")


def rollout(phase=Phase.HOLD, data=MOVED, **more):
    runs = more.pop("runs", {})
    begun = Rollout("r", Slot.BLUE, phase, AT, AT, live_capacity=10, exposed=True, in_place=AT, runs=runs, data=data)
    return replace(begun, **more)


def seen(after=1, *, dead=True, stage="moved", commands=(), **checks):
    """A look in which green has no healthy instance."""
    blue = EnvironmentView(Presence.READY, 10, 10, 10, 10, scale_in_held=True)
    green = replace(blue, healthy=0 if dead else 10)
    named = {f"data/{name.replace('_', '-')}": CheckView(state, detail) for name, (state, detail) in checks.items()}
    return Observation(
        AT + timedelta(minutes=after),
        TrafficView({Slot.BLUE: 0, Slot.GREEN: 100}, in_sync=True),
        {Slot.BLUE: blue, Slot.GREEN: green},
        readings=(),
        commands=commands,
        checks=named,
        data=DataView(stage),
    )


def begun(decision):
    return [action.run for action in decision.actions if isinstance(action, RunCheck)]


def walk(made, at, *looks):
    """The last decision, each look judged on where the one before led."""
    decision = None
    for look in looks:
        decision = decide(made, at, look)
        at = decision.rollout
    return decision


def test_before_the_promotion_going_back_is_free():
    decision = decide(plan(**COUNTED), rollout(data=DataState(done=("replica",))), seen())
    assert decision.rollout.phase is Phase.ROLLBACK


def test_after_it_the_loss_is_counted_and_a_person_is_asked():
    made = plan(**COUNTED)
    first = decide(made, rollout(), seen())
    assert (first.rollout.phase, begun(first)) == (Phase.HOLD, ["data/lost"])
    asked = walk(made, rollout(), seen(), seen(2, lost=("passed", "321 writes")))
    assert asked.rollout.asked is not None and "(321 writes)" in asked.why and "does not go back by itself" in asked.why


def test_it_stands_still_even_when_the_candidate_is_well_again():
    made = plan(**COUNTED)
    decision = walk(made, rollout(), seen(), seen(2, lost=("passed", "321 writes")), seen(30, dead=False))
    assert (decision.rollout.phase, decision.rollout.asked is not None) == (Phase.HOLD, True)


def test_a_word_to_try_again_takes_the_question_away():
    made = plan(**COUNTED)
    again = Command("retry", "ann", "it is well again", id="2")
    looks = (seen(), seen(2, lost=("passed", "321 writes")), seen(3, dead=False, commands=(again,)))
    decision = walk(made, rollout(), *looks)
    assert (decision.rollout.asked, decision.rollout.data.back) == (None, "")


def test_nobody_answers_and_everything_is_left_as_it_is():
    made = plan(**COUNTED)
    decision = walk(made, rollout(), seen(), seen(2, lost=("passed", "321 writes")), seen(63))
    assert decision.rollout.end is End.NEEDS_OPERATOR and "321 writes" in decision.why


PAUSE = Command("pause", "bob", "lunch", id="2")
PAUSED = Pause(AT, "bob", "lunch")


def test_a_pause_does_not_keep_the_data_from_going_back():
    decision = decide(plan(**SYNCED), rollout(paused=PAUSED), seen())
    assert decision.rollout.data.back and begun(decision) == ["data/fence-back"]
    gone = walk(
        plan(**SYNCED),
        decision.rollout,
        seen(2, fence_back=("passed", "")),
        seen(3, back_sync=("passed", "")),
        seen(4, unfence=("passed", "")),
    )
    assert (gone.rollout.phase, gone.rollout.paused) == (Phase.ROLLBACK, None)


def test_in_a_pause_the_loss_is_asked_about_and_the_question_stands_until_it_is_over():
    made = plan(**COUNTED)
    looks = (seen(), seen(2, lost=("passed", "321 writes")), seen(90))
    decision = walk(made, rollout(paused=PAUSED), *looks)
    assert (decision.rollout.phase, decision.rollout.asked is not None) == (Phase.HOLD, True)
    assert decision.rollout.paused == PAUSED and not decision.rollout.finished


def test_what_is_being_prepared_for_the_way_back_cannot_be_paused_any_more():
    made = plan(**SYNCED)
    decision = walk(made, rollout(), seen(), seen(2, commands=(PAUSE,), fence_back=("passed", "")))
    (answer,) = decision.answers
    assert not answer.accepted and "never paused" in answer.why
    assert begun(decision) == ["data/back-sync"]


def test_an_abort_that_comes_first_is_asked_back_and_not_obeyed():
    made = plan(**COUNTED)
    decision = walk(made, rollout(), seen(dead=False, commands=(ABORT,)))
    assert decision.rollout.phase is Phase.HOLD and not decision.rollout.aborted
    asked = walk(made, decision.rollout, seen(2, dead=False, lost=("passed", "7 writes")))
    assert asked.rollout.asked is not None


def test_the_abort_that_answers_is_obeyed_when_writes_are_fenced_and_counted_once_more():
    made = plan(**COUNTED)
    looks = (seen(), seen(2, lost=("passed", "321 writes")), seen(3, commands=(ABORT,)))
    confirmed = walk(made, rollout(), *looks)
    assert confirmed.rollout.data.confirmed == "ann: enough" and begun(confirmed) == ["data/fence-back"]
    answers = [answer.accepted for answer in confirmed.answers]
    assert answers == [True]
    after = (
        seen(4, fence_back=("passed", "")),
        seen(5, unfence=("passed", "")),
        seen(6, lost_in_the_end=("passed", "345 writes")),
    )
    gone = walk(made, confirmed.rollout, *after)
    assert gone.rollout.phase is Phase.ROLLBACK
    assert "345 writes" in gone.why and "confirmed by ann: enough" in gone.why


def test_with_a_way_to_bring_writes_back_they_are_brought_back_first():
    made = plan(**SYNCED)
    first = decide(made, rollout(), seen())
    assert begun(first) == ["data/fence-back"]
    last = walk(
        made,
        first.rollout,
        seen(2, fence_back=("passed", "")),
        seen(3, back_sync=("passed", "")),
        seen(4, unfence=("passed", "")),
    )
    assert (last.rollout.phase, last.rollout.data.back) == (Phase.ROLLBACK, "")


def test_writes_that_cannot_be_brought_back_are_a_persons_matter():
    looks = (seen(2, fence_back=("passed", "")), seen(3, back_sync=("failed", "exit code 1")))
    decision = walk(plan(**SYNCED), rollout(), seen(), *looks)
    assert decision.rollout.end is End.NEEDS_OPERATOR and "exit code 1" in decision.why


def test_a_fence_that_is_going_up_is_ended_before_it_is_taken_down():
    scaling = rollout(Phase.SCALE, DataState(done=("replica",)), exposed=False, in_place=None)
    scaling = replace(scaling, runs={"data/fence": CheckRun(AT)}, aborted=False)
    decision = decide(plan(**REPLICA), scaling, seen(dead=False, stage="following", commands=(ABORT,)))
    kinds = [type(action) for action in decision.actions]
    assert kinds == [StopCheck, RunCheck] and begun(decision) == ["data/unfence"]


def test_once_the_schema_is_being_contracted_nobody_goes_back_whoever_asks():
    done = CheckRun(AT, "passed", "all is applied")
    draining = rollout(Phase.DRAIN, DataState(), leaving=Slot.BLUE, runs={"data/contract": done})
    made = plan(**SCHEMA)
    decision = decide(made, draining, seen())
    assert decision.rollout.end is End.NEEDS_OPERATOR and "blue's code does not fit it" in decision.why
    asked = decide(made, draining, seen(dead=False, commands=(ABORT,)))
    assert [answer.accepted for answer in asked.answers] == [False]
    assert asked.rollout.phase is Phase.DRAIN


def test_a_contract_is_let_come_to_its_end_when_the_candidate_turns_bad_and_people_are_asked_at_once():
    """Half of it helps nobody, and there is no way back in any case."""
    at_work = rollout(Phase.DRAIN, DataState(), leaving=Slot.BLUE, runs={"data/contract": CheckRun(AT)})
    waits = decide(plan(**SCHEMA), at_work, seen(contract=("running", "half of it")))
    assert waits.rollout.end is None and not [each for each in waits.actions if isinstance(each, StopCheck)]
    assert waits.rollout.asked is not None and "blue's code does not fit it" in waits.rollout.asked.what
    well = decide(plan(**SCHEMA), waits.rollout, seen(2, dead=False, contract=("running", "half of it")))
    assert well.rollout.end is None and well.rollout.phase is Phase.DRAIN, "it does not go on by itself either"
    ends = decide(plan(**SCHEMA), well.rollout, seen(3, dead=False, contract=("passed", "all is applied")))
    assert ends.rollout.end is End.NEEDS_OPERATOR and "all is applied" in ends.why


@pytest.mark.parametrize("old_code", ["refuse", "works"])
def test_after_a_switchover_old_code_meets_the_new_database_only_if_somebody_says_so(old_code):
    decision = decide(plan(**SWITCHED, old_code=old_code), rollout(data=DataState(moved=AT)), seen())
    assert (decision.rollout.phase is Phase.ROLLBACK) is (old_code == "works")
    assert "the names have moved" in decision.why


def test_a_switchover_that_was_taken_back_leaves_the_way_back_free():
    decision = decide(plan(**SWITCHED), rollout(data=DataState(moved=AT)), seen(stage="refused"))
    assert decision.rollout.phase is Phase.ROLLBACK


def test_a_move_is_written_down_with_the_decision_that_asks_for_it():
    """Whoever takes over must know that the way back may be closed, whether or not it came to it."""
    state = DataState(done=("replica",), begun={"caught up": AT - timedelta(minutes=5)})
    scaling = rollout(Phase.SCALE, state, exposed=False, in_place=None, runs={"data/fence": CheckRun(AT, "passed")})
    look = seen(dead=False)
    ready = replace(look, data=DataView("following", lag=0.0, lag_at=AT))
    green = {**look.environments, Slot.GREEN: replace(look.environments[Slot.GREEN], desired=13, healthy=13)}
    decision = decide(plan(**REPLICA), scaling, replace(ready, environments=green))
    assert MoveData() in decision.actions and decision.rollout.data.moved == look.at


TWO = {"kind": "sync", "sync": "orders", "lost": {"run": ["count"]}}


def told(after, lag, **more):
    """A look at two stores of which the one that is further behind is so many seconds behind; None: nobody tells."""
    at = AT + timedelta(minutes=after)
    points = {} if lag is None else {"lag": Point(at - 2 * MINUTE, lag), "divergent": Point(at - 2 * MINUTE, 0.0)}
    return replace(seen(after, **more), data=DataView("following", told=points))


def test_two_stores_that_are_together_are_left_freely():
    decision = decide(plan(**TWO), rollout(data=None), told(1, 0.2))
    assert decision.rollout.phase is Phase.ROLLBACK and not begun(decision)


@pytest.mark.parametrize("lag", [60.0, None], ids=["behind", "unknown"])
def test_two_stores_that_are_not_together_are_left_by_an_operator_who_was_told_the_loss(lag):
    ask = told(2, lag, lost=("passed", "7 writes"))
    decision = walk(plan(**TWO), rollout(data=None), told(1, lag), ask)
    assert decision.rollout.phase is Phase.HOLD and "7 writes" in decision.why
    counting = told(3, lag, lost=("passed", "7 writes"), commands=(ABORT,))
    end = walk(plan(**TWO), decision.rollout, counting, told(4, lag, lost_in_the_end=("passed", "8 writes")))
    assert end.rollout.phase is Phase.ROLLBACK and "(8 writes); confirmed by ann: enough" in end.why


def test_two_stores_that_come_together_while_somebody_is_asked_are_left_freely():
    decision = walk(plan(**TWO), rollout(data=None), told(1, 60.0), told(2, 60.0, lost=("passed", "7 writes")))
    decision = decide(plan(**TWO), decision.rollout, told(3, 0.2))
    assert decision.rollout.phase is Phase.ROLLBACK and "confirmed" not in decision.why


def test_two_stores_that_come_apart_turn_a_rollout_back_only_where_the_plan_says_so():
    apart = told(1, 60.0, dead=False)
    assert not decide(plan(**TWO), rollout(data=None), apart).rollout.data
    turned = decide(plan(**TWO, on_breach="rollback"), rollout(data=None), apart)
    assert "lags 1m" in turned.rollout.data.back and begun(turned) == ["data/lost"]
