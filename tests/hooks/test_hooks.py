"""Hooks, windows and messages in whole rollouts, on the memory tier."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.hooks.spec import Hook
from bluegreen.journal.entries import Decided, Failed, Resumed
from bluegreen.journal.fold import fold
from bluegreen.model import End, Notify, Phase, RunCheck, SetWeights, Slot
from bluegreen.plan import Plan
from bluegreen.windows import DAYS
from sim.faults.engine_crash import EngineCrash
from sim.run import run
from sim.scenario import Scenario, built_in, plan_of
from sim.tiers import Tier

from ..tiers.conftest import PLAN

STAGES = ["before-provision", "before-verify", "before-shift", "before-step", "after-step", "before-bake"]
STAGES += ["before-retire", "rolling-back", "ended"]
SHORT = {"strategy": {"kind": "canary", "share": "20%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}


def hook(at, **more):
    check = {"kind": "command", "name": f"do-{at}", "run": ["true"], **more.pop("check", {})}
    return {"at": at, "check": check, **more}


def perform(change, faults=(), seed=1, **scenario):
    content = {"about": "x", "change": {**SHORT, **change}, "faults": list(faults), **scenario}
    spec = Scenario.model_validate(content)
    done = run(spec, plan_of(spec, built_in()["all-well"], None), seed, tier=Tier.MEMORY)
    assert not done.broken, done.broken
    return done


def begun(done):
    """Runs in the order in which they were begun."""
    actions = (action for e in done.entries if isinstance(e, Decided) for action in e.decision.actions)
    return [action.run for action in actions if isinstance(action, RunCheck)]


ALL = {"hooks": [hook(stage) for stage in STAGES], "verify": {"checks": [{"kind": "http", "name": "smoke"}]}}
GOOD = [
    "hook/before-provision/do-before-provision",
    "hook/before-verify/do-before-verify",
    "verify/smoke",
    "hook/before-shift/do-before-shift",
    "hook/before-step/1/do-before-step",
    "hook/after-step/1/do-after-step",
    "hook/before-step/2/do-before-step",
    "hook/after-step/2/do-after-step",
    "hook/before-bake/do-before-bake",
    "hook/before-retire/do-before-retire",
    "hook/ended/do-ended",
]


def test_a_good_rollout_passes_every_stage_once_and_in_order():
    done = perform(ALL)
    assert begun(done) == GOOD
    assert done.rollout.end is End.SUCCEEDED


def test_a_bad_one_passes_those_of_the_way_back():
    bad = {"kind": "bad_release", "share": "20%", "error_rate": "20%"}
    done = perform(ALL, [bad])
    assert begun(done) == [*GOOD[:5], "hook/rolling-back/do-rolling-back", "hook/ended/do-ended"]
    assert done.rollout.end is End.ROLLED_BACK


@pytest.mark.parametrize("stage", STAGES[:7])
@pytest.mark.parametrize(
    ("say", "end"), [("rollback", End.ROLLED_BACK), ("stop", End.NEEDS_OPERATOR), ("ignore", End.SUCCEEDED)]
)
def test_a_hook_that_fails_has_the_say_that_the_file_gives_it(stage, say, end):
    done = perform({"hooks": [hook(stage, say=say)]}, checks={f"do-{stage}": {"answers": "fail", "detail": "no"}})
    assert done.rollout.end is end
    if say != "ignore":
        last = next(e for e in reversed(done.entries) if isinstance(e, Decided))
        assert f"hook do-{stage} ({stage}): no" in last.decision.why
    exposed = [action for e in done.entries if isinstance(e, Decided) for action in e.decision.actions]
    if say != "ignore" and stage in STAGES[:4]:
        assert not [a for a in exposed if isinstance(a, SetWeights) and a.weights.get(Slot.GREEN)], "nobody saw green"


def test_a_hook_that_cannot_say_asks_when_the_file_says_so():
    asks = hook("before-step", check={"on_unknown": "ask"})
    done = perform({"hooks": [asks]}, checks={"do-before-step": {"answers": "unknown"}})
    assert done.rollout.end is End.NEEDS_OPERATOR


def test_waiting_for_a_hook_counts_to_no_deadline():
    slow = hook("before-step", check={"timeout": "5h"})
    done = perform({"hooks": [slow]}, checks={"do-before-step": {"takes": "3h"}})
    assert done.rollout.end is End.SUCCEEDED


@pytest.mark.slow
def test_no_hook_that_has_passed_runs_again_whenever_the_engine_dies():
    """Before one call in twenty-five, all over the rollout. What was running then has died too, and is begun again."""
    calls = perform(ALL).world.api.calls
    for number in range(1, calls, 25):
        done = perform(ALL, [{"kind": "engine_crash", "before_call": number}])
        assert done.rollout.end is End.SUCCEEDED
        runs = begun(done)
        assert list(dict.fromkeys(runs)) == GOOD
        assert len(runs) <= len(GOOD) + 1, "only one can have been running"
        again = [name for name in set(runs) if runs.count(name) > 1]
        died = next((i for i, e in enumerate(done.entries) if isinstance(e, Resumed)), None)
        before = {} if died is None else fold(done.entries[:died]).runs
        assert all(before[name].state == "running" for name in again)


def test_going_back_stops_what_only_a_way_forward_waits_for():
    slow = hook("after-step", check={"timeout": "5h"})
    bad = {"kind": "bad_release", "at": "30m", "error_rate": "20%"}
    done = perform({"hooks": [slow]}, [bad], checks={"do-after-step": {"answers": "hang"}})
    assert done.rollout.end is End.ROLLED_BACK
    assert done.rollout.runs["hook/after-step/1/do-after-step"].state == "stopped"


def test_an_abort_goes_back_even_after_an_irreversible_hook():
    change = {"hooks": [hook("before-shift", irreversible=True)]}
    assert perform(change, [{"kind": "operator_says", "verb": "abort", "share": "20%"}]).rollout.end is End.ABORTED
    bad = {"kind": "bad_release", "share": "20%", "error_rate": "20%"}
    assert perform(change, [bad]).rollout.end is End.NEEDS_OPERATOR


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (hook("rolling-back", say="stop"), "cannot stop"),
        (hook("ended", irreversible=True), "cannot be irreversible"),
        (hook("ended", check={"retries": 1}), "run once"),
        ({"at": "ended", "check": {"kind": "accept", "who": ["ann"]}}, "nobody waits for its answer"),
        (hook("after-lunch"), "before-provision"),
    ],
)
def test_a_hook_that_makes_no_sense_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        Hook.model_validate(wrong)


def test_two_hooks_of_one_stage_need_two_names():
    with pytest.raises(ValidationError, match="two hooks have one name"):
        Plan.model_validate({**PLAN, "hooks": [hook("ended"), hook("ended")]})


def test_what_rollout_files_could_not_say_before_does_not_change_a_plans_hash():
    plain = Plan.model_validate(PLAN)
    said = {"verify": {"checks": []}, "hooks": [], "notify": [], "windows": {}, "selftest": {}}
    assert Plan.model_validate({**PLAN, **said}).hash == plain.hash
    assert Plan.model_validate({**PLAN, "hooks": [hook("ended")]}).hash != plain.hash


# -- windows ----------------------------------------------------------------------------------------------------------

HOURS = st.integers(0, 23)
WINDOWS = st.lists(
    st.builds(
        lambda days, begin, length: {
            "days": sorted(days, key=DAYS.index),
            "from": f"{begin:02}:00",
            "to": f"{(begin + length) % 24:02}:30",
        },
        st.sets(st.sampled_from(DAYS), min_size=3),
        HOURS,
        st.integers(0, 8),
    ),
    min_size=1,
    max_size=2,
)


@settings(max_examples=8, deadline=None)
@given(WINDOWS, st.integers(0, 2**16), st.booleans())
def test_outside_the_windows_nothing_begins_and_no_share_rises(windows, seed, bad):
    faults = [{"kind": "bad_release", "at": "5h", "error_rate": "20%"}] if bad else []
    done = perform({"windows": {"timezone": "Europe/Berlin", "open": windows}}, faults, seed, give_up_after="240h")
    spec = plan_windows(windows)
    assert done.rollout.finished
    for entry in done.entries:
        if isinstance(entry, Decided) and spec.closed(entry.at):
            traffic, actions = entry.seen.traffic, entry.decision.actions
            for action in actions:
                if isinstance(action, SetWeights) and traffic is not None:
                    assert action.weights[Slot.GREEN] <= traffic.weights.get(Slot.GREEN, 0)


def plan_windows(windows):
    return Plan.model_validate({**PLAN, "windows": {"timezone": "Europe/Berlin", "open": windows}}).windows


# -- messages ---------------------------------------------------------------------------------------------------------

TOLD = {"notify": [{"kind": "webhook", "url": "https://chat.example.com/x"}]}


def events(done):
    actions = (action for e in done.entries if isinstance(e, Decided) for action in e.decision.actions)
    return [(action.notice.event, round(action.notice.share, 2)) for action in actions if isinstance(action, Notify)]


def test_people_are_told_of_the_start_each_step_and_the_end():
    assert events(perform(TOLD)) == [("started", 0.0), ("step", 0.2), ("step", 1.0), ("ended", 1.0)]


def test_people_are_told_when_it_turns_back_and_when_somebody_must_act():
    bad = {"kind": "bad_release", "share": "20%", "error_rate": "20%"}
    assert [event for event, _ in events(perform(TOLD, [bad]))] == ["started", "step", "rollback", "ended"]
    accept = {"verify": {"checks": [{"kind": "accept", "who": ["ann"], "timeout": "1h"}]}}
    assert [event for event, _ in events(perform({**TOLD, **accept}))] == ["started", "asked", "rollback", "ended"]


def test_messages_that_do_not_arrive_change_nothing_but_the_journal():
    well, ill = perform(TOLD), perform(TOLD, notices="fail")
    assert [e.at for e in well.entries] == [e.at for e in ill.entries if not isinstance(e, Failed)]
    failed = [e for e in ill.entries if isinstance(e, Failed)]
    assert [e.action.notice.event for e in failed] == ["started", "step", "step"], "the last one has no look after it"


@pytest.mark.parametrize("phase", [Phase.SHIFT, Phase.BAKE])
def test_after_a_crash_no_message_is_lost(phase):
    told = perform(TOLD, [EngineCrash(phase=phase, down=timedelta(minutes=1)).model_dump(mode="json")])
    assert [event for event, _ in events(told)] == ["started", "step", "step", "ended"]
