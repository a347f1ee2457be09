"""A candidate that is there already: taken up as it was left, on both tiers, and left again as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.decide import decide
from bluegreen.errors import Missing
from bluegreen.model import (
    EnvironmentView,
    Observation,
    Phase,
    Presence,
    RemoveEnvironment,
    Rollout,
    SetCapacity,
    Slot,
    TrafficView,
)
from bluegreen.plan import Plan
from sim.cloudspec import CloudSpec
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier, outside
from sim.world import World
from sim.worldspec import WorldSpec
from tests.tiers.conftest import PLAN, ROLLOUT

BLUE, GREEN = Slot.BLUE, Slot.GREEN
CANDIDATE = {"kept": {"balancer": "shop-green", "group": "shop-green"}}
AT = datetime(2030, 1, 1, tzinfo=UTC)


def a_plan(**changes):
    return Plan.model_validate({**PLAN, "candidate": CANDIDATE, **changes})


@pytest.fixture(params=Tier)
def make(request):
    opened = []

    def made(balancer="application", **candidate):
        plan = a_plan()
        world = World(WorldSpec.model_validate({"candidate": candidate}), plan, 1)
        there = outside(request.param, world, plan, CloudSpec(balancer=balancer))
        there.__enter__()
        opened.append(there)
        world.start()
        there.preflight(ROLLOUT)
        if request.param is Tier.MOTO:
            group = {"AutoScalingGroupName": "shop-green", "ForceDelete": True}
            world.delete = lambda: there.session.client("autoscaling").delete_auto_scaling_group(**group)
        else:
            world.delete = world.places[GREEN].fleet.remove
        return world, there.connect(ROLLOUT)

    yield made
    for there in opened:
        there.__exit__(None, None, None)


@pytest.mark.parametrize("balancer", ["application", "classic"])
def test_it_is_there_from_the_beginning_with_the_machines_that_were_left_of_it(make, balancer):
    world, ports = make(balancer, instances=3, minimum=1)
    view = ports.environments.look(GREEN)
    assert (view.presence, view.desired, view.healthy) == (Presence.READY, 3, 3)
    ports.environments.create(GREEN)
    assert ports.environments.look(GREEN).desired == 3 and world.dns.weights == {BLUE: 100}


def test_it_grows_and_gets_a_record_of_its_own(make):
    world, ports = make(instances=2, minimum=2)
    ports.environments.resize(GREEN, 5)
    ports.traffic.set({BLUE: 50, GREEN: 50})
    world.env.run(until=600_000)
    assert ports.environments.look(GREEN).healthy == 5
    assert world.dns.answers() == {BLUE: 0.5, GREEN: 0.5}


def test_one_of_which_something_is_missing_is_not_made_anew(make):
    world, ports = make(instances=2)
    world.delete()
    world.env.run(until=600_000)
    with pytest.raises(Missing):
        ports.environments.create(GREEN)


def seen(desired, healthy):
    green = EnvironmentView(Presence.READY, desired=desired, in_service=healthy, healthy=healthy)
    blue = EnvironmentView(Presence.READY, desired=4, in_service=4, healthy=4)
    return Observation(AT + timedelta(seconds=30), TrafficView({BLUE: 100}, True), {BLUE: blue, GREEN: green})


def test_one_that_was_scaled_in_to_nothing_gets_a_machine_so_that_it_can_be_verified():
    """A slot that is kept for little money has none: it would have been waited for until the deadline."""
    rollout = Rollout("r", BLUE, Phase.VERIFY, AT, AT, live_capacity=4)
    assert decide(a_plan(), rollout, seen(0, 0)).actions == (SetCapacity(GREEN, 1),)
    assert decide(a_plan(), rollout, seen(1, 0)).actions == ()


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("name", ["kept-slot-taken-up-again", "kept-slot-is-bad-too"])
def test_whoever_wins_it_is_never_removed(name, tier):
    path = built_in()[name]
    scenario = load_scenario(path)
    done = run(scenario, plan_of(scenario, path, None), 1, tier=tier)
    removed = [a for e in done.entries if hasattr(e, "decision") for a in e.decision.actions]
    assert not any(isinstance(action, RemoveEnvironment) for action in removed)
    assert all(done.world.places[slot].fleet.exists for slot in Slot) and not done.broken
