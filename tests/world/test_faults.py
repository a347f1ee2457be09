"""Each kind of fault bites, and heals exactly, whatever else strikes and heals meanwhile."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from sim.alarms import AlarmSpec
from sim.api import EngineKilled
from sim.buckets import Bucket
from sim.draws import generator
from sim.faults.base import Deed, Fault
from sim.faults.chance import Seeded
from sim.faults.drawing import draw_kind
from sim.scenario import Scenario
from sim.scene import Rival, Scene
from sim.world import World
from sim.worldspec import WorldSpec
from tests.world.conftest import PLAN, run

KINDS = kinds("sim.faults", Fault)
LASTING = [kind for kind, cls in KINDS.items() if not issubclass(cls, Deed)]
BLUE, GREEN = Slot.BLUE, Slot.GREEN
ALARM = AlarmSpec(name="errors", slot=GREEN, measure="error_rate", threshold=0.05)


def fault(kind, **own):
    return Scenario.model_validate({"about": "x", "faults": [{"kind": kind, **own}]}).faults[0]


def strike(world, *faults):
    scene = Scene(world, world.plan)
    for each in faults:
        world.settle()
        each.strike(scene)
    return scene


# -- how bad it is: a number that grows -----------------------------------------------------------------------------


def sums(world, what, slots=Slot):
    world.settle()
    return sum(getattr(sample.slots[slot], what) for sample in world.samples for slot in slots)


def errors(world):
    return sums(world, "errors")


def slow(world):
    """Mean of the median response times, weighted by answers."""
    return sums(world, "p50") / max(1, sums(world, "answered"))


def requests(world):
    return sums(world, "requests")


def lacking(world):
    """Machines that blue and green lack at the worst moment."""
    world.settle()
    return 20 - min(sum(sample.slots[slot].healthy for slot in Slot) for sample in world.samples)


def lacking_now(world):
    return 20 - sum(place.fleet.healthy for place in world.places.values())


def silent(world):
    """Minutes whose points cannot be read now."""
    since, now = world.clock.now() - timedelta(minutes=12), world.clock.now()
    return 24 - sum(len(world.metrics.series(slot, "requests", since, now)) for slot in Slot)


def alarms(world):
    """How often the alarm went off."""
    changes = [change for change in world.metrics.alarm_history if change.after == "ALARM"]
    return len(changes)


def told_errors(world):
    """What CloudWatch tells of a tenth that fails."""
    for place in world.places.values():
        place.release.error_rate = 0.1
    run(world, minutes=10)
    since, now = world.clock.now() - timedelta(minutes=10), world.clock.now()
    return sum(value for slot in Slot for _, value in world.metrics.series(slot, "target_5xx", since, now))


def tried_again(world):
    """What half of the requests that fail make of it."""
    for place in world.places.values():
        place.release.error_rate = 0.5
    run(world, minutes=10)
    return sums(world, "requests")


def refused(world):
    return 100 - [world.api.begin("route53:GetChange") for _ in range(100)].count(None)


def call_time(world):
    return world.api.latency


def pending(world):
    """How long a change of records that is made now needs."""
    change, waited = world.dns.change({BLUE: 60, GREEN: 40}), 0
    while world.dns.status(change) == "PENDING":
        run(world, seconds=5)
        waited += 5
    return waited


def off_plan(world):
    """How far the records are from half and half."""
    weights = world.dns.weights
    return abs(weights.get(BLUE, 0) - 50) + abs(weights.get(GREEN, 0) - 50)


def pageless(world):
    """How many buckets have nothing in them."""
    return sum(not bucket.objects for bucket in world.buckets.all.values())


def engine_gone(world):
    try:
        world.api.begin("route53:GetChange")
    except EngineKilled:
        return 1
    return 0


@dataclass(frozen=True)
class Bite:
    """A fault, and what shows it."""

    bad: object
    fields: dict
    minutes: float = 10
    grow: bool = False
    """Both slots ask for twice as many machines after the strike."""


BITES = {
    "alarm_flaps": Bite(alarms, {"every": "3m"}),
    "alarm_stuck": Bite(alarms, {"state": "ALARM"}),
    "api_error": Bite(refused, {"chance": "30%"}, 0),
    "api_once": Bite(refused, {"call": 7, "trouble": "throttle"}, 0),
    "api_slow": Bite(call_time, {"longer": "5s"}, 0),
    "api_throttle": Bite(refused, {"calls": ["route53:*"]}, 0),
    "api_timeout": Bite(refused, {"calls": ["*:Get*"]}, 0),
    "az_loss": Bite(lacking, {"zone": "b"}),
    "bad_for_some": Bite(errors, {"requests": "5%", "which": "the invoice page"}),
    "bad_release": Bite(errors, {"error_rate": "5%"}),
    "balancer_loss": Bite(errors, {"capacity": "90%"}),
    "boot_failure": Bite(lacking_now, {"chance": "50%"}, grow=True),
    "collapse": Bite(errors, {"load": "30%"}),
    "crash_loop": Bite(errors, {"every": "5m"}),
    "degradation": Bite(slow, {"doubles_every": "5m"}, 20),
    "demand_spike": Bite(requests, {"factor": 1.5}),
    "engine_crash": Bite(engine_gone, {}, 0),
    "flapping_checks": Bite(lacking, {"chance": "50%"}),
    "gray_zone": Bite(errors, {"error_rate": "50%"}),
    "hidden_user": Bite(requests, {"requests": 1000, "every": "1m"}),
    "instance_loss": Bite(lacking, {"instances": 3}),
    "launch_failure": Bite(lacking_now, {"chance": "100%"}, grow=True),
    "leak": Bite(slow, {"per_hour": "90%"}, 50),
    "lost_reply": Bite(refused, {}, 0),
    "metric_delay": Bite(silent, {"later": "5m"}, 20),
    "metric_lie": Bite(told_errors, {"measure": "errors", "factor": 4}),
    "metric_gap": Bite(silent, {"slot": "green"}, 20),
    "no_capacity": Bite(lacking_now, {"zones": ["a", "b", "c"]}, grow=True),
    "operator_deletes_page": Bite(pageless, {}, 0),
    "operator_deletes_record": Bite(off_plan, {}, 0),
    "operator_edits_alarm": Bite(alarms, {"threshold": -1}),
    "operator_scale_in": Bite(lacking, {"instances": 2}),
    "operator_suspends": Bite(lacking_now, {"processes": ["Launch"]}, grow=True),
    "operator_terminates": Bite(lacking, {"instances": 3}),
    "operator_weights": Bite(off_plan, {"weights": {"blue": 0, "green": 100}}, 0),
    "retry_storm": Bite(tried_again, {}),
    "slow_boot": Bite(lacking_now, {"factor": 20}, grow=True),
    "slow_dns": Bite(pending, {"factor": 20}, 0),
    "slow_release": Bite(slow, {"factor": 2}),
}
FIXED = {"autoscaling": False}
"""No policy comes between a fault and what it does."""
DATA = {kind for kind, cls in KINDS.items() if cls.of_data}
"""Bite where a plan has `data`: see `tests/data/test_faults.py`."""
ELSEWHERE = {"engine_pause", "operator_pauses", "operator_says", "second_engine"} | DATA
"""Bite where no world can show it; see their own tests."""


@pytest.fixture
def make_pair(make_world):
    """A world in which both slots have ten machines and half of the users, and a bucket holds the fallback's page."""

    def make(seed=1):
        world = make_world(seed=seed, green=10, demand={"rate": 2000}, live=FIXED, candidate=FIXED)
        world.dns.change({BLUE: 50, GREEN: 50})
        world.metrics.add_alarm(ALARM)
        world.buckets.all["www.example.com"] = Bucket(objects={"index.html": b"sorry"})
        run(world, minutes=30)
        world.settle()
        world.samples.clear()
        return world

    return make


def test_no_kind_is_left_out_here():
    assert set(BITES) | ELSEWHERE == set(KINDS)


def after(world, bite, *faults):
    strike(world, *faults)
    if bite.grow:
        for place in world.places.values():
            place.fleet.want(20)
    if bite.minutes:
        run(world, minutes=bite.minutes)
    return bite.bad(world)


@pytest.mark.parametrize("kind", BITES)
def test_each_kind_bites(make_pair, kind):
    bite = BITES[kind]
    calm = after(make_pair(), bite)
    assert after(make_pair(), bite, fault(kind, **bite.fields)) > calm


@pytest.mark.parametrize("kind", [kind for kind in LASTING if kind in BITES and BITES[kind].minutes])
def test_what_lasts_stops_biting_when_it_heals(make_pair, kind):
    """A world whose fault healed an hour ago goes on as well as one that had none."""
    bite = BITES[kind]

    def later(*faults):
        world = make_pair()
        scene = strike(world, *faults)
        run(world, minutes=5)
        world.settle()
        for each in faults:
            each.heal(scene)
        run(world, minutes=60)
        world.samples.clear()
        return after(world, bite)

    calm, healed = later(), later(fault(kind, **bite.fields))
    assert healed <= calm * 1.05 + 2


# -- healing is exact -----------------------------------------------------------------------------------------------

PLAIN = (bool, int, float, str, timedelta, dict, frozenset, set, list, tuple, type(None))


def knobs_of(world):
    """Whatever the parts of the world show: a knob that did not come back is among it."""
    parts = {"api": world.api, "demand": world.demand, "dns": world.dns, "metrics": world.metrics, "world": world}
    parts |= {"hazards": world.hazards}
    for slot, place in world.places.items():
        parts |= {f"{slot}": place, f"{slot} fleet": place.fleet, f"{slot} release": place.release}
        parts |= {f"{slot} balancer": place.balancer}
    return {f"{part}.{name}": shown(getattr(of, name)) for part, of in parts.items() for name in names_of(of)}


def shown(value):
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return repr(value) if isinstance(value, PLAIN) else type(value)


def names_of(part):
    """Attributes, and properties that can be set."""
    classes = [vars(cls) for cls in type(part).__mro__]
    slots = [name for cls in classes for name in cls.get("__slots__", ())]
    settable = [name for cls in classes for name, it in cls.items() if isinstance(it, property) and it.fset]
    names = {*getattr(part, "__dict__", {}), *slots, *settable}
    return sorted(name for name in names if name[0] != "_" or name == "_chance")


def at_rest():
    world = World(WorldSpec(), Plan.model_validate(PLAN), 1)
    world.metrics.add_alarm(ALARM)
    return world


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_strikes_and_heals_in_any_order_leaves_every_knob_as_it_was(data):
    """Also several of a kind, with the same or other strengths, and the same one twice."""
    names = data.draw(st.lists(st.sampled_from(LASTING), min_size=1, max_size=8))
    faults = [draw_kind(Seeded(generator(data.draw(st.integers(0, 5)), "draw")), name) for name in names]
    faults += data.draw(st.lists(st.sampled_from(faults), max_size=2))
    order = data.draw(st.permutations(faults))
    world = at_rest()
    before = knobs_of(world)
    scene = strike(world, *faults)
    for each in order:
        each.heal(scene)
    assert knobs_of(world) == before


@pytest.mark.parametrize("kind", [kind for kind in LASTING if kind in BITES or kind in DATA])
def test_each_kind_turns_a_knob_that_this_test_sees(kind):
    world = at_rest()
    before = knobs_of(world)
    struck = fault(kind, **(BITES[kind].fields if kind in BITES else {}))
    scene = strike(world, struck)
    if kind != "degradation":  # begins with nothing
        assert knobs_of(world) != before
    struck.heal(scene)
    assert knobs_of(world) == before


def test_faults_of_one_kind_add_up_while_both_last(make_pair):
    world = make_pair()
    green = world.places[GREEN].release
    half, tenth = fault("bad_release", error_rate="50%"), fault("bad_release", error_rate="10%")
    scene = strike(world, half, tenth)
    assert green.error_rate == pytest.approx(0.55)
    half.heal(scene)
    assert green.error_rate == pytest.approx(0.1)
    tenth.heal(scene)
    assert green.error_rate == 0.0


def test_of_two_collapses_the_earlier_one_counts_until_it_heals(make_pair):
    world = make_pair()
    green = world.places[GREEN].release
    late, early = fault("collapse", load="90%"), fault("collapse", load="30%")
    scene = strike(world, late, early)
    assert green.collapse_at == 600
    early.heal(scene)
    assert green.collapse_at == 1800
    late.heal(scene)
    assert green.collapse_at is None


def test_a_collapse_of_recorded_demand_goes_by_its_mean(make_world, tmp_path):
    (tmp_path / "demand.csv").write_text("seconds,rate\n0,100\n3600,300\n")
    world = make_world(demand={"recorded": tmp_path / "demand.csv"})
    strike(world, fault("collapse", load="60%"))
    assert world.places[GREEN].release.collapse_at == 0.6 * 200


def test_crash_loops_add_their_rates(make_pair):
    world = make_pair()
    green = world.places[GREEN].release
    scene = strike(world, one := fault("crash_loop", every="6m"), two := fault("crash_loop", every="3m"))
    assert green.crash_every == timedelta(minutes=2)
    two.heal(scene)
    assert green.crash_every == timedelta(minutes=6)
    one.heal(scene)
    assert green.crash_every is None


def test_a_zone_that_is_lost_twice_is_back_when_both_have_healed(make_pair):
    world = make_pair()
    one, two = fault("az_loss", zone="a"), fault("az_loss", zone="a")
    scene = strike(world, one, two)
    one.heal(scene)
    assert world.zones_down == {"a"}
    two.heal(scene)
    assert world.zones_down == set()


def test_an_alarm_that_is_held_by_two_faults_is_free_when_both_have_healed(make_pair):
    world = make_pair()
    stuck, flaps = fault("alarm_stuck", alarm="errors", state="INSUFFICIENT_DATA"), fault("alarm_flaps", every="2m")
    scene = strike(world, stuck, flaps)
    assert world.metrics.alarm_state("errors") == "ALARM"
    flaps.heal(scene)
    assert world.metrics.alarm_state("errors") == "INSUFFICIENT_DATA"
    stuck.heal(scene)
    run(world, minutes=3)
    assert world.metrics.alarm_state("errors") == "OK"


def test_lies_add_up_and_end_with_the_last_one(make_pair):
    world = make_pair()
    twice, thrice = (fault("metric_lie", measure="latency", factor=factor) for factor in (2, 3))

    def told():
        run(world, minutes=4)
        since, now = world.clock.now() - timedelta(minutes=3), world.clock.now()
        return world.metrics.series(GREEN, "latency_avg", since, now)[-1][1]

    before = told()
    scene = strike(world, twice, thrice)
    assert told() == pytest.approx(6 * before, rel=0.02)
    twice.heal(scene)
    assert told() == pytest.approx(3 * before, rel=0.02)
    thrice.heal(scene)
    assert told() == pytest.approx(before, rel=0.02)
    assert not world.metrics.told


# -- what needs its own eyes ----------------------------------------------------------------------------------------


def test_a_degradation_grows_and_ends_with_its_healing(make_pair):
    world = make_pair()
    release = world.places[GREEN].release
    creeping = fault("degradation", doubles_every="10m")
    scene = strike(world, creeping)
    factors = []
    for _ in range(3):
        run(world, minutes=10, seconds=1)
        factors.append(release.latency_factor)
    assert factors == pytest.approx([2, 4, 8], rel=0.15)
    creeping.heal(scene)
    run(world, minutes=10)
    assert release.latency_factor == 1.0


def test_lost_machines_serve_nobody_and_are_replaced(make_pair):
    world = make_pair()
    fleet = world.places[GREEN].fleet
    before = {instance.id for instance in fleet.instances}
    strike(world, fault("instance_loss", instances=3))
    assert fleet.answering == 7
    run(world, minutes=30)
    assert fleet.healthy == 10
    assert len(before - {instance.id for instance in fleet.instances}) == 3


def test_more_machines_than_there_are_cannot_be_lost(make_pair):
    world = make_pair()
    strike(world, fault("instance_loss", instances=1000), fault("operator_terminates", instances=1000))
    assert world.places[GREEN].fleet.answering == 0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_every_kind_can_strike_a_world_in_which_green_is_not_there_yet(make_world, kind, seed):
    """... and one in which blue has the only record."""
    world = make_world()
    drawn = draw_kind(Seeded(generator(seed, kind)), kind)
    scene = strike(world, drawn)
    run(world, minutes=5)
    drawn.heal(scene)
    run(world, minutes=5)


def test_terminating_for_good_stops_at_the_minimum(make_pair):
    world = make_pair()
    fleet = world.places[BLUE].fleet
    strike(world, fault("operator_terminates", slot="blue", instances=10, shrink=True))
    assert fleet.desired == fleet.minimum == 2


def test_the_engine_stands_still_while_the_world_goes_on(make_pair):
    world = make_pair()
    before = world.clock.now()
    strike(world, fault("engine_pause", phase="shift", length="7m"))
    assert world.clock.now() - before == timedelta(minutes=7)


@pytest.mark.parametrize("when", [{}, {"at": "5m"}, {"phase": "shift", "after": "5s"}])
def test_an_engine_is_paused_at_a_decision_only(when):
    with pytest.raises(ValidationError, match="paused at a decision"):
        fault("engine_pause", length="5m", **when)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LASTING])
def test_a_deed_has_no_length(kind):
    own = BITES[kind].fields if kind in BITES else {}
    when = {"phase": "hold", "length": "5m"} if kind == "engine_pause" else {}
    with pytest.raises(ValidationError, match="leave out lasts"):
        fault(kind, **own, **when, lasts="5m")


def words(scene):
    return [(said.verb, said.who, said.why) for said in scene.desk.take()]


def test_an_abort_waits_on_the_desk(make_pair):
    scene = strike(make_pair(), fault("operator_says", verb="abort", who="ann", why="invoices"))
    assert words(scene) == [("abort", "ann", "invoices")]


def test_who_pauses_lets_it_go_on_when_the_fault_heals(make_pair):
    night = fault("operator_pauses", who="ann", why="good night")
    scene = strike(make_pair(), night)
    assert words(scene) == [("pause", "ann", "good night")]
    night.heal(scene)
    assert words(scene) == [("resume", "ann", "good night")]


@pytest.mark.parametrize("trouble", ["throttle", "error", "timeout", "lost reply"])
def test_trouble_with_one_call_meets_that_call_and_no_other(make_pair, trouble):
    world = make_pair()
    strike(world, fault("api_once", call=3, trouble=trouble))
    assert [world.api.begin("route53:GetChange") for _ in range(5)] == [None, None, trouble, None, None]


@pytest.mark.parametrize("frozen", [False, True])
def test_a_second_engine_is_on_the_scene_from_then_on(make_pair, frozen):
    """What becomes of it: tests/lease/test_rehearsed.py."""
    scene = strike(make_pair(), fault("second_engine", phase="hold", frozen=frozen))
    assert scene.rival == Rival(frozen)


@pytest.mark.parametrize("when", [{}, {"at": "5m"}, {"phase": "shift", "after": "5s"}])
def test_an_engine_is_frozen_at_a_decision_only(when):
    with pytest.raises(ValidationError, match="frozen at a decision"):
        fault("second_engine", frozen=True, **when)


def test_the_last_record_is_never_deleted(make_world):
    world = make_world()
    strike(world, fault("operator_deletes_record", slot="blue"))
    assert world.dns.weights == {BLUE: 100}
