"""The contract of the Traffic port: the same bodies over every way to move traffic, on the memory tier and on moto."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.decide.capacity import weights_for
from bluegreen.errors import Busy, Missing, Refused, Unreachable
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from bluegreen.traffic.base import Mover
from bluegreen.traffic.group_swap import realised
from sim.api import ApiTrouble, EngineKilled
from sim.effects import WeightsChanged

from .conftest import BLUE, GREEN, PLAN

ALL_BLUE, ALL_GREEN = {BLUE: 100, GREEN: 0}, {BLUE: 0, GREEN: 100}
BEANSTALK = {"beanstalk": {"application": "shop", "configuration": "saved", "version": "v2"}}


@dataclass(frozen=True)
class Way:
    """A way to move traffic: the plan's changes, the call by which it does, and weights that it can give."""

    plan: dict = field(default_factory=dict)
    call: str = "route53:ChangeResourceRecordSets"
    part: dict = field(default_factory=lambda: {BLUE: 90, GREEN: 10})


WAYS = {
    "route53": Way(),
    "target_groups": Way({"traffic": {"kind": "target_groups"}}, "elbv2:ModifyListener"),
    "group_swap": Way({"traffic": {"kind": "group_swap"}}, "autoscaling:AttachLoadBalancerTargetGroups"),
    "beanstalk_swap": Way(
        {
            "live": {"environment": "shop-live"},
            "candidate": BEANSTALK,
            "traffic": {"kind": "beanstalk_swap", "cname": "shop.us-east-1.elasticbeanstalk.com"},
        },
        "elasticbeanstalk:SwapEnvironmentCNAMEs",
        ALL_GREEN,
    ),
}


@pytest.fixture(params=sorted(WAYS))
def kind(request):
    return request.param


@pytest.fixture
def way(kind):
    return WAYS[kind]


@pytest.fixture
def setting(make, way):
    """Green is made and healthy, nobody is sent there, and two machines can serve everybody."""
    setting = make(plan=way.plan, demand={"rate": 10})
    setting.create_green()
    setting.wait(minutes=2)
    setting.world.effects.clear()
    return setting


def moves(setting):
    return [effect for effect in setting.world.effects if isinstance(effect, WeightsChanged)]


def settle(setting, weights):
    """As the engine does it: set again until all stands and is in sync."""
    for _ in range(60):
        seen = setting.ports.traffic.read()
        if dict(seen.weights) == weights and seen.in_sync:
            return
        setting.ports.traffic.set(weights)
        setting.wait(seconds=15)
    raise AssertionError(f"{weights} never came in sync")


def test_every_kind_is_under_contract():
    assert sorted(WAYS) == sorted(kinds("bluegreen.traffic", Mover))


def test_at_first_all_traffic_is_on_the_live_slot_and_nobody_knows_whether_in_sync(setting):
    seen = setting.ports.traffic.read()
    assert seen.share(BLUE) == 1
    assert not seen.in_sync


def test_weights_that_were_set_are_read_back_before_they_are_in_sync(setting, way):
    setting.ports.traffic.set(way.part)
    seen = setting.ports.traffic.read()
    assert (dict(seen.weights), seen.in_sync) == (way.part, False)
    settle(setting, way.part)


def test_users_go_where_they_are_sent_once_it_is_in_sync(setting, way, kind):
    settle(setting, way.part)
    setting.wait(minutes=2)
    wish = way.part[GREEN] / sum(way.part.values())
    machines = [setting.world.places[slot].fleet.healthy for slot in (BLUE, GREEN)]
    expected = realised(*machines) if kind == "group_swap" else wish
    assert setting.world.dns.answers()[GREEN] == pytest.approx(expected)


def test_setting_what_stands_already_changes_nothing(setting, way):
    settle(setting, way.part)
    count = len(moves(setting))
    setting.ports.traffic.set(way.part)
    assert len(moves(setting)) == count
    assert setting.ports.traffic.read().in_sync


def test_a_new_engine_learns_by_setting_again_and_changes_nothing(setting, way):
    settle(setting, way.part)
    before = dict(setting.world.dns.weights)
    assert not setting.again().traffic.read().in_sync
    settle(setting, way.part)
    assert setting.world.dns.weights == before


def test_everybody_goes_over_and_back_and_there_is_always_somebody_to_answer(setting):
    for weights in (ALL_GREEN, ALL_BLUE):
        settle(setting, weights)
        setting.wait(minutes=5)
        assert setting.world.dns.answers() == {slot: weights[slot] / 100 for slot in (BLUE, GREEN)}
    assert all(any(effect.after.values()) for effect in moves(setting))


def test_all_weights_zero_is_a_programmers_error(setting):
    with pytest.raises(AssertionError):
        setting.ports.traffic.set({BLUE: 0, GREEN: 0})


def test_a_slot_that_lost_its_weight_is_let_go_once_and_the_last_one_never(setting):
    settle(setting, ALL_GREEN)
    for _ in range(2):
        setting.ports.traffic.remove(BLUE)
    assert dict(setting.ports.traffic.read().weights) == {GREEN: 100}
    with pytest.raises(Refused):
        setting.ports.traffic.remove(GREEN)
    assert setting.ports.traffic.read().share(GREEN) == 1


def test_a_slot_that_was_never_made_gets_nobody(make, way):
    setting = make(plan=way.plan)
    with pytest.raises(Missing):
        setting.ports.traffic.set(way.part)
    assert setting.ports.traffic.read().share(BLUE) == 1


@pytest.mark.parametrize("trouble", ["throttle", "error", "timeout"])
def test_trouble_without_effect_leaves_everybody_where_they_are(setting, way, trouble):
    setting.world.api.troubles.append(ApiTrouble(trouble, (way.call,)))
    with pytest.raises(Exception, match=r"rehearsed|exceeded|unavailable"):
        setting.ports.traffic.set(way.part)
    setting.world.api.troubles.clear()
    assert setting.ports.traffic.read().share(BLUE) == 1
    settle(setting, way.part)


def test_after_a_lost_reply_the_change_stands_and_asking_again_does_not_undo_it(setting, way):
    setting.world.api.troubles.append(ApiTrouble("lost reply", (way.call,)))
    with pytest.raises(Unreachable):
        setting.ports.traffic.set(way.part)
    setting.world.api.troubles.clear()
    seen = setting.ports.traffic.read()
    assert seen.share(GREEN) > 0
    assert not seen.in_sync
    settle(setting, way.part)
    assert [effect.after.get(GREEN, 0) > 0 for effect in moves(setting)][-1]
    assert len({tuple(effect.after) for effect in moves(setting)}) == 1


@pytest.mark.parametrize("when", ["kill_before", "kill_after"])
def test_an_engine_killed_at_the_change_leaves_what_had_happened(setting, way, when):
    setting.ports.traffic.read()
    api = setting.world.api
    setting.ports.traffic.read()  # what is asked but once is known by now
    count = next(number for number in range(1, 9) if _is_call(setting, way, number, when, api))
    assert count
    happened = setting.again().traffic.read().share(GREEN) > 0
    assert happened is (when == "kill_after")
    settle(setting, way.part)


def _is_call(setting, way, ahead, when, api):
    """Whether the engine died at the changing call, being killed at the next but `ahead`."""
    setattr(api, when, frozenset({api.calls + ahead}))
    try:
        setting.ports.traffic.set(way.part)
    except EngineKilled:
        died_at = api.log[-1]
        setattr(api, when, frozenset())
        if died_at == way.call:
            return True
        setting.again().traffic.read()
        return False
    raise AssertionError("the change was made and nobody died")


def test_who_moves_users_by_hand_is_seen(setting, way, kind):
    if kind == "group_swap":
        pytest.skip("there are no weights that a hand could move")
    settle(setting, ALL_BLUE)
    setting.world.dns.change(way.part, by="operator")
    seen = setting.ports.traffic.read()
    assert (dict(seen.weights), seen.in_sync) == (way.part, False)


# -- what single ways promise -------------------------------------------------------------------------------------


@given(share=st.floats(0, 1), kind=st.sampled_from(["route53", "target_groups"]))
def test_weights_are_as_near_to_the_wish_as_they_can_be_and_nothing_and_all_are_exact(share, kind):
    finest = kinds("bluegreen.traffic", Mover)[kind].finest
    weights = weights_for(BLUE, share, finest)
    total = sum(weights.values())
    assert total <= finest
    assert abs(weights[GREEN] / total - share) <= 1 / finest
    assert (weights[GREEN] == 0) == (share == 0) and (weights[BLUE] == 0) == (share == 1)


def test_target_groups_take_finer_weights_than_dns(make):
    setting = make(plan=WAYS["target_groups"].plan)
    setting.create_green()
    settle(setting, {BLUE: 997, GREEN: 2})
    assert setting.world.dns.answers()[GREEN] == 2 / 999


def test_a_swap_waits_until_both_environments_are_ready(make):
    setting = make(plan=WAYS["beanstalk_swap"].plan)
    setting.ports.environments.create(GREEN)
    with pytest.raises(Busy, match="Launching"):
        setting.ports.traffic.set(ALL_GREEN)


def test_a_swap_is_not_made_twice(make):
    setting = make(plan=WAYS["beanstalk_swap"].plan)
    setting.create_green()
    setting.wait(minutes=2)
    for _ in range(3):
        setting.again().traffic.set(ALL_GREEN)
        setting.wait(minutes=1)
    assert setting.ports.traffic.read().share(GREEN) == 1


def test_the_old_group_is_detached_only_when_the_new_one_has_passed_its_checks(make):
    setting = make(plan=WAYS["group_swap"].plan)
    setting.create_green()
    setting.ports.traffic.set(ALL_GREEN)
    assert setting.world.dns.attached == (BLUE, GREEN)
    setting.ports.traffic.set(ALL_GREEN)
    assert setting.world.dns.attached == (BLUE, GREEN), "green has not been checked yet"
    setting.wait(minutes=4)
    setting.ports.traffic.set(ALL_GREEN)
    assert setting.world.dns.attached == (GREEN,)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"strategy": {"kind": "linear", "step": "10%", "hold": "5m"}}, "moves all users or none"),
        ({"live": PLAN["live"]}, "needs two Beanstalk environments"),
        ({"rollback": {"pace": "stepped"}}, "use as_it_comes or at_once"),
    ],
)
def test_a_swap_that_cannot_be_is_refused_by_the_plan(changes, words):
    with pytest.raises(ValueError, match=words):
        Plan.model_validate({**PLAN, **WAYS["beanstalk_swap"].plan, **changes})


def test_steps_beyond_half_are_refused_where_machines_decide():
    steps = {"kind": "custom", "steps": [{"share": "70%", "hold": "5m"}, {"share": "100%", "hold": "5m"}]}
    with pytest.raises(ValueError, match="no step of 70%"):
        Plan.model_validate({**PLAN, **WAYS["group_swap"].plan, "strategy": steps})


@pytest.mark.parametrize("kind", ["target_groups", "group_swap"])
def test_one_balancer_needs_a_copy_of_the_group(kind):
    with pytest.raises(ValueError, match="give `candidate: clone`"):
        Plan.model_validate({**PLAN, "traffic": {"kind": kind}, "candidate": {"template": {"file": "x.yaml"}}})
