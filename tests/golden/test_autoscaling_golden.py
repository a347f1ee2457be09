"""Golden cases of EC2 Auto Scaling, by id, and C-6: a target's health on the machines' side."""

from datetime import timedelta

import numpy as np
import pytest

from sim.fleets.hooks import overall_limit
from sim.fleets.policies import effective_warm_up
from sim.fleets.steps import StepSpec, adjusted, whole
from sim.fleets.warm_pool import WarmPoolSpec, pool_size
from sim.instance import Health
from tests.fleet.groups import Group

SECOND = timedelta(seconds=1)

OUT = [
    {"lower": 0, "upper": 10, "change": 0},
    {"lower": 10, "upper": 20, "change": 10},
    {"lower": 20, "change": 30},
]
IN = [
    {"lower": -10, "upper": 0, "change": 0},
    {"lower": -20, "upper": -10, "change": -10},
    {"upper": -20, "change": -30},
]


def stepping():
    """A group of ten with AWS's example policies."""
    percent = {"kind": "step", "adjustment": "PercentChangeInCapacity", "warm_up": "5m"}
    policies = {"out": {**percent, "steps": OUT}, "in": {**percent, "steps": IN}}
    return Group(live=True, instances=10, policies=policies, drain="0s", shutdown="1s")


def d1():
    """The whole of AWS's example: 60 % adds one, 70 % three more, 40 % takes one, 30 % three."""
    group = stepping()
    sizes = []
    for policy, metric in (("out", 59), ("out", 60), ("out", 70), ("in", 40), ("in", 30)):
        group.fleet.execute(policy, metric, 50)
        sizes.append(group.fleet.desired)
        group.run(10)
    assert sizes == [10, 11, 14, 13, 10]


def d1_while_warming():
    """The same example while the new machine warms up: 62 % adds nothing, 70 % only two."""
    group = stepping()
    sizes = []
    for metric in (60, 62, 70):
        group.fleet.execute("out", metric, 50)
        sizes.append(group.fleet.desired)
        group.run(1.5)
    assert sizes == [11, 11, 13]


def d1_bounds():
    """Above the threshold the lower bound belongs to a step, below it the upper."""
    out, back = StepSpec.model_validate({"steps": OUT}), StepSpec.model_validate({"steps": IN})

    def change(spec, over):
        return [step.change for step in spec.steps if step.holds(over)]

    assert [change(out, over) for over in (0, 9.99, 10, 19.99, 20, 50)] == [[0], [0], [10], [10], [30], [30]]
    assert [change(back, over) for over in (-9.99, -10, -19.99, -20, -50)] == [[0], [-10], [-10], [-30], [-30]]


def d1_rounding():
    """The guide's words on percents: 12.7, 0.67, -0.58, -6.67."""
    assert [whole(change) for change in (12.7, 0.67, -0.58, -6.67, 0)] == [12, 1, -1, -6, 0]


def d4():
    assert adjusted(4, "PercentChangeInCapacity", 25, at_least=2) == 6
    assert adjusted(4, "PercentChangeInCapacity", -25, at_least=2) == 2
    assert adjusted(4, "PercentChangeInCapacity", 25) == 5
    assert adjusted(3, "ChangeInCapacity", 5) == 8
    assert adjusted(3, "ExactCapacity", 5) == 5


def d5():
    assert pool_size(WarmPoolSpec(), desired=6, maximum=10) == 4
    assert pool_size(WarmPoolSpec(prepared=8), desired=6, maximum=10) == 2
    assert pool_size(WarmPoolSpec(prepared=5), desired=6, maximum=10) == 0
    assert pool_size(WarmPoolSpec(prepared=5, minimum=1), desired=6, maximum=10) == 1
    for pool, size in (({}, 4), ({"prepared": 8}, 2)):
        group = Group(live=True, instances=6, maximum=10, warm_pool=pool)
        assert len(group.fleet.pool) == size


def d6():
    group = Group(live=True, instances=2, autoscaling=True, tracking={"target": "50%"})
    group.busy = 0.8
    group.run(2)
    assert group.fleet.desired == 2
    group.run(1)
    assert group.fleet.desired == 4


def d8():
    assert overall_limit(3600 * SECOND) == 172_800 * SECOND
    assert overall_limit(30 * SECOND) == 3000 * SECOND


def d9():
    assert effective_warm_up(None, None, Group().fleet.cooldown) == 300 * SECOND
    assert effective_warm_up(None, 0 * SECOND, 300 * SECOND) == 0 * SECOND
    assert effective_warm_up(60 * SECOND, 10 * SECOND, 300 * SECOND) == 60 * SECOND


def c6_down_and_back():
    """Two of 30 s: down after 30 to 60 s; five passes: back after 120 to 150 s."""
    group = Group(live=True, instances=600, maximum=600, health_check="EC2", status_check="1h")
    group.lose("a")
    lost = [i for i in group.fleet.instances if i.zone == "a"]
    down, back = times(group, lost, Health.UNHEALTHY), None
    group.regain("a")
    back = times(group, lost, Health.HEALTHY)
    assert 30 <= down.min() < 31.5 and 58.5 < down.max() <= 60.1
    assert 120 <= back.min() < 121.5 and 148.5 < back.max() <= 150.1


def c6_new():
    """One pass is enough for a new target: at most one interval after it answers."""
    group = Group()
    group.fleet.create(400, 0, 400)
    healthy = {}
    while len(healthy) < 400:
        group.env.run(until=group.env.now + 250)
        for i in group.fleet.instances:
            if i.health is Health.HEALTHY:
                healthy.setdefault(i.id, group.env.now - i.serving_since)
    waits = np.array(list(healthy.values())) / 1000
    assert waits.min() >= 0 and waits.max() <= 30.25
    assert waits.mean() == pytest.approx(15, abs=1.5)


def times(group, instances, health):
    """Seconds until each has this health."""
    start, seen = group.env.now, {}
    while len(seen) < len(instances):
        group.env.run(until=group.env.now + 100)
        for i in instances:
            if i.health is health:
                seen.setdefault(i.id, (group.env.now - start) / 1000)
    return np.array(list(seen.values()))


CASES = {
    "D-1": d1,
    "D-1 while warming": d1_while_warming,
    "D-1 bounds": d1_bounds,
    "D-1 rounding": d1_rounding,
    "D-4": d4,
    "D-5": d5,
    "D-6": d6,
    "D-8": d8,
    "D-9": d9,
    "C-6": c6_down_and_back,
    "C-6 new": c6_new,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_autoscaling_golden(case):
    case()
