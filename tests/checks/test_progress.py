"""A check's way through begin, look, retry, crash and time limit."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bluegreen.checks.command import CommandCheck
from bluegreen.checks.config import Config
from bluegreen.checks.targets import Targets
from bluegreen.decide.checking import GRACE, progress
from bluegreen.model import CheckView, EnvironmentView, Observation, Phase, Presence, Rollout, RunCheck, Slot, StopCheck

START = datetime(2030, 1, 1, tzinfo=UTC)
ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, START, START)
TESTS = CommandCheck(name="tests", run=("make", "test"), retries=1)


def step(rollout, check=TESTS, minutes=0.0, **seen):
    at = START + timedelta(minutes=minutes)
    return progress("verify", check, rollout, Observation(at, **seen), {"BLUEGREEN_ROLLOUT": "shop-1"})


def told(run, state, detail=""):
    return {"checks": {run: CheckView(state, detail)}}


def test_it_is_begun_once_and_then_only_looked_at():
    first = step(ROLLOUT)
    assert first.actions == (RunCheck("verify/tests", {"BLUEGREEN_ROLLOUT": "shop-1"}),)
    again = step(first.rollout, minutes=1, **told("verify/tests", "running"))
    assert (again.state, again.actions) == ("running", ())


def test_a_failure_is_tried_again_as_often_as_the_file_says_and_then_counts():
    begun = step(ROLLOUT).rollout
    failed = step(begun, minutes=1, **told("verify/tests", "failed", "exit code 1"))
    assert (failed.state, failed.why) == ("running", "exit code 1; it is tried again")
    second = step(failed.rollout, minutes=1)
    assert second.actions[0].run == "verify/tests#2"
    ended = step(second.rollout, minutes=2, **told("verify/tests#2", "failed", "exit code 1"))
    assert (ended.state, ended.why) == ("failed", "exit code 1")
    assert step(ended.rollout, minutes=9).state == "failed", "and stays"


def test_a_run_that_died_with_its_engine_is_begun_again_under_its_own_name():
    begun = step(ROLLOUT).rollout
    again = step(begun, minutes=7, **told("verify/tests", "absent"))
    assert again.actions == (RunCheck("verify/tests", {"BLUEGREEN_ROLLOUT": "shop-1"}),)
    assert again.rollout.runs["verify/tests"].began == START + timedelta(minutes=7)


def test_one_that_has_passed_is_not_asked_again_after_a_crash():
    passed = step(step(ROLLOUT).rollout, minutes=1, **told("verify/tests", "passed", "exit code 0"))
    assert (passed.state, step(passed.rollout, minutes=5, **told("verify/tests", "absent")).state) == (
        "passed",
        "passed",
    )


def test_one_that_nobody_ends_is_given_up_a_minute_after_its_time_limit():
    begun = step(ROLLOUT, replace_retries(0)).rollout
    limit = (TESTS.timeout + GRACE) / timedelta(minutes=1)
    check = replace_retries(0)
    assert step(begun, check, limit - 0.1, **told("verify/tests", "running")).state == "running"
    late = step(begun, check, limit, **told("verify/tests", "running"))
    assert (late.state, late.actions) == ("unknown", (StopCheck("verify/tests"),))


def replace_retries(count):
    return TESTS.model_copy(update={"retries": count})


STATES = st.lists(st.sampled_from(["absent", "running", "passed", "failed", "unknown", None]), max_size=30)


@given(STATES, st.integers(0, 3))
def test_it_begins_no_more_attempts_than_allowed_passes_only_when_told_so_and_ends_in_time(states, retries):
    check = replace_retries(retries)
    rollout, begun, done, said = ROLLOUT, set(), None, set()
    for minute, state in enumerate([*states, *["running"] * 15 * (retries + 1)]):
        running = [name for name, run in rollout.runs.items() if run.state == "running"]
        seen = {name: CheckView(state) for name in running} if state else {}
        now = step(rollout, check, minute, checks=seen)
        begun |= {action.run for action in now.actions if isinstance(action, RunCheck)}
        said |= {state} if running else set()
        rollout, done = now.rollout, now.state
        if done != "running":
            break
    assert len(begun) <= retries + 1
    assert done != "passed" or "passed" in said
    assert done != "running", "it has a time limit"


def view(healthy, desired=10, registered=10):
    return EnvironmentView(Presence.READY, desired, healthy, healthy, registered)


def test_targets_wait_for_instances_that_are_still_starting_and_fail_at_the_limit():
    check = Targets(instances=8, registered=10, timeout="5m")
    waits = step(ROLLOUT, check, environments={Slot.GREEN: view(7)})
    assert (waits.state, waits.why) == ("running", "7 of 8 instances are healthy")
    strange = step(waits.rollout, check, 1, environments={Slot.GREEN: view(9, registered=12)})
    assert strange.why == "the balancer knows 12 targets, not 10"
    assert step(strange.rollout, check, 5, environments={Slot.GREEN: view(7)}).state == "failed"
    assert step(strange.rollout, check, 2, environments={Slot.GREEN: view(8)}).state == "passed"


def test_targets_count_the_zones_that_are_in_service():
    check = Targets(zones=3)
    seen = {"environments": {Slot.GREEN: view(10)}}
    assert step(ROLLOUT, check, **seen, built={"zones in service": "2"}).state == "running"
    assert step(ROLLOUT, check, **seen, built={"zones in service": "3"}).state == "passed"
    assert step(ROLLOUT, check, **seen).state == "running", "what cannot be read is not there"


def test_a_configuration_passes_only_when_every_value_is_as_designed():
    check = Config(expect={"image": "ami-1", "maximum": 20})
    assert step(ROLLOUT, check, built={"image": "ami-1", "maximum": "20"}).state == "passed"
    wrong = step(ROLLOUT, check, built={"image": "ami-2"})
    assert wrong.state == "failed"
    assert wrong.why == "image is ami-2, not ami-1; there is no maximum to be read, only image"
    assert step(ROLLOUT, check).state == "running"


def test_a_run_that_was_stopped_stays_stopped():
    begun = step(ROLLOUT).rollout
    stopped = replace(begun, runs={name: replace(run, state="stopped") for name, run in begun.runs.items()})
    assert step(stopped, minutes=1).actions == ()


def test_an_answer_that_it_cannot_say_is_taken_as_soon_as_it_is_there():
    begun = step(ROLLOUT, TESTS.model_copy(update={"retries": 0})).rollout
    cannot = step(begun, TESTS.model_copy(update={"retries": 0}), 1, **told("verify/tests", "unknown", "no network"))
    assert (cannot.state, cannot.why) == ("unknown", "no network")
