"""When faults strike and heal."""

import pytest

from sim.scenario import Scenario
from sim.scene import Scene
from sim.timeline import Timeline

from .conftest import run

SLOW = {"kind": "slow_boot", "factor": 2, "lasts": "1m"}


def told(world, *faults):
    """What the timeline tells of faults that no decision triggers, and after how many seconds."""
    scenario = Scenario.model_validate({"about": "x", "faults": faults})
    heard, began = [], world.env.now

    def hear(fault, change):
        heard.append((fault, change, (world.env.now - began) / 1000))

    Timeline(scenario.faults, Scene(world, world.plan), hear)
    run(world, hours=1)
    return heard


@pytest.mark.parametrize(
    ("when", "struck"),
    [({}, 0), ({"at": "5m"}, 300), ({"after": "2m"}, 120), ({"at": "5m", "after": "2m"}, 420)],
)
def test_a_planned_fault_strikes_at_its_time_and_heals_after_its_length(make_world, when, struck):
    heard = told(make_world(), {**SLOW, **when})
    assert [change for _, *change in heard] == [["strikes", struck], ["heals", struck + 60]]


def test_planned_faults_strike_in_the_order_of_their_times_and_at_one_time_in_the_files(make_world):
    times = [("5m", "1m"), ("2m", "3m"), ("6m", "0s"), ("0s", "6m")]
    faults = [{**SLOW, "at": at, "after": after, "factor": n + 2} for n, (at, after) in enumerate(times)]
    heard = told(make_world(), *faults)
    assert [fault.factor - 2 for fault, change, _ in heard if change == "strikes"] == [1, 0, 2, 3]
