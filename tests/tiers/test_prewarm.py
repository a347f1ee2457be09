"""The contract of reserved capacity, the same bodies on the memory tier and on moto."""

from datetime import timedelta

import pytest

from bluegreen.errors import Busy, Missing, Refused, Unreachable
from bluegreen.model import ReservationView
from sim.api import ApiTrouble, EngineKilled

from .conftest import BLUE, GREEN

MODIFY = "elbv2:ModifyCapacityReservation"
QUOTA = {"reservation": {"quota": 1000, "takes": "5m", "spread": 0}}


@pytest.fixture
def setting(make):
    return make(balancer=QUOTA)


def stands(setting, slot=BLUE):
    view = setting.ports.prewarm.look(slot)
    return view.units, view.effective, view.state


def times_asked(setting):
    return setting.world.api.log.count(MODIFY)


def test_at_first_nothing_is_reserved(setting):
    assert setting.ports.prewarm.look(BLUE) == ReservationView(0, 0.0, "provisioned", decreases_left=2)


def test_a_slot_that_is_not_there_has_no_reservation_and_can_have_none(setting):
    assert stands(setting, GREEN) == (0, 0.0, "absent")
    with pytest.raises(Missing, match="green has no balancer"):
        setting.ports.prewarm.reserve(GREEN, 300)


def test_a_reservation_is_pending_for_a_while_and_then_in_force(setting):
    setting.ports.prewarm.reserve(BLUE, 300)
    assert stands(setting) == (300, 0.0, "pending")
    setting.wait(minutes=6)
    assert stands(setting) == (300, 300.0, "provisioned")
    assert setting.world.places[BLUE].balancer.warm >= 300 * 25


def test_a_number_that_does_not_divide_by_the_zones_is_read_back_as_it_is(setting):
    setting.ports.prewarm.reserve(BLUE, 400)
    setting.wait(minutes=6)
    assert stands(setting) == (400, 400.0, "provisioned")


@pytest.mark.parametrize("minutes", [0, 6])
def test_asking_for_the_same_again_changes_nothing(setting, minutes):
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.wait(minutes=minutes)
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.again().prewarm.reserve(BLUE, 300)
    assert times_asked(setting) == 1


def test_another_request_while_one_is_under_way_is_refused_as_busy(setting):
    setting.ports.prewarm.reserve(BLUE, 300)
    with pytest.raises(Busy, match="elbv2 modify_capacity_reservation: CapacityReservationPending"):
        setting.ports.prewarm.reserve(BLUE, 400)


def test_it_is_given_back_twice_a_day_and_no_more(setting):
    for left in (1, 0):
        setting.ports.prewarm.reserve(BLUE, 300)
        setting.wait(minutes=6)
        setting.ports.prewarm.reserve(BLUE, 0)
        setting.wait(minutes=6)
        assert setting.ports.prewarm.look(BLUE) == ReservationView(0, 0.0, "provisioned", decreases_left=left)
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.wait(minutes=6)
    with pytest.raises(Refused, match="CapacityDecreaseRequestLimitExceeded"):
        setting.ports.prewarm.reserve(BLUE, 0)


def test_one_that_failed_is_asked_for_again(setting):
    reservation = setting.world.places[BLUE].balancer.reservation
    reservation.fails = True
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.wait(minutes=6)
    assert stands(setting) == (0, 0.0, "failed")
    reservation.fails = False
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.wait(minutes=6)
    assert stands(setting) == (300, 300.0, "provisioned")


def test_a_lost_zone_is_rebalanced(setting):
    setting.ports.prewarm.reserve(BLUE, 300)
    setting.wait(minutes=6)
    setting.world.lose_zone("a")
    assert stands(setting) == (300, 300.0, "rebalancing")


def test_what_a_region_has_no_quota_for_is_refused_for_good_with_what_to_do(make):
    with pytest.raises(Refused, match=r"CapacityUnitsLimitExceeded.*limit of 0; ask AWS for a higher quota.*leave"):
        make().ports.prewarm.reserve(BLUE, 300)


def test_the_quota_is_one_for_both_balancers(setting):
    setting.create_green()
    setting.ports.prewarm.reserve(BLUE, 700)
    with pytest.raises(Refused, match="CapacityUnitsLimitExceeded: 400 capacity units exceed the limit of 300"):
        setting.ports.prewarm.reserve(GREEN, 400)


def test_what_aws_has_not_to_give_now_may_be_had_later(make):
    short = {"reservation": {"quota": 1000, "available": 100}}
    with pytest.raises(Unreachable, match=r"InsufficientCapacity.*; AWS has not so much") as caught:
        make(balancer=short).ports.prewarm.reserve(BLUE, 300)
    assert not caught.value.lasting


def test_less_than_the_least_is_refused_with_what_to_do(setting):
    with pytest.raises(Refused, match=r"InvalidConfigurationRequest.*another number of units"):
        setting.ports.prewarm.reserve(BLUE, 50)


def test_nothing_can_be_reserved_for_a_classic_balancer(make):
    classic = make(cloud={"balancer": "classic"}, balancer=QUOTA)
    for ask in (classic.ports.prewarm.look, lambda slot: classic.ports.prewarm.reserve(slot, 300)):
        with pytest.raises(Refused, match="is a classic balancer, and capacity can be reserved for application"):
            ask(BLUE)


def test_a_balancer_that_is_removed_takes_its_reservation_with_it(setting):
    setting.create_green()
    setting.ports.prewarm.reserve(GREEN, 300)
    for _ in range(60):
        setting.ports.environments.remove(GREEN)
        setting.wait(seconds=15)
    assert stands(setting, GREEN) == (0, 0.0, "absent")


def test_a_lost_reply_has_its_effect_and_the_next_look_shows_it(setting):
    setting.ports.prewarm.look(BLUE)
    setting.world.api.troubles.append(ApiTrouble("lost reply", (MODIFY,)))
    with pytest.raises(Unreachable):
        setting.ports.prewarm.reserve(BLUE, 300)
    setting.world.api.troubles.clear()
    assert stands(setting) == (300, 0.0, "pending")
    setting.ports.prewarm.reserve(BLUE, 300)
    assert times_asked(setting) == 1


@pytest.mark.parametrize("when", ["kill_before", "kill_after"])
@pytest.mark.parametrize("units", [300, 0])
def test_an_engine_killed_at_a_request_leaves_what_had_happened_and_the_next_one_goes_on(setting, units, when):
    if not units:
        setting.ports.prewarm.reserve(BLUE, 300)
        setting.wait(minutes=6)
    setting.ports.prewarm.look(BLUE)
    api = setting.world.api
    setattr(api, when, frozenset({api.calls + 2}))  # it looks first, then asks
    with pytest.raises(EngineKilled):
        setting.ports.prewarm.reserve(BLUE, units)
    happened = when == "kill_after"
    assert (setting.again().prewarm.look(BLUE).units == units) is happened
    setting.ports.prewarm.reserve(BLUE, units)
    setting.wait(minutes=6)
    assert stands(setting) == (units, float(units), "provisioned")


def test_each_call_is_counted_and_takes_its_time(setting):
    setting.ports.environments.look(BLUE)
    api, began, calls = setting.world.api, setting.world.clock.now(), setting.world.api.calls
    setting.ports.prewarm.reserve(BLUE, 300)
    assert api.log[calls:] == ["elbv2:DescribeCapacityReservation", MODIFY]
    assert setting.world.clock.now() - began == 2 * api.latency > timedelta(0)
