"""The whole: determinism, samples, zones, demand, steady state."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.model import Slot
from sim.effects import CapacityChanged, WeightsChanged
from sim.worldspec import WorldSpec

from .conftest import at, run

SCRIPT = """
from datetime import timedelta
import hashlib, json
from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.world import World
from sim.worldspec import WorldSpec
from tests.world.conftest import PLAN
world = World(WorldSpec(), Plan.model_validate(PLAN), 7)
world.start()
green = world.places[Slot.GREEN]
green.balancer.create(); green.fleet.create(8, 2, 20)
green.release.crash_every = timedelta(minutes=10)
world.clock.sleep(timedelta(minutes=10))
world.dns.change({Slot.BLUE: 60, Slot.GREEN: 40})
world.lose_zone("a"); world.lose_zone("c")
world.clock.sleep(timedelta(minutes=30))
print(hashlib.sha256(json.dumps([[s.line() for s in world.samples], repr(world.effects)]).encode()).hexdigest())
"""


def lines(world):
    return [sample.line() for sample in world.samples]


def digest(world):
    return hashlib.sha256(json.dumps(lines(world)).encode()).hexdigest()


def test_the_same_seed_gives_the_same_world_under_any_hash_seed():
    root = Path(__file__).resolve().parents[2]

    def trace(hash_seed):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        command = [sys.executable, "-c", SCRIPT]
        return subprocess.run(command, cwd=root, env=env, capture_output=True, text=True, check=True).stdout

    assert trace("1") == trace("2") != ""


def test_another_seed_gives_another_world(make_world):
    worlds = [make_world(seed) for seed in (1, 1, 2)]
    for world in worlds:
        run(world, minutes=10)
    first, same, other = map(digest, worlds)
    assert first == same != other


def test_draws_in_one_part_do_not_disturb_another(make_world):
    quiet, busy = make_world(), make_world()
    for _ in range(1000):
        busy.rng("api").random()
        busy.rng("some new part").random()
    for world in (quiet, busy):
        run(world, minutes=10)
    assert digest(quiet) == digest(busy)


def test_looking_at_the_world_more_often_changes_nothing(make_world):
    once, often = make_world(), make_world()
    run(once, minutes=10)
    for _ in range(600):
        run(often, seconds=1)
        often.dns.answers(), often.clients.share(), often.clients.stale(), often.places[Slot.BLUE].capacity
    assert digest(once) == digest(often)


def test_an_undisturbed_world_serves_everybody(make_world):
    world = make_world()
    run(world, hours=2)
    assert len(world.samples) == 120, "one a minute: nothing moves"
    for sample in lines(world):
        assert sample["share"] == {"blue": 1.0, "green": 0.0}
        assert sample["errors"] == {"blue": 0.0, "green": 0.0}
        assert sample["demand"] == pytest.approx(1000, rel=0.03)
    assert world.effects == []


def test_a_calm_sample_ends_where_users_begin_to_move(make_world):
    """What follows is no part of it: who looks for the beginning of trouble would find that of the calm."""
    world = make_world(green=10, ttl="20s", sample="5s", dns={"propagation": "5s"})
    world.samples.clear()
    run(world, seconds=42, milliseconds=300)
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    run(world, minutes=1)
    shares = [(sample.length, sample.line()["share"]["green"]) for sample in world.samples]
    [(calm, before), *moving] = shares
    assert 42_300 < calm < 60_000 and before == 0
    assert all(length <= 5_000 for length, share in moving if 0 < share < 0.4)
    assert sum(length for length, _ in shares) == world.samples[-1].at - world.samples[0].at + calm


def test_samples_are_json_and_come_each_minute_and_more_often_while_something_moves(make_world):
    world = make_world(green=10, sample="15s")
    world.samples.clear()
    heard = []
    world.on_sample.append(heard.append)
    run(world, minutes=2)
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    run(world, minutes=4)
    assert heard == world.samples
    assert lines(world) == json.loads(json.dumps(lines(world)))
    assert {sample.length for sample in heard[:2]} == {60_000}
    assert 15_000 in {sample.length for sample in heard}
    assert sum(sample.length for sample in heard) == 6 * 60_000, "no time is lost between samples"
    assert heard[0].line()["kind"] == "sample"
    assert set(heard[0].line()["latency_p99"]) == {"blue"}, "a slot that answers nothing has no latency"


def test_users_are_looked_at_closely_from_the_moment_at_which_dns_servers_answer_anew(make_world):
    """Not only from the next minute on: in between is when machines of the new slot can be overrun."""
    world = make_world(green=10, ttl="20s", sample="5s", dns={"propagation": "5s"})
    run(world, seconds=2)
    assert not (world.places[Slot.GREEN].moving or world.clients.moving)
    world.samples.clear()
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    run(world, minutes=2)
    moving = [sample.length for sample in world.samples if 0.05 < sample.line()["share"]["green"] < 0.4]
    assert len(moving) >= 3 and max(moving) <= 10_000


def test_requests_of_a_sample_go_where_its_shares_say(make_world):
    world = make_world(green=10)
    world.dns.change({Slot.BLUE: 70, Slot.GREEN: 30})
    run(world, minutes=20)
    for sample in lines(world)[10:]:
        assert sum(sample["requests"].values()) == pytest.approx(sample["demand"], rel=1e-4)
        assert sample["requests"]["green"] / sample["demand"] == pytest.approx(sample["share"]["green"], abs=0.02)


def test_what_is_done_to_the_control_plane_reaches_the_watchers_in_order(make_world):
    world = make_world()
    heard = []
    world.watchers.append(heard.append)
    world.dns.change({Slot.BLUE: 100, Slot.GREEN: 0})
    world.places[Slot.GREEN].fleet.create(4, 2, 8)
    assert heard == world.effects
    assert [type(effect) for effect in heard] == [WeightsChanged, CapacityChanged]


def test_a_lost_zone_costs_a_third_of_the_requests_for_about_a_minute_and_heals_elsewhere(make_world):
    world = make_world()
    run(world, minutes=5)
    world.lose_zone("b")
    run(world, minutes=1)
    lost = sum(line["errors"]["blue"] * line["seconds"] for line in lines(world)[5:])
    assert 200 * 20 < lost < 500 * 60
    run(world, minutes=2)
    assert lines(world)[-1]["errors"]["blue"] == 0
    assert lines(world)[-1]["instances"]["blue"]["healthy"] == 7
    run(world, minutes=20)
    assert lines(world)[-1]["instances"]["blue"]["healthy"] == 10


def test_users_inside_a_lost_zone_are_missed_by_both_slots_and_told_in_the_samples(make_world):
    world = make_world(clients={"zoned": 0.3})
    run(world, minutes=5)
    assert "unheard" not in lines(world)[-1]
    world.lose_zone("b")
    run(world, minutes=10)
    lost, whole = lines(world)[-1], lines(world)[0]
    assert lost["unheard"] == pytest.approx(0.1 * lost["demand"], rel=0.02)
    assert lost["demand"] == pytest.approx(whole["demand"], rel=0.05)
    assert sum(lost["requests"].values()) == pytest.approx(0.9 * lost["demand"], rel=0.02)


def test_a_zone_lost_twice_is_back_when_both_have_given_it_back(make_world):
    world = make_world()
    world.lose_zone("a")
    world.lose_zone("a")
    world.restore_zone("a")
    assert world.zones_down == {"a"}
    world.restore_zone("a")
    assert world.zones_down == set()


def test_an_unknown_zone_is_a_programmers_error(make_world):
    with pytest.raises(AssertionError, match="zones are"):
        make_world().lose_zone("us-east-1a")


def test_a_slot_whose_machines_all_died_is_passed_over_by_dns_and_users_leave_it(make_world):
    world = make_world(green=10)
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    run(world, minutes=5)
    world.places[Slot.GREEN].fleet.boot_failure = 1.0
    world.places[Slot.GREEN].release.crash_every = timedelta(milliseconds=1)
    run(world, minutes=20)
    assert world.dns.weights == {Slot.BLUE: 50, Slot.GREEN: 50}
    assert world.dns.answers() == {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
    assert lines(world)[-1]["share"]["green"] < 0.05


def test_cname_records_know_nothing_of_health(make_world):
    world = make_world(green=2, ttl="60s")
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    world.places[Slot.GREEN].fleet.remove()
    run(world, minutes=5)
    assert world.dns.answers() == {Slot.BLUE: 0.5, Slot.GREEN: 0.5}


def test_at_equal_times_the_engine_looks_before_the_world_moves(make_world):
    world = make_world()
    run(world, seconds=59, milliseconds=999)
    assert (world.clock.now(), world.samples) == (at(seconds=60), [])
    run(world, milliseconds=1)
    assert len(world.samples) == 1


@pytest.mark.parametrize("field", [{"step": "7s"}, {"sample": "31s"}])
def test_steps_that_do_not_fit_into_a_sample_or_samples_into_a_minute_are_refused(field):
    with pytest.raises(ValueError, match="a whole number of"):
        WorldSpec.model_validate(field)


def test_results_do_not_depend_on_the_step(make_world):
    """Without large resolvers and noise nothing is left to chance but the number of requests."""

    def moved(step):
        world = make_world(green=10, step=step, clients={"large": "0%", "per_cache": 1, "count": 10**12})
        world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})
        run(world, minutes=3)
        return {line["at"]: line["share"]["green"] for line in lines(world)}

    fine, coarse = moved("1s"), moved("30s")
    both = [at for at in coarse if at in fine][-5:]
    assert [coarse[at] for at in both] == pytest.approx([fine[at] for at in both], abs=0.005)


def test_settling_at_any_moment_changes_no_count_of_requests(make_world):
    """What flows is the same however time is cut; only the draws differ."""

    def total(times):
        world = make_world(clients={"large": "0%"}, demand={"rate": 1000})
        for _ in range(times):
            run(world, milliseconds=600_000 // times)
            world.settle()
        whole = [sample for sample in world.samples if sample.at <= 540_000]
        return sum(sums.requests for sample in whole for sums in sample.slots.values())

    assert total(1) == pytest.approx(total(977), abs=5 * (540_000 * 2) ** 0.5)
