"""CNAME records have no health: the rollout makes, proves, gives and removes their health checks. On both tiers."""

from itertools import product

import pytest

from bluegreen.answers import Answers
from bluegreen.aws.fallback.checks import SlotChecks
from bluegreen.aws.traffic.records import Listing
from bluegreen.errors import UserError
from bluegreen.fallback.tree import pair, wrong_answers
from bluegreen.model import End, Slot
from bluegreen.plan import Plan
from sim.cloudspec import CloudSpec
from sim.interruptions import KINDS
from sim.run import run
from sim.scenario import Scenario
from sim.tiers import Tier, outside
from sim.world import World
from sim.worldspec import WorldSpec
from tests.tiers.conftest import PLAN, ROLLOUT

from .conftest import ENDPOINT, NAME, SLOTS

BLUE, GREEN = Slot.BLUE, Slot.GREEN
PAGE = f"{NAME}.{ENDPOINT}"


@pytest.fixture
def plan(page):
    service = {**PLAN["service"], "record": SLOTS, "records": "cname", "ttl": "60s"}
    spec = {"name": NAME, "page": str(page), "probe": {"path": "/health", "every": "10s"}}
    return Plan.model_validate({**PLAN, "service": service, "fallback": spec})


class Bench:
    """One tier, with both slots there."""

    def __init__(self, there, world):
        self.there, self.world = there, world
        self.again()
        self.ports.environments.create(GREEN)
        for _ in range(40):
            self.wait(30)
            self.ports.environments.create(GREEN)
            if self.ports.environments.look(GREEN).healthy:
                return
        raise AssertionError("green was not made")

    def again(self):
        self.ports = self.there.connect(ROLLOUT)
        return self.ports.fallback

    def wait(self, seconds):
        self.world.env.run(until=self.world.env.now + seconds * 1000)

    def until_it_stands(self):
        for _ in range(12):
            view = self.ports.fallback.look()
            assert not view.refused, view.refused
            if not view.lacks and view.in_sync:
                return
            self.ports.fallback.prepare()
            self.wait(60)
        raise AssertionError(f"it does not stand: {view}")


@pytest.fixture(params=Tier)
def make(request, plan):
    opened = []

    def made(**cloud):
        world = World(WorldSpec(), plan, 1)
        there = outside(request.param, world, plan, CloudSpec.model_validate(cloud))
        there.__enter__()
        opened.append(there)
        world.start()
        there.preflight(ROLLOUT)
        return Bench(there, world)

    yield made
    for there in opened:
        there.__exit__(None, None, None)


@pytest.mark.parametrize("record", ["weighted", "simple"])
@pytest.mark.parametrize("public", ["simple", "alias", "none"])
def test_prepared_each_slot_has_a_check_and_the_live_record_names_its_own(make, record, public):
    bench = make(record=record, public=public)
    bench.until_it_stands()
    dns = bench.world.dns
    assert len(dns.checks) == 2 and set(dns.checked) == {BLUE} and dns._paged
    assert dns.weights == {BLUE: 100}


def test_the_candidates_record_names_its_check_from_the_first_weight_on(make):
    bench = make()
    bench.until_it_stands()
    bench.ports.traffic.set({BLUE: 90, GREEN: 10})
    checked = bench.world.dns.checked
    assert set(checked) == {BLUE, GREEN} and len({*checked.values()}) == 2
    bench.again()
    bench.ports.traffic.set({BLUE: 50, GREEN: 50})
    assert bench.world.dns.checked == checked


def test_no_record_follows_a_check_that_was_not_seen_to_find_its_slot(make):
    """A wrong path, or a balancer that lets no checker in: users would be on the page though both slots serve."""
    bench = make()
    bench.world.settle()
    bench.world.dns._serving = lambda slot: False
    bench.again()
    for _ in range(6):
        bench.ports.fallback.prepare()
        bench.wait(60)
    assert bench.world.dns.checked == {} and not bench.world.dns._paged
    lacks = bench.ports.fallback.look().lacks
    assert any("16 of 16 checkers do not find it" in lack for lack in lacks), lacks


class Silent:
    """An account whose one check no checker has asked for yet."""

    def call(self, service, operation, **params):
        check = {"Id": "hc", "CallerReference": f"bluegreen/shop/{params.get('slot', 'blue')}/{ROLLOUT}"}
        tags = [{"ResourceId": "hc", "Tags": [{"Key": "bluegreen:rollout", "Value": ROLLOUT}]}]
        return {
            "list_health_checks": {"HealthChecks": [check], "IsTruncated": False},
            "list_tags_for_resources": {"ResourceTagSets": tags},
            "get_health_check_status": {"HealthCheckObservations": []},
        }[operation]


def test_a_check_that_no_checker_has_used_yet_proves_nothing(plan):
    view = SlotChecks(Silent(), plan, ROLLOUT, lambda slot: None).look(Listing("CNAME", ()))
    assert view.lacks == ("a health check of green", "blue's health check: no checker has asked yet")


def test_a_check_whose_record_is_gone_is_idle_and_one_that_is_named_is_never_touched(make):
    bench = make()
    bench.until_it_stands()
    bench.ports.traffic.set({BLUE: 0, GREEN: 100})
    bench.wait(120)
    port = bench.again()
    assert port.idle() == ()
    blues = bench.world.dns.checked[BLUE]
    bench.ports.traffic.remove(BLUE)
    assert port.idle() == (blues,)
    port.tidy()
    port.tidy()
    assert port.idle() == () and set(bench.world.dns.checks) == set(bench.world.dns.checked.values())


def test_an_engine_that_died_between_making_and_tagging_makes_no_second_check(make):
    bench = make()
    bench.ports.fallback.prepare()
    first = set(bench.world.dns.checks)
    bench.again().prepare()
    assert set(bench.world.dns.checks) == first and len(first) == 2


def slots(*weights):
    names = zip(("blue", "green"), weights, strict=False)
    base = {"Name": SLOTS, "Type": "CNAME", "TTL": 60}
    return [
        {
            **base,
            "SetIdentifier": n,
            "Weight": w,
            "HealthCheckId": f"hc-{n}",
            "ResourceRecords": [{"Value": f"{n}.elb"}],
        }
        for n, w in names
    ]


RECORDS = pair(NAME, SLOTS, "ZZONE", (ENDPOINT, "Z3AQBSTGFYJSTF"), 60)


@pytest.mark.parametrize("weights", [(100,), (100, 0), (70, 30), (0, 100), (0, 0)])
def test_for_every_state_of_health_the_pair_answers_a_slot_that_is_well_or_else_the_page(weights):
    members = slots(*weights)
    assert wrong_answers(RECORDS, members, NAME, SLOTS, PAGE) == ()
    answers = Answers([*RECORDS, *members], NAME)
    for state in product((True, False), repeat=len(members)):
        checks = {each["HealthCheckId"]: well for each, well in zip(members, state, strict=True)}
        got = {endpoint.values[0] for endpoint in answers.shares(checks=checks)}
        well = {each["ResourceRecords"][0]["Value"] for each in members if checks[each["HealthCheckId"]]}
        assert got <= well if well else got == {PAGE}


def test_a_slots_record_without_a_check_would_keep_users_from_the_page():
    members = slots(50, 50)
    del members[1]["HealthCheckId"]
    assert "would answer green.elb" in wrong_answers(RECORDS, members, NAME, SLOTS, PAGE)[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"fallback": {"name": "example.com", "existing": True}}, "top of its zone"),
        ({"service": {"records": "alias", "ttl": None}}, "an alias evaluates its balancer's own health"),
    ],
)
def test_what_cannot_be_is_told(plan, change, said):
    content = plan.model_dump(mode="json", exclude_unset=True)
    content["service"] |= change.get("service", {})
    content["fallback"] = change.get("fallback", content["fallback"])
    with pytest.raises((UserError, ValueError), match=said):
        Plan.model_validate(content)


@pytest.mark.parametrize("every", ["15s", "5s", "60s"])
def test_a_rhythm_that_route_53_does_not_have_is_refused(plan, every):
    content = plan.model_dump(mode="json", exclude_unset=True)
    content["fallback"]["probe"] = {"every": every}
    with pytest.raises(ValueError, match="every 10s or every 30s"):
        Plan.model_validate(content)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_interrupted_at_any_call_about_health_checks_the_end_is_the_same_and_no_check_is_left_over(plan, kind):
    scenario = Scenario(about="all is well")
    done = run(scenario, plan, 1, tier=Tier.MEMORY)
    about = [n for n, call in enumerate(done.world.api.log, start=1) if "HealthCheck" in call or "Tags" in call]
    assert done.rollout.end is End.SUCCEEDED and not done.broken
    for number in sorted({n + d for n in about for d in (0, 1)}):
        done = run(scenario.model_copy(update={"faults": (KINDS[kind](number),)}), plan, 1, tier=Tier.MEMORY)
        assert done.rollout.end is End.SUCCEEDED and not done.broken, (number, done.rollout.cause, done.broken)
        assert set(done.world.dns.checks) == set(done.world.dns.checked.values()), number


def test_a_record_that_somebody_removed_by_hand_gets_the_check_of_an_earlier_rollout_back(make):
    """Without one it would count as healthy for ever, and nobody would be sent to the page any more."""
    bench = make()
    bench.until_it_stands()
    bench.ports.traffic.set({BLUE: 50, GREEN: 50})
    blues = bench.world.dns.checked[BLUE]
    bench.ports = bench.there.connect("shop-20310101-000000")
    bench.world.dns.change({GREEN: 50}, by="operator")
    bench.ports.traffic.set({BLUE: 50, GREEN: 50})
    assert bench.world.dns.checked.get(BLUE) == blues
