"""The whole: determinism, samples, zones, demand, steady state."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from bluegreen.model import Slot
from sim.demand import Demand, DemandSpec
from sim.effects import CapacityChanged, WeightsChanged
from sim.world import WorldSpec

from .conftest import at, run

SCRIPT = """
from datetime import timedelta
import hashlib, json
from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.world import World, WorldSpec
from tests.world.conftest import PLAN
world = World(WorldSpec(), Plan.model_validate(PLAN), 7)
world.start()
green = world.places[Slot.GREEN]
green.balancer.create(); green.fleet.create(8, 2, 20)
green.release.crash_every = timedelta(minutes=10)
world.clock.sleep(timedelta(minutes=10))
world.dns.change({Slot.BLUE: 60, Slot.GREEN: 40})
world.zones_down |= {"a", "c"}
world.clock.sleep(timedelta(minutes=30))
print(hashlib.sha256(json.dumps([world.samples, repr(world.effects)]).encode()).hexdigest())
"""


def digest(world):
    return hashlib.sha256(json.dumps(world.samples).encode()).hexdigest()


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
    assert len(world.samples) == 240
    for sample in world.samples:
        assert sample["share"] == {"blue": 1.0, "green": 0.0}
        assert sample["errors"] == {"blue": 0.0, "green": 0.0}
        assert sample["demand"] == pytest.approx(1000, rel=0.03)
    assert world.effects == []


def test_samples_are_json_and_come_every_interval_to_whoever_listens(make_world):
    world = make_world(sample="1m")
    heard = []
    world.on_sample.append(heard.append)
    run(world, minutes=5)
    assert heard == world.samples == json.loads(json.dumps(world.samples))
    assert [sample["at"][14:19] for sample in heard] == ["01:00", "02:00", "03:00", "04:00", "05:00"]
    assert heard[0]["kind"] == "sample"
    assert set(heard[0]["latency_p99"]) == {"blue"}, "a slot that answers nothing has no latency"


def test_requests_of_a_sample_go_where_its_shares_say(make_world):
    world = make_world(green=10)
    world.dns.change({Slot.BLUE: 70, Slot.GREEN: 30})
    run(world, minutes=20)
    for sample in world.samples[20:]:
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
    world.zones_down.add("b")
    run(world, seconds=30)
    assert world.samples[-1]["errors"]["blue"] == pytest.approx(300, rel=0.1)
    run(world, minutes=2)
    assert world.samples[-1]["errors"]["blue"] == 0
    assert world.samples[-1]["instances"]["blue"]["healthy"] == 7
    run(world, minutes=20)
    assert world.samples[-1]["instances"]["blue"]["healthy"] == 10


def test_an_unknown_zone_is_a_programmers_error(make_world):
    world = make_world()
    world.zones_down.add("us-east-1a")
    with pytest.raises(AssertionError, match="zones are"):
        run(world, minutes=1)


def test_a_slot_whose_machines_all_died_is_passed_over_by_dns_and_users_leave_it(make_world):
    world = make_world(green=10)
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    run(world, minutes=5)
    world.places[Slot.GREEN].fleet.boot_failure = 1.0
    world.places[Slot.GREEN].release.crash_every = timedelta(milliseconds=1)
    run(world, minutes=20)
    assert world.dns.weights == {Slot.BLUE: 50, Slot.GREEN: 50}
    assert world.dns.answers() == {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
    assert world.samples[-1]["share"]["green"] < 0.05


def test_cname_records_know_nothing_of_health(make_world):
    world = make_world(green=2, ttl="60s")
    world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50})
    world.places[Slot.GREEN].fleet.remove()
    run(world, minutes=5)
    assert world.dns.answers() == {Slot.BLUE: 0.5, Slot.GREEN: 0.5}


def test_at_equal_times_the_engine_looks_before_the_world_moves(make_world):
    world = make_world()
    run(world, seconds=29, milliseconds=999)
    assert (world.clock.now(), world.samples) == (at(seconds=30), [])
    run(world, milliseconds=1)
    assert len(world.samples) == 1


@pytest.mark.parametrize("field", [{"tick": "7s"}, {"sample": "31s"}])
def test_ticks_that_do_not_fit_into_a_minute_or_a_sample_are_refused(field):
    with pytest.raises(ValueError, match="whole numbers of ticks"):
        WorldSpec.model_validate(field)


def test_results_hardly_depend_on_the_tick(make_world):
    def moved(tick):
        world = make_world(green=10, tick=tick, clients={"large": "0%"})
        world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})
        run(world, minutes=3)
        return world.samples[-1]["share"]["green"]

    assert moved("1s") == pytest.approx(moved("5s"), abs=0.02)


# -- demand


def demand(**spec):
    return Demand(DemandSpec.model_validate(spec), np.random.default_rng(1))


def test_demand_is_poisson_around_its_rate():
    flat = demand(rate=1000.0)
    drawn = np.array([flat.draw(timedelta(0), timedelta(seconds=5)) for _ in range(4000)])
    assert drawn.mean() == pytest.approx(5000, rel=0.002)
    assert drawn.var() == pytest.approx(5000, rel=0.1)


def test_the_daily_curve_has_its_peak_and_its_mean_where_it_should():
    curve = demand(rate=1000.0, daily="40%", peak="20h")
    rates = [curve.rate(timedelta(minutes=minute)) for minute in range(24 * 60)]
    assert np.mean(rates) == pytest.approx(1000)
    assert (max(rates), np.argmax(rates)) == (pytest.approx(1400), 20 * 60)
    assert curve.rate(timedelta(hours=8)) == pytest.approx(600)


def test_a_spike_multiplies_demand_while_it_lasts():
    spiky = demand(rate=100.0, spikes=[{"at": "10m", "lasts": "5m", "factor": 3}])
    rates = [spiky.rate(timedelta(minutes=minute)) for minute in (9, 10, 14, 15)]
    assert rates == [100, 300, 300, 100]
