"""Users between two slots and the page: nobody is lost, nobody is counted twice, and caches delay both ways."""

from datetime import timedelta
from math import exp

import pytest

from bluegreen.model import Slot
from sim.clients import Clients, ClientsSpec
from sim.dns import Dns
from sim.draws import generator
from sim.page import ClientsOrPage
from sim.world import World
from sim.worldspec import WorldSpec

MINUTE = 60_000
BLUE, GREEN = Slot.BLUE, Slot.GREEN


class Servers:
    """What DNS answers: `page` as a part of all."""

    page = 0.0


def users(plan, spec=None, blue=0.7, seed=1):
    spec, servers = spec or ClientsSpec(), Servers()
    clients = Clients(spec, plan.answers_live_for, {BLUE: blue, GREEN: 1 - blue}, generator(seed, "clients"))
    return ClientsOrPage(clients, servers, plan, generator(seed, "clients")), servers


@pytest.mark.parametrize("blue", [1.0, 0.0, 0.7])
def test_shares_of_slots_and_page_are_all_there_is_at_any_time(a_plan, blue):
    them, servers = users(a_plan(), blue=blue)
    for minute in range(60):
        servers.page = float(10 <= minute < 30)
        share = them.advance(MINUTE, 0.0 if servers.page else blue)
        green = 1 - them.page - share
        assert 0 <= share <= 1 and 0 <= them.page <= 1 and green >= -1e-12
        if blue == 1.0:
            assert green == pytest.approx(0, abs=1e-12)  # nobody was ever sent there
        if blue == 0.0:
            assert share == 0


@pytest.mark.parametrize("seed", range(10))
def test_few_caches_are_noisy_and_still_nobody_is_in_two_places(a_plan, seed):
    spec = ClientsSpec(count=300, resolvers=3)
    them, servers = users(a_plan(), spec, 0.5, seed)
    for minute in range(60):
        servers.page = float(minute % 20 >= 10)
        share = them.advance(MINUTE, 0.0 if servers.page else 0.5)
        assert share + them.page <= 1 and min(them.share().values()) >= 0


def test_before_the_page_nobody_is_on_it_and_the_other_shares_are_as_without_it(a_plan):
    plan = a_plan()
    them, _ = users(plan)
    plain = Clients(ClientsSpec(), plan.answers_live_for, {BLUE: 0.7, GREEN: 0.3}, generator(1, "clients"))
    for _ in range(20):
        assert them.advance(MINUTE, 0.7) == plain.advance(MINUTE, 0.7)
        assert them.page == 0


def test_well_behaved_caches_are_on_the_page_after_one_ttl_and_off_it_after_another(a_plan):
    plain = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}
    them, servers = users(a_plan(), ClientsSpec(**plain))
    servers.page = 1.0
    them.advance(MINUTE // 2, 0.0)
    assert them.share()[BLUE] + them.share()[GREEN] == pytest.approx(0.5, abs=0.01)
    them.advance(MINUTE // 2, 0.0)
    them.advance(1, 0.0)
    assert them.page == 1
    servers.page = 0.0
    them.advance(MINUTE, 0.7)
    them.advance(1, 0.7)
    assert them.page == 0


def test_those_who_ask_when_they_please_leave_the_page_exponentially(a_plan):
    spec = ClientsSpec(large=0.0, clamping=0.0, stretching=1.0, stretch=timedelta(minutes=10), count=10**9)
    them, servers = users(a_plan(), spec, blue=1.0)
    servers.page = 1.0
    for _ in range(600):
        them.advance(MINUTE, 0.0)
    servers.page = 0.0
    for _ in range(20):
        them.advance(MINUTE, 1.0)
    assert 1 - them.share()[BLUE] == pytest.approx(exp(-2), abs=0.002)


def test_they_move_while_anybody_moves(a_plan):
    them, servers = users(a_plan(), blue=0.0)
    them.advance(MINUTE, 0.0)
    assert not them.moving
    servers.page = 1.0  # from green to the page: blue never changes
    them.advance(1, 0.0)
    assert them.moving


# -- in the world -------------------------------------------------------------------------------------------------


@pytest.fixture
def world(a_plan):
    made = World(WorldSpec(), a_plan(), 1)
    made.start()
    return made


def kill(world):
    world.settle()
    fleet = world.places[BLUE].fleet
    fleet.kill(list(fleet.instances))


def test_without_a_page_servers_go_on_to_name_a_dead_slot(world):
    world.clock.sleep(timedelta(minutes=5))
    kill(world)
    world.clock.sleep(timedelta(minutes=2))
    assert not world.places[BLUE].healthy
    assert world.dns.answers()[BLUE] == 1 and world.dns.page == 0


def test_with_a_page_servers_name_it_while_no_slot_is_healthy_and_no_longer(world):
    assert isinstance(world.dns, Dns)
    world.dns.lead_to_page(True)
    assert world.dns.insync_at > 0
    world.clock.sleep(timedelta(minutes=5))
    assert world.dns.answers()[BLUE] == 1 and world.dns.page == 0
    kill(world)
    world.clock.sleep(timedelta(minutes=2))
    assert world.dns.answers()[BLUE] == 0 and world.dns.page == 1
    world.clock.sleep(timedelta(minutes=60))
    assert world.places[BLUE].healthy
    assert world.dns.answers()[BLUE] == 1 and world.dns.page == 0


def test_requests_are_on_a_slot_or_on_the_page_and_samples_count_both(world):
    world.dns.lead_to_page(True)
    world.clock.sleep(timedelta(minutes=5))
    kill(world)
    world.clock.sleep(timedelta(minutes=60))
    assert sum(sample.page for sample in world.samples) > 1000
    for sample in world.samples:
        line = sample.line()
        on_slots = sum(sums.arrived for sums in sample.slots.values()) * 1000 / sample.length
        assert line["demand"] == pytest.approx(line["page"] + on_slots, rel=1e-4)
        assert 0 <= sum(line["share"].values()) <= 1 + 1e-6
        assert sample.slots[GREEN].requests == 0  # which has never had a record


def test_a_world_without_a_fallback_says_nothing_of_a_page(a_plan):
    world = World(WorldSpec(), a_plan().model_copy(update={"fallback": None}), 1)
    world.start()
    world.clock.sleep(timedelta(minutes=5))
    assert "page" not in world.samples[-1].line() and isinstance(world.clients, Clients)
