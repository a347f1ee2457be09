"""Golden cases of Elastic Beanstalk and OpsWorks, by id."""

from datetime import timedelta

import boto3
import pytest
import simpy
from botocore.exceptions import UnknownServiceError
from pydantic import ValidationError

from sim.beanstalk import BeanstalkSpec, Environment, Environments, Split, SplitSpec, TrafficSplit

MINUTE = 60_000


def split(unhealthy_at=None, until=15, **spec):
    """(minute, share of the new version) at every full minute."""
    env = simpy.Environment()
    made = TrafficSplit(SplitSpec(**spec), env, settle=lambda: None)
    shares = []
    for minute in range(until + 1):
        env.run(until=minute * MINUTE + 1)
        if minute == unhealthy_at:
            made.roll_back()
        shares.append(made.share)
    return shares


def pair():
    env = simpy.Environment()
    environments = [Environment("e-1", "shop-a", "a.example"), Environment("e-2", "shop-b", "b.example")]
    return env, Environments(BeanstalkSpec(), env, environments, settle=lambda: None)


def f1():
    asked = {"percent": 15, "evaluation": "10m"}
    assert split(**asked) == [0.15] * 10 + [1.0] * 6
    assert split(unhealthy_at=4, **asked) == [0.15] * 4 + [0.0] * 12


def f2():
    _, both = pair()
    both.swap(source_id="e-1", destination_id="e-2")
    assert (both.behind("b.example").id, both.behind("a.example").id) == ("e-1", "e-2")
    both.swap(source_name="shop-a", destination_name="shop-b")
    assert (both.behind("a.example").id, both.behind("b.example").id) == ("e-1", "e-2")


def f3():
    _, both = pair()
    with pytest.raises(ValueError, match="the same way"):
        both.swap(source_id="e-1", destination_name="shop-b")
    assert both.behind("a.example").id == "e-1"


def f4():
    session = boto3.Session(region_name="us-east-1")
    with pytest.raises(UnknownServiceError):
        session.client("opsworks")


CASES = {"F-1": f1, "F-2": f2, "F-3": f3, "F-4": f4}


@pytest.mark.parametrize("case", CASES)
def test_beanstalk_golden(case):
    CASES[case]()


@pytest.mark.parametrize(
    ("spec", "fine"),
    [
        ({"percent": 0}, False),
        ({"percent": 1}, True),
        ({"percent": 100}, True),
        ({"percent": 101}, False),
        ({"evaluation": "179s"}, False),
        ({"evaluation": "3m"}, True),
        ({"evaluation": "600m"}, True),
        ({"evaluation": "601m"}, False),
    ],
)
def test_the_bounds_of_traffic_splitting_are_those_of_its_options(spec, fine):
    if fine:
        SplitSpec.model_validate(spec)
    else:
        with pytest.raises(ValidationError):
            SplitSpec.model_validate(spec)


def test_the_defaults_of_traffic_splitting_are_ten_percent_for_five_minutes():
    assert (SplitSpec().percent, SplitSpec().evaluation) == (10, timedelta(minutes=5))


def test_capacity_is_frozen_as_long_as_the_new_version_is_judged():
    env = simpy.Environment()
    made = TrafficSplit(SplitSpec(), env, settle=lambda: None)
    assert made.capacity_frozen
    env.run(until=5 * MINUTE + 1)
    assert (made.state, made.capacity_frozen) == (Split.COMPLETED, False)


def test_after_the_evaluation_nobody_looks_any_more():
    assert split(unhealthy_at=6, until=8, percent=20) == [0.2] * 5 + [1.0] * 4


def test_flows_are_settled_before_each_change_of_the_split():
    env, seen = simpy.Environment(), []
    made = TrafficSplit(SplitSpec(), env, settle=lambda: seen.append((env.now, made.share if seen else None)))
    env.run()
    assert seen == [(0, None), (5 * MINUTE, 0.1)]


def test_a_swap_is_all_or_nothing_and_flows_are_settled_first():
    env = simpy.Environment()
    environments = [Environment("e-1", "shop-a", "a.example"), Environment("e-2", "shop-b", "b.example")]
    seen = []
    both = Environments(BeanstalkSpec(), env, environments, settle=lambda: seen.append(both.answers("a.example")))
    both.swap(source_id="e-1", source_name="shop-a", destination_id="e-2", destination_name="shop-b")
    assert seen == [{"e-1": 1.0, "e-2": 0.0}]
    assert both.answers("a.example") == {"e-1": 0.0, "e-2": 1.0}


def test_the_old_environment_is_needed_until_the_swap_has_spread_and_its_answers_have_expired():
    env, both = pair()
    assert both.settled
    both.swap(source_id="e-1", destination_id="e-2")
    env.run(until=2 * MINUTE - 1)
    assert not both.settled
    env.run(until=2 * MINUTE)
    assert both.settled


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"source_id": "e-1"},
        {"source_id": "e-1", "destination_id": "e-9"},
        {"source_id": "e-1", "source_name": "shop-a", "destination_name": "shop-b"},
        {"source_id": "e-1", "source_name": "shop-b", "destination_id": "e-2", "destination_name": "shop-a"},
    ],
)
def test_a_swap_needs_two_environments_that_exist(wrong):
    _, both = pair()
    with pytest.raises(ValueError):
        both.swap(**wrong)
    assert both.settled
    with pytest.raises(ValueError, match=r"c\.example"):
        both.behind("c.example")
