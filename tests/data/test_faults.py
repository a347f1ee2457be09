"""The faults of databases bite where a plan has `data`, and stop when they heal."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from sim.clock import now_ms
from sim.data.schema import Schema
from sim.faults.base import Fault
from sim.scenario import Scenario
from sim.scene import Scene
from sim.world import World
from sim.worldspec import WorldSpec
from tests.data.test_tasks import BASE, REPLICA

KINDS = {kind: cls for kind, cls in kinds("sim.faults", Fault).items() if cls.of_data}
SCHEMA = {"kind": "schema", "expand": {"run": ["e"]}, "contract": {"run": ["c"]}}
SYNC = {"kind": "sync", "sync": "orders"}
DEPLOYMENT = {"kind": "rds_blue_green", "source": "a"}


def begun(data, **spec):
    """A world with users on blue, and a copy that follows where there is one."""
    world = World(WorldSpec.model_validate({"data": spec}), Plan.model_validate({**BASE, "data": data}), 1)
    world.start()
    if data is REPLICA:
        world.data.rds.create_replica(key=None)
    if data is DEPLOYMENT:
        world.data.rds.create_deployment()
    world.clock.sleep(timedelta(minutes=40))
    return world


def fault(kind, **own):
    return Scenario.model_validate({"about": "x", "faults": [{"kind": kind, **own}]}).faults[0]


def lag(world):
    world.clock.sleep(timedelta(minutes=5))
    return world.data.rds.lag


def stopped(world):
    return lag(world) == -1


def leaks(world):
    world.data.fenced.add(Slot.BLUE)
    before = world.data.books.acknowledged
    world.clock.sleep(timedelta(minutes=5))
    world.settle()
    world.data.fenced.clear()
    return world.data.books.acknowledged > before


def locks(world):
    world.settle()
    world.data.command("data/expand", now_ms(world.env) + 60_000, passes=False)
    share = world.places[Slot.BLUE].release.data_errors
    world.clock.sleep(timedelta(minutes=2))
    return share


def refused(world):
    world.data.switch()
    return bool(world.data.rds.deployment.why)


def untold(world):
    """Minutes of the last five without a point."""
    before = len(world.data.rds.points)
    world.clock.sleep(timedelta(minutes=5))
    return 5 - (len(world.data.rds.points) - before)


def lost_form(world):
    return world.data.migrating.database.schema is Schema.CONTRACTED


def stays_on_one_side(world):
    before = world.data.together.apart[Slot.BLUE]
    world.clock.sleep(timedelta(minutes=5))
    world.settle()
    return world.data.together.apart[Slot.BLUE] - before


def behind(world):
    world.clock.sleep(timedelta(minutes=5))
    return world.data.together.lag


def arrive_late(world):
    return world.data.together.lag


BITES = {
    "copies_late": (SYNC, arrive_late),
    "dual_write_fails": (SYNC, stays_on_one_side),
    "stream_consumer_down": (SYNC, behind),
    "fence_leaks": (REPLICA, leaks),
    "long_writes": (DEPLOYMENT, refused),
    "migration_locks": (SCHEMA, locks),
    "operator_contracts": (SCHEMA, lost_form),
    "partition": (REPLICA, stopped),
    "replica_lag": (REPLICA, lag),
    "replica_lag_untold": (REPLICA, untold),
    "replica_stops": (REPLICA, stopped),
}


def test_no_kind_is_left_out_here():
    assert set(BITES) == set(KINDS)


@pytest.mark.parametrize("kind", BITES)
def test_each_kind_bites_and_stops_when_it_heals(kind):
    data, bad = BITES[kind]
    world, calm = begun(data), bad(begun(data))
    struck, scene = fault(kind), Scene(world, world.plan)
    struck.strike(scene)
    assert bad(world) > calm
    if kind in ("operator_contracts", "long_writes"):  # done once; and a refused attempt stays in the deployment
        return
    struck.heal(scene)
    world.clock.sleep(timedelta(minutes=30))
    assert bad(world) == calm


def test_requests_that_write_fail_at_a_fence_and_no_others():
    world = begun(REPLICA)
    world.data.fenced.add(Slot.BLUE)
    world.data.felt()
    assert world.places[Slot.BLUE].release.fails == pytest.approx(world.spec.data.writes)


def test_old_code_fails_when_the_schema_is_contracted_and_new_code_until_it_is_expanded():
    """Golden case G-7."""
    world = begun(SCHEMA)
    fails = {slot: world.places[slot].release.fails for slot in Slot}
    assert fails == {Slot.BLUE: 0.0, Slot.GREEN: 1.0}
    world.data.contract_by_hand()
    fails = {slot: world.places[slot].release.fails for slot in Slot}
    assert fails == {Slot.BLUE: 1.0, Slot.GREEN: 0.0}


def test_a_replica_falls_behind_while_its_source_takes_more_than_it_can_apply():
    small = {"replica": {"speed": 1.2}}
    calm, busy = begun(REPLICA, **small), begun(REPLICA, **small)
    fault("demand_spike", factor=1.5).strike(Scene(busy, busy.plan))
    assert lag(busy) > 10 > lag(calm)


def test_a_plan_without_data_has_no_databases_and_its_faults_do_nothing():
    world = World(WorldSpec(), Plan.model_validate(BASE), 1)
    world.start()
    for kind in KINDS:
        fault(kind).strike(Scene(world, world.plan))
    world.clock.sleep(timedelta(minutes=5))
    assert world.data is None and not any(place.release.fails for place in world.places.values())
