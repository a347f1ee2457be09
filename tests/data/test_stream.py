"""A stream of changes: once, in each item's order, for a day."""

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from sim.data.stream import Consumer, Stream, StreamSpec, TrimmedData

HOUR = 3_600_000


def made(**spec):
    env = simpy.Environment()
    return env, Stream(StreamSpec(**spec), env)


changes = st.lists(st.tuples(st.sampled_from(["a", "b", "c", "d", "e"]), st.integers(0, 99)), max_size=40)


@given(changes, st.integers(1, 6), st.integers(1, 10))
def test_every_change_arrives_once_and_each_items_changes_in_their_order(written, shards, every):
    env, stream = made(shards=shards)
    consumer, read = Consumer(stream), []
    for count, (key, value) in enumerate(written):
        env.run(until=count * HOUR / 10 + 1)
        stream.write(key, value)
        if count % every == 0:
            read += consumer.read()
    read += consumer.read()
    for item in "abcde":
        assert [r.value for r in read if r.key == item] == [value for key, value in written if key == item]
    assert (len(read), consumer.lost, consumer.read()) == (len(written), 0, [])


def test_a_new_consumer_begins_with_the_oldest_record_that_is_kept():
    env, stream = made()
    for hour in (0, 1, 26):
        env.run(until=hour * HOUR + 1)
        stream.write("a", hour)
    consumer = Consumer(stream)
    assert ([record.value for record in consumer.read()], consumer.lost) == ([26], 0)


def test_between_items_the_order_may_change():
    _, stream = made()
    consumer = Consumer(stream)
    for value, key in enumerate("abcdefgh"):
        stream.write(key, value)
    values = [record.value for record in consumer.read()]
    assert sorted(values) == list(range(8)) != values


def test_a_record_is_kept_for_its_retention_to_the_millisecond():
    env, stream = made(shards=1)
    stream.write("a", 1)
    env.run(until=24 * HOUR)
    assert [record.value for record in stream.read(0, 0)] == [1]
    env.run(until=24 * HOUR + 1)
    with pytest.raises(TrimmedData, match="1 records") as gone:
        stream.read(0, 0)
    assert (gone.value.lost, stream.horizon(0), stream.read(0, 1)) == (1, 1, [])


@given(st.integers(0, 60), st.sampled_from([1, 3, 4]))
def test_what_is_lost_is_what_was_written_before_the_retention(stopped, shards):
    """One change per hour, read after `stopped` hours."""
    env, stream = made(shards=shards)
    consumer = Consumer(stream)
    for hour in range(stopped + 1):
        env.run(until=hour * HOUR + 1)
        stream.write(f"item-{hour}", hour)
    read = consumer.read()
    assert consumer.lost == max(0, stopped - 24)
    assert sorted(record.value for record in read) == list(range(max(0, stopped - 24), stopped + 1))
