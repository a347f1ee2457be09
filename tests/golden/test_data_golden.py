"""Golden cases of the data tier, by id."""

import pytest
import simpy
from pydantic import ValidationError

from bluegreen.model import Slot
from sim.data.replica import Replica, ReplicaSpec, caught_up
from sim.data.schema import Code, Database, Schema
from sim.data.stream import Consumer, Stream, StreamSpec
from sim.data.switchover import Deployment, DeploymentSpec, Status, SwitchoverSpec

SECOND, HOUR = 1000, 3_600_000


def replica(env, **spec):
    return Replica(ReplicaSpec(**spec), env, settle=lambda: None)


def g1():
    env = simpy.Environment()
    made = replica(env, speed=4.0)
    made.run_at(0)
    series = []
    for second in (12, 15, 20):
        env.run(until=second * SECOND)
        series.append(made.lag)
        made.run_at(4.0)
    assert series == [12, 3, 0]
    assert caught_up(series)
    made.stop()
    assert not caught_up([0, made.lag])
    assert made.lag == -1


def g2():
    env = simpy.Environment()
    made = replica(env, delay="3s")
    env.run(until=10 * SECOND)
    made.promote()
    env.run(until=HOUR)
    assert [second for second in range(11) if not made.has(second * SECOND)] == [8, 9, 10]


def g3():
    env, made, green = deployment(lag_s=45, speed=0.5)
    assert green.catch_up_s() == 90
    made.switch(SwitchoverSpec(timeout="60s"))
    env.run(until=env.now + 60 * SECOND - 1)
    assert (made.status, made.writable) == (Status.IN_PROGRESS, False)
    env.run(until=env.now + 2)
    assert (made.status, made.writable, made.primary) == (Status.FAILED, True, Slot.BLUE)
    assert made.names == {Slot.BLUE: "mydb", Slot.GREEN: "mydb-green-abc123"}


def g4():
    env, made, _ = deployment()
    assert made.names == {Slot.BLUE: "mydb", Slot.GREEN: "mydb-green-abc123"}
    made.switch(SwitchoverSpec())
    env.run(until=env.now + 60 * SECOND)
    assert (made.status, made.primary) == (Status.COMPLETED, Slot.GREEN)
    assert made.names == {Slot.BLUE: "mydb-old1", Slot.GREEN: "mydb"}


def g5():
    for stopped, lost in ((25, 1), (23, 0)):
        env = simpy.Environment()
        stream = Stream(StreamSpec(), env)
        consumer = Consumer(stream)
        for hour in range(stopped + 1):
            env.run(until=hour * HOUR + 1)
            stream.write(f"item-{hour}", hour)
        read = consumer.read()
        assert (consumer.lost, len(read)) == (lost, stopped + 1 - lost)


def g7():
    both = {Code.OLD: 0.25, Code.NEW: 0.75}
    database = Database()
    assert database.errors({Code.OLD: 1.0}) == 0
    database.move(Schema.EXPANDED)
    assert database.errors(both) == 0
    database.move(Schema.CONTRACTED)
    assert database.errors(both) == 0.25
    assert database.errors({Code.NEW: 1.0}) == 0


def g8():
    with pytest.raises(ValidationError):
        SwitchoverSpec(timeout="29s")
    assert SwitchoverSpec(timeout="30s").timeout.total_seconds() == 30


def deployment(lag_s=0, speed=1.0):
    """A deployment of mydb that is available, whose green is behind."""
    env = simpy.Environment()
    green = replica(env)
    made = Deployment(DeploymentSpec(), green, name="mydb", suffix="abc123", env=env, settle=lambda: None)
    env.run(until=HOUR)
    if lag_s:
        green.run_at(0)
        env.run(until=HOUR + lag_s * SECOND - 200)
        green.run_at(speed)
    return env, made, green


CASES = {"G-1": g1, "G-2": g2, "G-3": g3, "G-4": g4, "G-5": g5, "G-7": g7, "G-8": g8}


@pytest.mark.parametrize("case", CASES)
def test_data_golden(case):
    CASES[case]()
