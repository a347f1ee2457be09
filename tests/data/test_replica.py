"""An asynchronous replica: its position is a closed form, and what it lacks at its promotion is lost."""

from math import inf

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim.data.replica import Replica, ReplicaSpec, caught_up

SECOND, MINUTE = 1000, 60_000


def made(**spec):
    env = simpy.Environment()
    return env, Replica(ReplicaSpec(**spec), env, settle=lambda: None)


def test_a_healthy_replica_reads_zero_though_it_is_a_little_behind():
    env, replica = made(delay="200ms")
    env.run(until=MINUTE)
    assert (replica.lag, replica.position) == (0, MINUTE - 200)


@pytest.mark.parametrize(("speed", "lag"), [(0.0, 60), (0.5, 30), (1.0, 0), (4.0, 0)])
def test_a_slow_replica_falls_back_by_what_it_does_not_apply(speed, lag):
    env, replica = made()
    replica.run_at(speed)
    env.run(until=MINUTE)
    assert replica.lag == lag


def test_a_replica_that_is_fast_again_catches_up_and_stays_there():
    env, replica = made(delay="0s")
    replica.run_at(0)
    env.run(until=MINUTE)
    replica.run_at(4)
    env.run(until=MINUTE + 10 * SECOND)
    assert replica.lag == 30  # 70 s of writes, 40 of them applied
    env.run(until=MINUTE + 20 * SECOND)
    assert replica.lag == 0
    env.run(until=2 * MINUTE)
    assert replica.position == 2 * MINUTE


def test_a_stopped_replica_reads_minus_one_and_goes_on_where_it_stopped():
    env, replica = made(delay="0s", speed=2.0)
    env.run(until=MINUTE)
    replica.stop()
    env.run(until=2 * MINUTE)
    assert (replica.lag, replica.has(MINUTE), replica.has(MINUTE + 1)) == (-1, True, False)
    assert replica.catch_up_s() == inf
    replica.resume()
    assert replica.lag == 60
    assert replica.catch_up_s() == 30


def test_catching_up_takes_as_long_as_it_says_when_the_source_is_silent():
    env, replica = made(delay="3s")
    assert replica.catch_up_s() == 3
    replica.run_at(0)
    env.run(until=MINUTE)
    assert replica.catch_up_s() == inf
    replica.run_at(0.75)
    last, needed = env.now, round(replica.catch_up_s() * SECOND)
    env.run(until=last + needed - 1)
    assert not replica.has(last)
    env.run(until=last + needed)
    assert replica.has(last)


@given(
    st.lists(st.tuples(st.integers(1, 90_000), st.sampled_from([0.0, 0.3, 1.0, 2.5, 8.0])), min_size=1, max_size=8),
    st.integers(900, 7_000),
)
def test_looking_often_changes_nothing(steps, every):
    """The same changes of speed, with and without a look each `every` milliseconds."""
    ends = []
    for often in (False, True):
        env, replica = made(delay="200ms")
        for length, speed in steps:
            replica.run_at(speed)
            until = env.now + length
            while often and env.now + every < until:
                env.run(until=env.now + every)
                assert replica.position <= env.now - 200
            env.run(until=until)
        ends.append((replica.position, replica.lag))
    assert ends[0] == ends[1]


@given(st.lists(st.tuples(st.integers(1, 90_000), st.floats(0, 8)), min_size=1, max_size=8))
def test_what_is_here_stays_here(steps):
    env, replica = made()
    before = replica.position
    for length, speed in steps:
        replica.run_at(speed)
        env.run(until=env.now + length)
        assert replica.position >= before
        before = replica.position


def test_a_promotion_takes_its_time_is_settled_first_and_is_one_way():
    env, seen = simpy.Environment(), []
    replica = Replica(ReplicaSpec(promotion="5m"), env, settle=lambda: seen.append(replica.replicating))
    env.run(until=MINUTE)
    replica.promote()
    assert (seen, replica.available, replica.lag) == ([True], False, -1)
    env.run(until=6 * MINUTE)
    assert replica.available
    with pytest.raises(ValueError, match="promoted before"):
        replica.promote()
    with pytest.raises(ValueError, match="does not follow"):
        replica.resume()


def test_a_replica_that_is_backing_up_is_not_promoted():
    _, replica = made()
    with pytest.raises(ValueError, match="backing up"):
        replica.promote(backing_up=True)
    assert replica.replicating


@pytest.mark.parametrize(
    ("lags", "ready"), [([], False), ([4], True), ([5], False), ([0, 5], False), ([900, 0], True), ([-1], False)]
)
def test_only_a_lag_that_is_measured_and_small_allows_a_promotion(lags, ready):
    assert caught_up(lags, below=5) is ready
