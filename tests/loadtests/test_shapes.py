"""How many users there are over time, asked of the shapes themselves in a process of their own."""

import json
import subprocess
import sys

import pytest

from sim.demand import Demand, DemandSpec
from sim.draws import generator

SHAPES = """
import json, sys
from argparse import Namespace
from importlib import import_module
from bluegreen.errors import UserError
from loadtests.shapes import Share

def ticks(file, at, **options):
    module = import_module("loadtests." + file)
    (kind,) = {each for each in vars(module).values() if isinstance(each, type) and issubclass(each, Share)} - {Share}
    shape = kind()
    usual = {"num_users": None, "run_time": None, "spawn_rate": None, "pace": 1.0, "speed": 1.0, "factor": 1.0}
    shape.settle(Namespace(**usual | options))
    found = []
    for now in at:
        shape.get_run_time = lambda now=now: now
        found.append(shape.tick())
    return found

for told in json.load(sys.stdin):
    try:
        print(json.dumps(ticks(**told)))
    except UserError as error:
        print(json.dumps(str(error)))
"""
COURSES = (
    ("steady", [0, 60, 119, 120], {}, [10, 10, 10, None]),
    ("smoke", [0, 29.9, 30], {}, [5, 5, None]),
    ("ramp", [0, 120, 240, 299, 300], {}, [1, 50, 100, 100, None]),
    ("spike", [0, 119, 120, 179, 180, 300], {"num_users": 10}, [2, 2, 10, 10, 2, None]),
    ("soak", [0, 72, 144, 14_399, 14_400], {}, [1, 10, 20, 20, None]),
    ("steady", [0, 9, 10], {"num_users": 3, "run_time": 10}, [3, 3, None]),
)


def ticks(*told):
    """Users and users a second, for each file and its times."""
    asked = json.dumps([{"file": file, "at": at, **options} for file, at, options in told])
    done = subprocess.run(
        [sys.executable, "-c", SHAPES], input=asked, capture_output=True, text=True, check=True, cwd="/"
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_shape_has_its_course_and_ends():
    found = ticks(*(course[:3] for course in COURSES))
    assert [[each and each[0] for each in one] for one in found] == [course[3] for course in COURSES]
    assert all(each is None or each[1] >= each[0] for one in found for each in one), "all at once unless told otherwise"
    ((slowly,),) = ticks(("steady", [0], {"spawn_rate": 0.5}))
    assert slowly == [10, 0.5]


def test_a_recording_is_followed_as_the_world_follows_it(tmp_path):
    file = tmp_path / "demand.csv"
    file.write_text("seconds,rate\n0,10\n60,70\n90,0\n120,35.5\n")
    world = Demand(DemandSpec(recorded=file), generator(1, "x"))
    at = [0.0, 1.0, 59.0, 60.0, 75.5, 89.9, 119.0, 120.0]
    whole, fast = ticks(
        ("recorded", at, {"recorded": str(file), "pace": 0.5}),
        ("recorded", [1.0], {"recorded": str(file), "pace": 0.5, "speed": 60.0, "factor": 0.5}),
    )
    assert whole.pop() is None
    rates = [world.rate(1000 * each) for each in at[:-1]]
    assert [users * 0.5 for users, _ in whole] == pytest.approx(rates, abs=0.5)
    assert all(users * 0.5 >= rate - 1e-9 for (users, _), rate in zip(whole, rates, strict=True))
    assert fast[0][0] == 70, "a minute later, at half the rate, two users for each request a second"


def test_a_recording_that_cannot_be_followed_is_told():
    said = ticks(
        ("recorded", [0], {"recorded": ""}),
        ("recorded", [0], {"recorded": "x.csv", "pace": 0.0}),
        ("recorded", [0], {"recorded": "nowhere.csv"}),
    )
    assert said[0].startswith("--recorded: name a CSV file")
    assert said[1].startswith("--pace 0: to follow recorded rates, users need a pace")
    assert said[2].startswith("nowhere.csv: recorded demand cannot be read")
