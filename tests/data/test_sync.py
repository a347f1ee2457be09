"""Two stores that are kept together: what must be known before a step, and what the way back costs."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from pydantic import ValidationError
from simpy import Environment

from bluegreen.aws.sync.metrics import Publisher
from bluegreen.data.base import MOMENTS, Case
from bluegreen.model import DataView, Observation, Phase, Point, Rollout, Slot
from bluegreen.plan import Plan
from bluegreen.sync.copier import Report
from sim.data.hazards import Hazards
from sim.data.spec import DataSpec
from sim.data.together import Together
from sim.draws import generator
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier
from tests.data.test_tasks import BASE

AT = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
GOOD = {"lag": 1.0, "divergent": 0.0, "conflicts": 3.0, "drops": 0.0}
LIMITS = {"lag_below": "10s", "conflicts_at_most": 3, "drops_at_most": 0}
BAD = [{"lag": 10.0}, {"lag": -1.0}, {"divergent": 1.0}, {"conflicts": 4.0}, {"drops": 1.0}]


def data(**more):
    return Plan.model_validate({**BASE, "data": {"kind": "sync", "sync": "orders", **LIMITS, **more}}).data


def seen(told, age=2 * MINUTE, waited=MINUTE):
    view = None if told is None else DataView("following", told={name: Point(AT - age, told[name]) for name in told})
    return Observation(AT, data=view)


def said(told, *, waited=MINUTE, age=2 * MINUTE, **more):
    rollout = Rollout("r", Slot.BLUE, Phase.HOLD, AT, AT, exposed=True)
    return data(**more).judge("together", Case(seen(told, age), rollout, AT - waited))


def back(told, *, exposed=True, age=2 * MINUTE):
    return data().way_back(Rollout("r", Slot.BLUE, Phase.HOLD, AT, AT, exposed=exposed), seen(told, age))


def test_stores_within_every_limit_let_a_step_pass():
    assert said(GOOD).state == "passed"


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_each_limit_holds_a_step_back_and_after_its_time_the_rollout_goes_back(bad):
    assert said({**GOOD, **bad}).state == "running"
    assert said({**GOOD, **bad}, waited=30 * MINUTE).state == "failed"


@pytest.mark.parametrize("name", GOOD)
def test_a_metric_without_a_point_is_unknown_and_never_lets_a_step_pass(name):
    told = {key: value for key, value in GOOD.items() if key != name}
    assert said(told).state == "running" and name in said(told).why
    assert said(told, waited=30 * MINUTE).state == "unknown"


def test_neither_what_is_too_old_nor_what_cannot_be_read_lets_a_step_pass():
    assert said(GOOD, age=6 * MINUTE).state == "passed"
    assert said(GOOD, age=7 * MINUTE).state == "running"
    assert said(None).state == "running"


def test_conflicts_and_drops_are_asked_for_only_where_they_have_a_limit():
    assert said({"lag": 1.0, "divergent": 0.0}, conflicts_at_most=None, drops_at_most=None).state == "passed"


def test_it_is_asked_before_each_step_and_before_the_old_slot_goes():
    assert [moment for moment in MOMENTS if data().tasks(moment)] == ["before-step", "before-retire"]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_breach_turns_back_at_once_only_where_the_plan_says_so(bad):
    view = seen({**GOOD, **bad}).data
    assert not data().breach(view) and data(on_breach="rollback").breach(view)
    assert not data(on_breach="rollback").breach(seen(GOOD).data)


def test_the_way_back_is_free_while_the_stores_are_together_whatever_was_in_conflict():
    assert not back(GOOD).asks and not back({**GOOD, "conflicts": 99.0, "drops": 9.0}).asks


@pytest.mark.parametrize("told", [{**GOOD, "lag": 60.0}, {**GOOD, "divergent": 2.0}, {}, None], ids=str)
def test_the_way_back_from_stores_that_are_apart_or_unknown_is_an_operators_to_confirm(told):
    assert "is lost to blue" in back(told).asks
    assert not back(told, exposed=False).asks, "nobody has written to green's"


def test_it_asks_for_what_a_sync_of_that_name_publishes():
    put = []
    api = SimpleNamespace(call=lambda service, operation, **params: put.append(params))
    publisher = Publisher(api, "Bluegreen/Sync", "orders")
    publisher.report(Report(AT, (), {"conflicts": 0, "drops": 0}, True))
    publisher.comparisons([], AT)
    published = {
        (params["Namespace"], each["MetricName"], tuple((one["Name"], one["Value"]) for one in each["Dimensions"]))
        for params in put
        for each in params["MetricData"]
    }
    asked = data().asked().values()
    assert {(query.namespace, query.measure, query.dimensions) for query in asked} <= published


def conflicts(*, down, green=100):
    """In ten minutes of a hundred writes a second from either side, to a thousand keys."""
    env, hazards = Environment(), Hazards()
    rngs = generator(1, "data"), generator(1, "data/tracked")
    world = Together(DataSpec(keys=1000), hazards, *rngs, env=env, settle=lambda: None)
    hazards.consumer_down = down
    world.felt()
    for second in range(600):
        env.run(until=1000 * (second + 1))
        world.pass_time(1000 * second, 1000 * (second + 1), {Slot.BLUE: 100, Slot.GREEN: green}, {})
    return world.conflicts


def test_writes_to_what_the_other_side_has_just_changed_are_conflicts_and_many_when_nobody_copies():
    assert conflicts(down=True) > 10 * conflicts(down=False) > 0
    assert conflicts(down=True, green=0) == 0


def weights_of_green(name):
    """Minute by minute, in a rehearsal."""
    samples = rehearse(built_in()[name], None, 1, tier=Tier.MEMORY).run.world.samples
    return {sample.at // 60_000: sample.weights.get(Slot.GREEN, 0) for sample in samples}


def test_no_step_is_taken_while_nobody_copies_and_before_it_has_caught_up():
    """It stands from 0:10 to 2:10, and applies four seconds' writes in one."""
    weights = weights_of_green("stream-consumer-down-for-hours")
    assert {weights[minute] for minute in range(12, 165)} == {50} and 100 in weights.values()


@pytest.mark.parametrize(
    "wrong", [{"sync": None}, {"metrics": {"lag": {"namespace": "a", "metric": "b"}}}, {"lag_below": "0s"}], ids=str
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(ValidationError):
        data(**wrong)
