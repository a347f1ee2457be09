"""What `plan` expects, beside what a rehearsal on the memory tier took."""

import itertools
import re
from collections import Counter
from datetime import timedelta
from functools import cache

import pytest

from bluegreen.journal.entries import Decided
from bluegreen.model import End, Phase
from bluegreen.plan import Plan, load_plan
from bluegreen.preview.cost import Prices
from bluegreen.preview.finding import lint
from bluegreen.preview.known import Known
from bluegreen.preview.preview import preview
from bluegreen.preview.text import plan_text
from bluegreen.preview.walk import walk
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier

from ..tiers.conftest import PLAN
from .files import written

MINUTE = timedelta(minutes=1)
CALM = ["all-well", "cname-with-ttl", "small-or-large", "warm-balancer", "checks-flap"]
"""Scenarios in which nothing goes wrong that takes time."""
OTHERS = [
    "beanstalk-swap",
    "built-as-designed",
    "gate-on-trial",
    "group-swap",
    "notification-endpoint-down",
    "old-slot-is-kept",
    "own-command",
    "prewarmed-balancer",
    "target-groups",
]
"""The same for other ways to make the candidate, to move the traffic, to warm up and to leave."""


@cache
def both(name):
    """The walk, and the rehearsal, of a scenario's plan."""
    scenario, plan = material(name)
    world = scenario.world
    known = Known(instances=world.live.instances, requests_per_minute=60 * world.demand.rate)
    return walk(plan, known), run(scenario, plan, 1, tier=Tier.MEMORY)


def material(name):
    path = built_in()[name]
    scenario = load_scenario(path)
    return scenario, plan_of(scenario, path, None)


def asked_on_average(name, seeds=5):
    """Calls by service. How long stragglers keep a drain from its end is chance, and in each rehearsal another."""
    calls = Counter()
    for seed in range(1, seeds + 1):
        done = run(*material(name), seed, tier=Tier.MEMORY)
        calls.update(call.partition(":")[0] for call in done.world.api.log)
    return {service: count / seeds for service, count in calls.items()}


def spent(entries):
    """How long a rehearsal was in each phase."""
    found = Counter()
    decided = [entry for entry in entries if isinstance(entry, Decided)]
    for entry, after in itertools.pairwise(decided):
        found[entry.decision.rollout.phase] += (after.at - entry.at) / MINUTE
    return found


@pytest.mark.parametrize("name", CALM + OTHERS)
def test_the_whole_takes_what_was_expected_within_a_seventh(name):
    walked, rehearsed = both(name)
    took = sum(spent(rehearsed.entries).values())
    assert walked.end is End.SUCCEEDED is rehearsed.rollout.end
    assert walked.length / MINUTE == pytest.approx(took, rel=1 / 7)


@pytest.mark.parametrize("name", CALM)
@pytest.mark.parametrize("phase", [Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE])
def test_each_phase_takes_what_was_expected_within_a_third_or_three_minutes(name, phase):
    walked, rehearsed = both(name)
    assert walked.spent(phase) / MINUTE == pytest.approx(spent(rehearsed.entries)[phase], rel=1 / 3, abs=3)


@pytest.mark.parametrize("name", CALM)
def test_aws_is_asked_as_often_as_expected_within_a_seventh(name):
    walked, rehearsed = both(name)
    asked = asked_on_average(name)
    expected = Counter()
    for call, count in walked.calls.items():
        expected[call.partition(":")[0]] += count
    for service in ("autoscaling", "elbv2", "route53", "cloudwatch"):
        assert expected[service] == pytest.approx(asked[service], rel=1 / 7), service
    assert set(walked.calls) <= set(rehearsed.world.api.log), "calls that no rehearsal makes"


@pytest.mark.parametrize("name", CALM + OTHERS)
def test_the_way_back_is_cheap_until_the_moment_that_was_told(name):
    path = built_in()[name]
    scenario = load_scenario(path)
    known = Known(instances=scenario.world.live.instances, requests_per_minute=60 * scenario.world.demand.rate)
    told = preview(plan_of(scenario, path, None), known).last_cheap
    decided = [entry for entry in both(name)[1].entries if isinstance(entry, Decided)]
    came = next(entry.at for entry in decided if entry.decision.rollout.phase is Phase.RETIRE) - decided[0].at
    assert told / MINUTE == pytest.approx(came / MINUTE, rel=1 / 7)


@pytest.mark.parametrize("name", CALM + OTHERS)
def test_what_is_removed_is_what_was_told(name):
    path = built_in()[name]
    told = " ".join(preview(plan_of(load_scenario(path), path, None), Known()).inventory.removes)
    log = both(name)[1].world.api.log
    for what, call in {"group ": "autoscaling:DeleteAutoScalingGroup", "balancer ": "elbv2:DeleteLoadBalancer"}.items():
        assert (what in told) == (call in log), what


@pytest.mark.slow
@pytest.mark.parametrize("name", built_in())
def test_a_rollout_that_succeeds_never_takes_longer_than_at_the_worst(name, came_of):
    """Whatever happened to it: faults, crashes, people. Waiting for a window or for a person's pause is not counted."""
    path = built_in()[name]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    if plan.windows.open or plan.windows.freezes:
        pytest.skip("windows are taken to be open")
    if came_of[name]["end"] == End.SUCCEEDED:
        assert came_of[name]["minutes"] <= preview(plan, Known()).worst / MINUTE


@pytest.mark.parametrize("name", CALM + OTHERS)
def test_no_phase_is_ever_expected_to_take_longer_than_at_the_worst(name):
    path = built_in()[name]
    seen = preview(plan_of(load_scenario(path), path, None), Known())
    assert all(each.expected <= each.worst for each in seen.times)
    assert seen.expected < seen.worst


def test_machine_hours_are_those_of_both_slots(tmp_path):
    """All at once: six machines beside five, from SCALE to the end; the last minutes after the old ones are gone."""
    plan = load_plan(written(tmp_path, ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}")))
    seen = preview(plan, Known(instances=5), Prices(0.5))
    hours = seen.expected / timedelta(hours=1)
    assert 0.7 * 6 * hours < seen.cost.expected < 6 * hours
    assert seen.cost.money(seen.cost.expected) == pytest.approx(0.5 * seen.cost.expected)


def test_more_users_behind_old_answers_make_a_longer_drain(tmp_path):
    plan = load_plan(written(tmp_path, ("below: 0.1%", "below: 0%")))
    few, many = (walk(plan, Known(requests_per_minute=rate)).spent(Phase.DRAIN) for rate in (1e5, 1e7))
    assert many > few + 30 * MINUTE


def test_the_same_file_gives_the_same_walk(tmp_path):
    plan = load_plan(written(tmp_path))
    assert walk(plan, Known()) == walk(plan, Known())


def test_a_step_that_cannot_be_is_told_and_ends(tmp_path):
    walked = walk(load_plan(written(tmp_path, ("", "deadlines: {scale: 2m}"))), Known())
    assert walked.end is End.ROLLED_BACK and "scale took longer than 2m" in walked.why


WAYS = {
    "target groups": [("", "traffic: {kind: target_groups}")],
    "group swap": [
        ("", "traffic: {kind: group_swap}"),
        ("{kind: linear, step: 10%, hold: 5m}", "{kind: all_at_once, hold: 5m}"),
    ],
    "a command": [("clone: {image: ami-0abcdef0123456789}", "command: {create: make it, remove: rid it}")],
    "a person's yes": [("", "verify: {checks: [{kind: accept, who: [ann]}]}")],
    "a hook": [("", "hooks:\n  - {at: before-step, check: {kind: command, run: [warm]}}")],
    "windows": [("", "windows: {open: [{from: '09:00', to: '17:00'}]}")],
    "an alarm": [("bake:", "  - {kind: alarm, alarm: a}\nbake:")],
    "no limit on errors": [("", "on_unknown: ask")],
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_a_rollout_comes_to_a_good_end_where_all_goes_well(tmp_path, way):
    seen = preview(load_plan(written(tmp_path, *WAYS[way])), Known(instances=10))
    assert seen.walk.end is End.SUCCEEDED, seen.walk.why


@pytest.mark.parametrize("name", built_in())
def test_every_plan_of_the_catalogue_can_be_previewed(name):
    path = built_in()[name]
    seen = preview(plan_of(load_scenario(path), path, None), Known(instances=10, requests_per_minute=120_000))
    assert seen.walk.end is not None and seen.expected > timedelta(0)


def told_by(tmp_path, *changes, **known):
    seen = preview(load_plan(written(tmp_path, *changes)), Known(**known), Prices(0.5, 0.01))
    return seen, plan_text(seen)


KEPT = ("clone: {image: ami-0abcdef0123456789}", "kept: {balancer: shop-green, group: shop-green}")
ALL_AT_ONCE = ("{kind: linear, step: 10%, hold: 5m}", "{kind: canary, share: 10%, hold: 5m}")


def test_a_slot_that_was_kept_is_neither_made_nor_removed(tmp_path):
    seen, text = told_by(tmp_path, KEPT)
    assert seen.walk.end is End.SUCCEEDED
    assert seen.inventory.makes == ("record www.example.com with the identifier green",)
    assert "green stays as it is, unused" in text and "a balancer's price" not in text


@pytest.mark.parametrize("kind", ["target_groups", "group_swap"])
def test_where_no_dns_stands_between_nothing_is_said_of_it(tmp_path, kind):
    seen, text = told_by(tmp_path, ALL_AT_ONCE, ("", f"traffic: {{kind: {kind}}}"), instances=10)
    assert not re.search(r"\b(DNS|TTL|record|caches|resolvers)\b", text), text
    assert "the balancer follows in 10s" in text
    assert seen.walk.spent(Phase.DRAIN) < timedelta(minutes=5), "nobody asks much later"


def test_without_weights_a_step_gets_what_its_machines_are_of_all(tmp_path):
    seen, text = told_by(tmp_path, ALL_AT_ONCE, ("", "traffic: {kind: group_swap}"), instances=10)
    assert [step.realised for step in seen.steps] == [2 / 12, 1.0]
    assert "by machines" in text


def test_a_way_back_in_steps_is_told_with_all_its_steps(tmp_path):
    _, text = told_by(tmp_path, ("", "rollback: {pace: stepped, step: 25%, every: 2m}"))
    assert "4 changes of weights; users are back after about 450s" in text


def test_reserved_capacity_is_counted_and_priced(tmp_path):
    """200 units for the candidate, and as many for the live balancer, from SCALE to RETIRE."""
    one, text = told_by(tmp_path, ("", "prewarm: {kind: reservation, units: 200}"))
    both_, _ = told_by(tmp_path, ("", "prewarm: {kind: reservation, units: 200, also_live: true}"))
    hours = one.expected / timedelta(hours=1)
    assert 0.8 * 200 * hours < one.cost.reserved < 200 * hours
    assert both_.cost.reserved == pytest.approx(2 * one.cost.reserved, rel=0.05)
    assert one.cost.reserved_worst == pytest.approx(200 * (one.worst / timedelta(hours=1)))
    assert f"at 0.01 each about {one.cost.reserved / 100:.2f}" in text


def test_a_sequential_gate_on_latency_sees_its_counts(tmp_path):
    """It asks CloudWatch for counts of slow answers, not for seconds."""
    gate = "  - {kind: sequential_latency, limit: 800ms, difference: 1%, alpha: 0.1%}\n"
    path = written(tmp_path, ("bake:", f"{gate}bake:"))
    assert walk(load_plan(path), Known()).end is End.SUCCEEDED
    names = [found.finding.name for found in lint(path, Known(instances=10, requests_per_minute=60_000)).found]
    assert "min-requests-never-reached" not in names


@pytest.mark.parametrize(("page", "bucket"), [({"page": "sorry"}, True), ({"existing": True}, False)])
def test_what_a_fallback_leaves_standing_is_told(page, bucket):
    service = {**PLAN["service"], "record": "slots.example.com"}
    plan = Plan.model_validate({**PLAN, "service": service, "fallback": {"name": "www.example.com", **page}})
    told = preview(plan, Known()).inventory.makes
    assert any(each.startswith("failover records www.example.com, in place of a plain one: slots") for each in told)
    assert any(each.startswith("bucket www.example.com with what sorry has in it") for each in told) == bucket
