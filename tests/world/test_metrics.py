"""CloudWatch as the engine will read it: late, absent and not zero, with gaps; and its alarms."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from sim.alarms import AlarmSpec

from .conftest import at, run


def names(world, slot, measures):
    """Which of the measures have any point."""
    return {name for name in measures if world.metrics.series(slot, name, at(), world.clock.now())}


def test_a_minute_without_requests_has_no_points(make_world):
    """C-10."""
    world = make_world(green=2)
    assert names(world, Slot.GREEN, ["requests", "target_5xx", "elb_5xx", "latency_p99", "healthy_hosts"]) == {
        "healthy_hosts"
    }


def test_a_balancer_whose_nodes_are_all_lost_tells_nothing(make_world):
    """Its nodes report, on requests and on targets; that machines are well elsewhere is seen by none of them."""
    world = make_world(balancer={"nodes": {"zones": 1}})
    run(world, minutes=5)
    world.lose_zone("a")
    run(world, minutes=5)
    world.restore_zone("a")
    run(world, minutes=7)
    minutes = [at(minutes=minute) for minute in (*range(5), *range(10, 16))]
    for measure in ("requests", "healthy_hosts"):
        points = world.metrics.series(Slot.BLUE, measure, at(), world.clock.now())
        assert [start for start, _ in points] == minutes, measure


def test_error_counts_are_absent_while_there_are_none(make_world):
    world = make_world()
    run(world, minutes=10)
    assert names(world, Slot.BLUE, ["requests", "target_5xx", "elb_5xx"]) == {"requests"}
    world.places[Slot.BLUE].release.error_rate = 0.1
    run(world, minutes=5)
    (first, count), *_ = world.metrics.series(Slot.BLUE, "target_5xx", at(), world.clock.now())
    assert first == at(minutes=10)
    assert count == pytest.approx(6000, rel=0.05)


def test_a_point_can_be_read_only_a_delay_after_its_minute(make_world):
    world = make_world()

    def seen():
        return [start for start, _ in world.metrics.series(Slot.BLUE, "requests", at(), at(hours=1))]

    run(world, minutes=1, seconds=55)
    assert seen() == []
    run(world, seconds=10)
    assert seen() == [at()]
    world.metrics.delay = timedelta(minutes=5)
    run(world, minutes=5)
    assert seen() == [at(), at(minutes=1)][: len(seen())]


def test_series_hold_the_minutes_that_begin_in_the_window(make_world):
    world = make_world()
    run(world, minutes=10)
    points = world.metrics.series(Slot.BLUE, "requests", at(minutes=2), at(minutes=5))
    assert [start for start, _ in points] == [at(minutes=2), at(minutes=3), at(minutes=4)]
    assert [value for _, value in points] == pytest.approx([60_000] * 3, rel=0.02)


def test_a_gap_loses_the_points_of_its_slots_for_ever(make_world):
    world = make_world(green=2)
    start = at(minutes=10)
    world.metrics.gap.add(Slot.BLUE)
    run(world, minutes=5)
    world.metrics.gap.discard(Slot.BLUE)
    run(world, minutes=5)
    window = (start, world.clock.now())
    assert len(world.metrics.series(Slot.GREEN, "healthy_hosts", *window)) == 9
    assert [point for point, _ in world.metrics.series(Slot.BLUE, "requests", *window)] == [
        start + timedelta(minutes=minute) for minute in (5, 6, 7, 8)
    ]


def test_refused_requests_are_errors_of_the_balancer_but_not_in_its_request_count(make_world):
    world = make_world(balancer={"cold": 10.0, "headroom": 1.0, "growth": 0.0001}, demand={"rate": 1000.0})
    world.demand.factor = 2.0
    run(world, minutes=3)
    window = (Slot.BLUE, "requests", at(), at(minutes=1))
    (_, requests), *_ = world.metrics.series(*window)
    (_, refused), *_ = world.metrics.series(Slot.BLUE, "elb_5xx", *window[2:])
    assert requests == pytest.approx(60_000, rel=0.02)
    assert refused == pytest.approx(60_000, rel=0.02)


def alarm(**options):
    return AlarmSpec(name="errors", slot=Slot.BLUE, measure="error_rate", threshold=0.05, periods=3, **options)


def test_an_alarm_begins_without_data_and_becomes_ok(make_world):
    world = make_world()
    world.metrics.add_alarm(alarm())
    assert world.metrics.alarm_state("errors") == "INSUFFICIENT_DATA"
    run(world, minutes=6)
    assert world.metrics.alarm_state("errors") == "OK"


def test_an_alarm_sounds_when_enough_published_minutes_breach_and_then_stops(make_world):
    world = make_world()
    world.metrics.add_alarm(alarm())
    run(world, minutes=10)
    world.places[Slot.BLUE].release.error_rate = 0.2
    run(world, minutes=3, seconds=30)
    assert world.metrics.alarm_state("errors") == "OK", "the third bad minute is not published yet"
    run(world, minutes=1)
    assert world.metrics.alarm_state("errors") == "ALARM"
    world.places[Slot.BLUE].release.error_rate = 0.0
    run(world, minutes=6)
    assert world.metrics.alarm_state("errors") == "OK"


@pytest.mark.parametrize(
    ("treat", "expected"),
    [("missing", "INSUFFICIENT_DATA"), ("ignore", "OK"), ("breaching", "ALARM"), ("notBreaching", "OK")],
)
def test_an_alarm_without_data_is_as_it_was_told_to_treat_that(make_world, treat, expected):
    world = make_world()
    world.metrics.add_alarm(alarm(treat_missing=treat))
    run(world, minutes=10)
    world.metrics.gap.update(Slot)
    run(world, minutes=10)
    assert world.metrics.alarm_state("errors") == expected


def test_an_updated_alarm_keeps_its_state_and_a_removed_one_is_unknown(make_world):
    world = make_world()
    world.metrics.add_alarm(alarm())
    run(world, minutes=10)
    world.metrics.add_alarm(alarm(datapoints=2))
    assert world.metrics.alarm_state("errors") == "OK"
    world.metrics.remove_alarm("errors")
    with pytest.raises(KeyError):
        world.metrics.alarm_state("errors")
