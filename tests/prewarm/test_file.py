"""`prewarm:` in the rollout file, what AWS answers, and the documented example."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.prewarm import Reservations, reservation_problems, view
from bluegreen.errors import UserError
from bluegreen.model import ReservationView, Slot
from bluegreen.plan import Plan, load_plan
from bluegreen.prewarm import advised
from bluegreen.yamlfile import check, read_yaml
from sim.scenario import merge

ROOT = Path(__file__).resolve().parents[2]
SHOP = (ROOT / "scenarios/rollouts/shop.rollout.yaml").read_text()


def plan(tmp_path, prewarm, shop=SHOP):
    path = tmp_path / "shop.rollout.yaml"
    path.write_text(f"{shop}\n{prewarm}\n")
    return load_plan(path)


def test_a_file_without_it_keeps_its_hash_and_one_with_it_has_another(tmp_path):
    without = plan(tmp_path, "")
    assert without.prewarm is None
    assert plan(tmp_path, "prewarm: {kind: reservation, units: 200}").hash != without.hash == plan(tmp_path, "").hash


@pytest.mark.parametrize(
    ("prewarm", "words"),
    [
        ("{kind: load, users: 50}", r"load before the shift is a check: `verify: \{checks: \[\{kind: locust"),
        ("{kind: magic, units: 5}", "reservation"),
        ("{kind: reservation}", "units"),
        ("{kind: reservation, units: 0}", "greater than or equal to 1"),
        ("{kind: reservation, units: 15001}", "less than or equal to 15000"),
        ("{kind: reservation, units: 200, live: true}", "unknown key"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(tmp_path, prewarm, words):
    with pytest.raises(UserError, match=words):
        plan(tmp_path, f"prewarm: {prewarm}")


def test_behind_one_balancer_there_is_nothing_to_warm(tmp_path):
    with pytest.raises(UserError, match="both slots stand behind the live balancer, which has all of the traffic"):
        plan(tmp_path, "traffic: {kind: target_groups}\nprewarm: {kind: reservation, units: 200}")


def zone(state, units, **more):
    return {"AvailabilityZone": "us-east-1a", "EffectiveCapacityUnits": units, "State": {"Code": state, **more}}


def test_the_zone_that_is_not_done_tells_the_state_with_its_reason():
    described = {
        "DecreaseRequestsRemaining": 1,
        "MinimumLoadBalancerCapacity": {"CapacityUnits": 300},
        "CapacityReservationState": [
            zone("provisioned", 100.0),
            zone("failed", 0.0, Reason="none left"),
            zone("pending", 0.0),
        ],
    }
    assert view(described) == ReservationView(300, 100.0, "pending", "", 1)
    del described["CapacityReservationState"][2]
    assert view(described) == ReservationView(300, 100.0, "failed", "none left", 1)


def test_an_answer_about_a_balancer_that_never_had_one_is_nothing_reserved():
    assert view({}) == ReservationView(0, 0.0, "provisioned")


class Told:
    """Calls that are remembered; a description is always the same."""

    def __init__(self, described):
        self.described, self.asked = described, []

    def call(self, service, operation, **params):
        if operation == "describe_capacity_reservation":
            return self.described
        self.asked.append(params)
        return {}


@pytest.mark.parametrize(
    ("state", "units", "asked"),
    [
        ("provisioned", 300, []),
        ("pending", 300, []),
        ("failed", 300, [{"MinimumLoadBalancerCapacity": {"CapacityUnits": 300}}]),
        ("provisioned", 0, [{"ResetCapacityReservation": True}]),
    ],
)
def test_the_same_is_asked_for_again_only_when_it_has_failed(state, units, asked):
    api = Told({"MinimumLoadBalancerCapacity": {"CapacityUnits": 300}, "CapacityReservationState": [zone(state, 0.0)]})
    balancer = Balancer("application", "shop-blue", "arn:x", "x", "Z")
    Reservations(api, lambda slot: PlaceFacts(balancer, "shop-blue")).reserve(Slot.BLUE, units)
    assert api.asked == [{"LoadBalancerArn": "arn:x", **each} for each in asked]


def test_what_nobody_has_advice_for_stays_as_aws_said_it():
    assert advised("elbv2 x: CapacityReservationPending: wait") == "elbv2 x: CapacityReservationPending: wait"


@pytest.mark.parametrize(
    ("prewarm", "kind", "problems"),
    [
        ("prewarm: {kind: reservation, units: 200}", "classic", 1),
        ("prewarm: {kind: reservation, units: 200}", "application", 0),
        ("", "classic", 0),
    ],
)
def test_a_classic_balancer_is_found_before_anything_is_touched(tmp_path, prewarm, kind, problems):
    there = PlaceFacts(Balancer(kind, "shop-blue", "", "x", "Z"), "shop-blue")
    found = reservation_problems(lambda slot: there, plan(tmp_path, prewarm))
    assert len(found) == problems
    assert all("prewarm: shop-blue is a classic balancer" in problem for problem in found)


def test_the_examples_of_the_page_are_rollout_files(tmp_path):
    page = (ROOT / "docs/capacity.md").read_text()
    examples = re.findall(r"^```yaml\n(.*?)^```$", page, flags=re.DOTALL | re.MULTILINE)
    assert len(examples) >= 2
    shop = tmp_path / "example.rollout.yaml"
    shop.write_text(SHOP)
    for example in examples:
        merged = merge(read_yaml(shop), YAML(typ="safe").load(example))
        assert isinstance(check(merged, Plan, shop), Plan)
