"""Scaling policies: target tracking by its alarms, step and simple policies, and several together."""

import pytest
from pydantic import ValidationError

from sim.alarms import EvaluationSpec
from sim.effects import CapacityChanged
from sim.fleets.policies import Policies
from sim.fleets.steps import StepSpec
from sim.fleets.tracking import Tracking, TrackingSpec

from .groups import Group

PERCENT = {"kind": "step", "adjustment": "PercentChangeInCapacity"}


def wanted(metrics, instances, **spec):
    """What a policy with a target of half asks for after these minutes."""
    policy = Tracking(TrackingSpec(target=0.5, **spec))
    asked = instances
    for metric in metrics:
        asked = policy.wanted(metric, instances, instances)
    return asked


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ([0.8, 0.4, 0.8, 0.8], 10),
        ([0.8] * 3, 16),
        ([0.8] * 2, 10),
        ([0.3] * 14, 10),
        ([0.3] * 15, 6),
        ([0.36] * 60, 10),
        ([0.01] * 15, 1),
        ([None] * 60, 10),
        ([0.8, 0.8, 0.8, None], 10),
        ([0.3] * 7 + [None] + [0.3] * 6, 10),
        ([0.3] * 7 + [None] + [0.3] * 7, 6),
        ([0.8, None, 0.8], 16),
        ([0.3] * 7 + [None] * 20 + [0.3] * 14, 10),
    ],
    ids=[
        "broken",
        "three high",
        "two high",
        "14 low",
        "15 low",
        "above 0.7",
        "idle",
        "no data",
        "now missing",
        "one missing too early",
        "one missing",
        "one high missing",
        "long missing",
    ],
)
def test_ten_machines_with_a_target_of_half(metrics, expected):
    """Where a minute is missing, by CloudWatch's rules: ALARM when all that is known breaches, and the oldest of it is
    as old as the alarm asks for."""
    assert wanted(metrics, 10) == expected


def test_removals_are_rounded_down():
    assert wanted([0.33] * 15, 10) == 7  # 6.6 fit: only 3 of the 3.4 go


def test_adds_are_rounded_up():
    assert wanted([0.575] * 3, 10) == 12  # 11.5 fit: 2 for the 1.5 that lack


def test_alarm_counts_and_the_factor_are_parameters():
    assert wanted([0.8], 10, high=1) == 16
    assert wanted([0.44] * 5, 10, low=5, low_factor=0.9) == 9  # as ECS: 0.45


def tracking(**spec):
    """A group of ten, at 50 %, with a target of half."""
    group = Group(live=True, instances=10, autoscaling=True, **{"tracking": {"target": "50%"}, **spec})
    group.busy = 0.5
    return group


def changes(group):
    return [(e.before, e.after) for e in group.effects if isinstance(e, CapacityChanged) and e.by == "autoscaling"]


def test_the_old_slot_shrinks_a_quarter_of_an_hour_after_its_traffic_left():
    group = tracking()
    group.run(30)
    group.busy = 0.05
    group.run(14)
    assert changes(group) == []
    group.run(1)
    assert changes(group) == [(10, 2)]


def test_traffic_that_leaves_step_by_step_shrinks_it_as_soon_as_a_quarter_of_an_hour_was_below_the_low_alarm():
    group = tracking()
    for minute in range(40):
        group.busy = 0.5 * (1 - minute / 40)  # below 0.35 from minute 13 on
        group.run(1)
    assert changes(group)[0][0] == 10
    first, *_ = group.effects
    assert first.after < 10
    group.run(1)
    assert group.fleet.desired < 5


def test_an_alarm_that_lasts_asks_again_every_minute():
    group = tracking(default_warm_up="0s", spread=0.0, launch="10s")
    group.busy = 0.75
    group.run(3)
    assert group.fleet.desired == 15
    group.run(1)
    assert group.fleet.desired == 23, "AWS would ask once more if the metric had not fallen"


def test_machines_that_warm_up_count_as_capacity_already():
    group = tracking()
    group.busy = 0.75
    group.run(8)
    assert changes(group) == [(10, 15)]


def test_nothing_shrinks_while_new_machines_warm_up():
    """Idle enough to shrink after 15 minutes, but a machine launched by hand holds that up for its five."""

    def first_scale_in(launched_at):
        group = tracking()
        group.busy = 0.2
        group.run(launched_at)
        group.fleet.want(11, by="operator")
        while not changes(group):
            group.run(1)
        return group.minutes

    assert first_scale_in(launched_at=2) == 15
    assert first_scale_in(launched_at=13) == pytest.approx(13 + 5 + 1, abs=1)


def test_the_cooldown_takes_the_place_of_a_warm_up_that_nobody_set():
    """D-9, in a group: a machine launched in minute 13 holds up the shrinking of minute 15 for its warm-up."""

    def first_scale_in(**spec):
        group = tracking(spread=0.0, **spec)
        group.busy = 0.2
        group.run(13)
        group.fleet.want(11, by="operator")
        while not changes(group):
            group.run(1)
        return group.minutes

    assert first_scale_in(cooldown="10m") == 24
    assert first_scale_in(cooldown="10m", default_warm_up="2m") == 16
    assert first_scale_in(cooldown="10m", tracking={"target": "50%", "warm_up": "6m"}) == 20


def test_the_alarms_of_target_tracking_take_missing_data_as_the_world_says():
    def asked(metrics, **evaluation):
        policy = Tracking(TrackingSpec(target=0.5), EvaluationSpec(**evaluation))
        return [policy.wanted(metric, 10, 10) for metric in metrics][-1]

    gap = [0.8, None, None, None, 0.8]
    young = {"premature": "insufficient_data"}
    assert (asked(gap, **young), asked(gap, extra_periods=1, **young)) == (16, 10)
    assert asked(gap, extra_periods=1, premature="keep") == 16


@pytest.mark.parametrize("how", ["held", "suspended", "disabled"])
def test_cut_over_trap_is_avoided_while_scale_in_is_off(how):
    group = tracking(tracking={"target": "50%", "scale_in": how != "disabled"})
    group.fleet.minimum = 10 if how == "held" else 2
    if how == "suspended":
        group.fleet.suspend(["AlarmNotification"])
    group.busy = 0.05
    group.run(60)
    assert group.fleet.desired == 10
    group.fleet.minimum = 2
    group.fleet.resume(["AlarmNotification"])
    group.run(1)
    assert group.fleet.desired == (10 if how == "disabled" else 2), "what is in breach counts at once"


def test_a_target_on_requests_follows_requests_for_each_machine():
    group = Group(live=True, instances=10, autoscaling=True, tracking={"requests": 3000.0})
    group.busy, group.requests = 0.1, 40_000
    group.run(3)
    assert group.fleet.desired == 14  # 4,000 for each, 13.4 fit


def test_without_a_count_of_requests_there_is_no_data_and_nothing_moves():
    group = Group(live=True, instances=10, autoscaling=True, tracking={"requests": 3000.0})
    group.busy = 0.9
    group.run(60)
    assert group.fleet.desired == 10


def test_of_several_policies_one_is_enough_to_grow_and_all_must_agree_to_shrink():
    def run(busy, requests):
        policies = {"requests": {"kind": "tracking", "requests": 3000.0}}
        group = tracking(policies=policies)
        group.busy, group.requests = busy, requests
        group.run(15)
        return group.fleet.desired

    assert run(busy=0.75, requests=30_000) > 10
    assert run(busy=0.2, requests=30_000) == 10
    assert run(busy=0.2, requests=9_000) == 4, "the one that wants more has its way: 3 or 4"


def test_a_policy_that_may_not_shrink_the_group_has_no_say_in_it():
    policies = {"requests": {"kind": "tracking", "requests": 3000.0, "scale_in": False}}
    group = tracking(policies=policies)
    group.busy, group.requests = 0.2, 30_000
    group.run(15)
    assert group.fleet.desired == 4


# -- step and simple policies


def test_a_step_policy_acts_on_its_own_alarm():
    out = {**PERCENT, "threshold": 60, "minutes": 2, "steps": [{"lower": 0, "change": 20}]}
    group = Group(live=True, instances=10, policies={"out": out})
    group.busy = 0.7
    group.run(1)
    assert group.fleet.desired == 10
    group.run(1)
    assert group.fleet.desired == 12
    group.run(3)
    assert group.fleet.desired == 12, "the new ones warm up: the same breach asks once"


def test_a_step_policy_shrinks_by_what_is_there_with_those_that_go():
    back = {**PERCENT, "threshold": 30, "comparison": "<=", "minutes": 1, "steps": [{"upper": 0, "change": -20}]}
    group = Group(live=True, instances=10, policies={"in": back})
    group.busy = 0.1
    group.run(4)
    assert group.fleet.desired == 8, "the two that drain still count: the same breach asks once"
    group.run(3)
    assert group.fleet.desired == 7


def test_a_simple_policy_waits_for_its_machines_and_for_its_cooldown():
    """The alarm lasts; 60 % of the time nothing happens."""
    simple = {"kind": "simple", "change": 1, "threshold": 60, "minutes": 1, "cooldown": "5m"}
    group = Group(live=True, instances=10, policies={"more": simple}, spread=0.0)
    group.busy = 0.9
    sizes = []
    for _ in range(14):
        group.run(1)
        sizes.append(group.fleet.desired)
    # One in minute 1, in service 35 s later, and five minutes from then on nothing.
    assert sizes == [11] * 6 + [12] * 6 + [13] * 2


def test_a_simple_policy_without_cooldown_of_its_own_has_the_groups():
    simple = {"kind": "simple", "change": 1, "threshold": 60, "minutes": 1}
    group = Group(live=True, instances=10, policies={"more": simple}, spread=0.0, cooldown="2m")
    group.busy = 0.9
    group.run(4)
    assert group.fleet.desired == 12


def test_the_larger_capacity_wins_between_step_and_tracking():
    out = {**PERCENT, "threshold": 60, "minutes": 3, "steps": [{"lower": 0, "change": 100}]}
    group = tracking(policies={"out": out})
    group.busy = 0.75
    group.run(3)
    assert group.fleet.desired == 20


def test_steps_that_overlap_or_leave_a_gap_are_refused():
    for steps in (
        [{"lower": 0, "upper": 10, "change": 1}, {"lower": 5, "change": 2}],
        [{"lower": 0, "upper": 10, "change": 1}, {"lower": 20, "change": 2}],
        [{"lower": 0, "change": 1}, {"lower": 5, "change": 2}],
    ):
        with pytest.raises(ValidationError, match="overlap nor leave a gap"):
            StepSpec.model_validate({"steps": steps})


def test_a_policy_can_be_put_replaced_and_removed():
    policies = Policies({})
    assert not policies
    policies.put("one", TrackingSpec())
    policies.put("one", StepSpec.model_validate({"steps": [{"lower": 0, "change": 1}]}))
    assert policies.alarmed("one") is not None
    policies.remove("one")
    assert not policies
