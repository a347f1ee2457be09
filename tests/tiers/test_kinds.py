"""The contract of environments: the same bodies over every way for the candidate to come to be, on both tiers."""

from contextlib import suppress

import pytest

from bluegreen.errors import OperatingError, Unreachable
from bluegreen.model import Presence
from bluegreen.plan import Plan
from bluegreen.plan.ways import WAYS as CANDIDATES
from sim.api import ApiTrouble, EngineKilled
from sim.effects import Created, Removed

from .conftest import BLUE, GREEN, PLAN
from .test_movers import BEANSTALK, WAYS, settle

KINDS = {
    "clone": {},
    "clone behind the same balancer": WAYS["target_groups"].plan,
    "clone at the same target group": WAYS["group_swap"].plan,
    "beanstalk": WAYS["beanstalk_swap"].plan,
    "beanstalk beside a group": {"candidate": BEANSTALK},
    "command": {"candidate": {"command": {"create": "make green", "remove": "make no-green"}}},
}

ELSEWHERE = {"template": "tests/cloudformation, on moto alone", "kept": "tests/candidates/test_kept.py: never made"}
CHANGES = ("*:Create*", "*:Put*", "*:Modify*", "*:Configure*", "*:Update*", "*:Delete*", "*:Terminate*")
"""All calls that make or remove something."""


@pytest.fixture(params=sorted(KINDS))
def plan(request):
    return KINDS[request.param]


def names(setting, kind):
    return {effect.name for effect in setting.world.effects if isinstance(effect, kind)}


def take_away(setting, slot=GREEN):
    """As the engine does it: out of the traffic first, then again and again until it is absent."""
    ports = setting.ports
    for _ in range(80):
        with suppress(Unreachable):  # it may have been done
            if slot is GREEN and slot in ports.traffic.read().weights:
                ports.traffic.remove(slot)
            ports.environments.remove(slot)
        if ports.environments.look(slot).presence is Presence.ABSENT:
            return
        setting.wait(seconds=15)
    raise AssertionError(f"{slot} never went")


def go_on(setting):
    """Until green is there: each step by an engine that may die and is started anew then. Returns how often it died."""
    deaths = 0
    for _ in range(120):
        try:
            setting.ports.environments.create(GREEN)
            if setting.ports.environments.look(GREEN).presence is Presence.READY:
                return deaths
        except EngineKilled:
            deaths += 1
            setting.world.api.kill_after = frozenset()
            setting.again()
        except OperatingError:
            pass
        setting.wait(seconds=15)
    raise AssertionError("green never came to be")


def test_every_way_is_under_contract():
    candidates = [Plan.model_validate({**PLAN, **plan}).candidate for plan in KINDS.values()]
    assert {way for each in candidates for way in each.model_fields_set} | set(ELSEWHERE) == {*CANDIDATES, "kept"}


def test_it_is_absent_before_it_is_made_and_ready_after(make, plan):
    setting = make(plan=plan)
    assert setting.ports.environments.look(GREEN).presence is Presence.ABSENT
    setting.create_green()
    setting.wait(minutes=5)
    seen = setting.ports.environments.look(GREEN)
    assert seen.presence is Presence.READY
    assert seen.healthy == seen.desired == 2
    assert setting.again().environments.look(GREEN).presence is Presence.READY


def test_what_is_under_way_says_how_far_it_is(make, plan):
    setting = make(plan=plan)
    setting.ports.environments.create(GREEN)
    seen = setting.ports.environments.look(GREEN)
    assert seen.presence in (Presence.CREATING, Presence.READY)
    assert bool(seen.detail) or seen.presence is Presence.READY


def test_making_it_again_makes_nothing_more(make, plan):
    setting = make(plan=plan)
    setting.create_green()
    made = names(setting, Created)
    setting.ports.environments.create(GREEN)
    setting.again().environments.create(GREEN)
    setting.wait(minutes=10)
    assert names(setting, Created) == made


def test_all_that_was_made_is_removed_and_nothing_else(make, plan):
    setting = make(plan=plan)
    setting.create_green()
    take_away(setting)
    setting.wait(minutes=5)
    assert names(setting, Removed) == names(setting, Created) != set()
    assert setting.ports.environments.look(BLUE).healthy == 10


def test_removing_what_was_never_made_removes_nothing(make, plan):
    setting = make(plan=plan)
    for _ in range(3):
        setting.ports.environments.remove(GREEN)
        setting.wait(seconds=15)
    assert not names(setting, Removed)


def test_capacity_is_grown_and_held_and_given_back(make, plan):
    setting = make(plan=plan)
    setting.create_green()
    environments = setting.ports.environments
    environments.hold_scale_in(GREEN, held=True)
    environments.resize(GREEN, 5)
    environments.resize(GREEN, 3)
    seen = environments.look(GREEN)
    assert (seen.desired, seen.minimum, seen.scale_in_held) == (5, 5, True)
    environments.hold_scale_in(GREEN, held=False)
    seen = environments.look(GREEN)
    assert (seen.minimum, seen.scale_in_held) == (2, False)


def test_an_engine_that_dies_after_any_call_is_followed_by_one_that_ends_with_the_same(make, tier, plan):
    whole = make(plan=plan) if tier == "memory" else None
    if whole is None:
        pytest.skip("clouds follow each other, never side by side; the catalogue's interruptions are run on moto")
    before = whole.world.api.calls
    go_on(whole)
    made, calls = {name.partition("/")[0] for name in names(whole, Created)}, whole.world.api.calls - before
    for call in range(1, calls, 3):
        setting = make(plan=plan)
        setting.world.api.kill_after = frozenset({setting.world.api.calls + call})
        assert go_on(setting) == 1
        assert {name.partition("/")[0] for name in names(setting, Created)} == made
        take_away(setting)
        setting.wait(minutes=5)
        assert names(setting, Removed) == names(setting, Created)


def test_when_no_reply_to_a_change_ever_comes_it_is_made_and_removed_once_all_the_same(make, plan):
    setting = make(plan=plan)
    setting.world.api.troubles.append(ApiTrouble("lost reply", CHANGES))
    go_on(setting)
    setting.wait(minutes=5)
    made = [effect.name for effect in setting.world.effects if isinstance(effect, Created)]
    assert len(set(made)) == len(made) > 0
    take_away(setting)
    setting.wait(minutes=5)
    assert names(setting, Removed) == set(made)


def test_the_old_live_slot_goes_and_the_new_one_stays(make, plan):
    setting = make(plan=plan, demand={"rate": 10})
    setting.create_green()
    setting.wait(minutes=2)
    settle(setting, {BLUE: 0, GREEN: 100})
    setting.ports.traffic.remove(BLUE)
    take_away(setting, BLUE)
    assert setting.ports.environments.look(GREEN).healthy == 2
    assert setting.again().environments.look(BLUE).presence is Presence.ABSENT


@pytest.mark.parametrize("kind", ["clone behind the same balancer", "clone at the same target group"])
def test_the_one_balancer_stays_when_the_old_group_goes(make, kind):
    setting = make(plan=KINDS[kind], demand={"rate": 10})
    setting.create_green()
    traffic = setting.ports.traffic
    for _ in range(40):
        traffic.set({BLUE: 0, GREEN: 100})
        setting.wait(seconds=15)
        if traffic.read().in_sync:
            break
    traffic.remove(BLUE)
    take_away(setting, BLUE)
    gone = {name.partition("/")[0] for name in names(setting, Removed)}
    assert gone == ({"group", "target-group"} if "balancer" in kind else {"group"})
    assert setting.world.places[BLUE].balancer.active
    assert setting.ports.environments.look(GREEN).healthy == 2
