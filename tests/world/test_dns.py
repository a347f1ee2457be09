"""Which slot do Route 53's servers name? Golden cases A of the field facts, and propagation."""

from collections import Counter
from datetime import timedelta

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.dns import Dns, DnsSpec, answer_shares
from sim.effects import WeightsChanged

H, U, NONE = True, False, None


@pytest.mark.parametrize(
    ("weights", "health", "expected"),
    [
        ([1, 255], [NONE, NONE], [0.00390625, 0.99609375]),
        ([0, 20, 50, 70], [H, H, H, H], [0, 1 / 7, 5 / 14, 1 / 2]),
        ([0, 0, 0], [NONE, NONE, NONE], [1 / 3, 1 / 3, 1 / 3]),
        ([70, 20, 10], [U, H, H], [0, 2 / 3, 1 / 3]),
        ([70, 20, 10], [U, NONE, U], [0, 1, 0]),
        ([1, 1, 0], [U, U, H], [0, 0, 1]),
        ([1, 1, 0], [U, U, U], [0.5, 0.5, 0]),
        ([1, 1, 0], [U, U, NONE], [0, 0, 1]),
        ([1, 1, 0], [NONE, NONE, H], [0.5, 0.5, 0]),
        ([1, 1, 0], [U, H, U], [0, 1, 0]),
        ([0, 0], [U, H], [0, 1]),
        ([0, 0], [U, U], [0.5, 0.5]),
    ],
    ids=[
        "A-1",
        "A-2",
        "A-3",
        "A-4",
        "A-5",
        "A-6",
        "all unhealthy",
        "zero unchecked",
        "backup unreached",
        "A-8",
        "zeros",
        "z",
    ],
)
def test_answers_are_those_of_the_golden_cases(weights, health, expected):
    shares = answer_shares(dict(enumerate(weights)), dict(enumerate(health)))
    assert list(shares.values()) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 255), st.sampled_from([True, False, None])), min_size=1, max_size=8))
def test_there_is_always_an_answer_and_the_shares_make_a_whole(records):
    weights = {key: weight for key, (weight, _) in enumerate(records)}
    health = {key: well for key, (_, well) in enumerate(records)}
    shares = answer_shares(weights, health)
    assert sum(shares.values()) == pytest.approx(1)
    assert all(share >= 0 for share in shares.values())
    if any(well is not False for well in health.values()):
        assert all(health[key] is not False for key, share in shares.items() if share > 0)


def dns(seed=1, **options):
    env = simpy.Environment()
    return env, Dns(DnsSpec(), {Slot.BLUE: 100}, env=env, rng=np.random.default_rng(seed), **options)


def test_a_change_stands_at_once_but_is_answered_only_when_in_sync():
    env, records = dns()
    change = records.change({Slot.BLUE: 90, Slot.GREEN: 10})
    assert records.weights == {Slot.BLUE: 90, Slot.GREEN: 10}
    assert records.status(change) == "PENDING"
    assert records.answers() == {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
    while records.status(change) == "PENDING":
        env.run(until=env.now + 1000)
    assert records.answers() == {Slot.BLUE: 0.9, Slot.GREEN: 0.1}


def test_most_changes_are_in_sync_within_a_minute():
    env, records = dns()
    delays = []
    for _ in range(400):
        began, change = env.now, records.change({Slot.BLUE: 1})
        while records.status(change) == "PENDING":
            env.run(until=env.now + 1000)
        delays.append(env.now - began)
    assert 0.93 < np.mean(np.array(delays) <= 60_000) < 1
    assert np.mean(delays) == pytest.approx(30_500, rel=0.1)


def test_slow_propagation_delays_changes_by_its_factor():
    (_, normal), (env, slow) = dns(), dns()
    slow.delay_factor = 20
    normal.change({Slot.BLUE: 1})
    change = slow.change({Slot.BLUE: 1})
    env.run(until=200_000)
    assert slow.status(change) == "PENDING"


def test_changes_arrive_in_the_order_in_which_they_were_made():
    for seed in range(50):
        env, records = dns(seed)
        first, second = records.change({Slot.BLUE: 1}), records.change({Slot.GREEN: 1})
        while records.status(second) == "PENDING":
            env.run(until=env.now + 500)
        assert records.status(first) == "INSYNC"
        assert records.answers()[Slot.GREEN] == 1.0


def test_each_change_is_recorded_with_who_made_it():
    effects = []
    _, records = dns(record=effects.append)
    records.change({Slot.BLUE: 50, Slot.GREEN: 50}, by="operator")
    assert effects == [WeightsChanged({Slot.BLUE: 100}, {Slot.BLUE: 50, Slot.GREEN: 50}, "operator")]


def test_an_unhealthy_slot_is_passed_over_and_a_zero_weight_one_is_the_last_resort():
    well = {Slot.BLUE: True, Slot.GREEN: False}
    env, records = dns(healthy=lambda slot: well[slot])
    records.change({Slot.BLUE: 0, Slot.GREEN: 100})
    env.run(until=timedelta(minutes=5) // timedelta(milliseconds=1))
    assert records.answers() == {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
    well[Slot.BLUE] = False
    assert records.answers() == {Slot.BLUE: 0.0, Slot.GREEN: 1.0}


def test_unknown_change_ids_are_an_error():
    _, records = dns()
    with pytest.raises(KeyError):
        records.status("C1")


def test_a_slot_without_a_record_is_never_answered(make_world):
    world = make_world()
    assert Counter(world.dns.answers()) == Counter({Slot.BLUE: 1.0, Slot.GREEN: 0.0})
