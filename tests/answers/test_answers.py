"""Who gets which share, what a person reads when there is no answer, and how long an answer lives."""

from itertools import pairwise

import pytest

from bluegreen.answers import Answers, NotAnswerable, balancer_healthy, shares
from tests.answers.zones import ELB, alias, own, record

NAME = "www.example.com."
PLACES = [("blue", 90), ("green", 10)]


def slots(evaluates=True):
    """Two weighted aliases to balancers."""
    return [alias(NAME, f"{slot}.{ELB}.", evaluates, Weight=weight) for slot, weight in PLACES]


def values(found):
    return {endpoint.values[0].partition(".")[0]: share for endpoint, share in found.items()}


def refusal(records, name=NAME, kind="A"):
    with pytest.raises(NotAnswerable) as refused:
        Answers(records, name, kind)
    return str(refused.value)


# -- shares that the golden cases do not have


@pytest.mark.parametrize(
    ("weights", "ill", "expected"),
    [
        ((1, 1, 0), {0, 1, 2}, (0.5, 0.5, 0)),  # all unhealthy: the one of weight zero is not used
        ((0, 0), {0}, (0, 1)),
        ((0, 0), {0, 1}, (0.5, 0.5)),
        ((5,), {0}, (1,)),
    ],
)
def test_zero_weights_and_nothing_healthy(weights, ill, expected):
    records = [record(NAME, str(n), Weight=weight, check=str(n)) for n, weight in enumerate(weights)]
    found = values(shares(records, NAME, checks=lambda check: int(check) not in ill))
    assert tuple(found.get(str(n), 0) for n in range(len(weights))) == expected


def test_a_zero_weight_record_without_check_takes_all_when_the_others_are_unhealthy():
    records = [record(NAME, "a", Weight=1, check="a"), record(NAME, "b", Weight=0)]
    assert values(shares(records, NAME, checks={"a": False})) == {"b": 1}


def test_a_backup_of_weight_zero_is_never_reached_when_the_others_have_no_check():
    records = [record(NAME, "a", Weight=1), record(NAME, "b", Weight=0, check="b")]
    assert values(shares(records, NAME, checks={"b": True})) == {"a": 1}


def test_an_alias_that_evaluates_its_target_is_passed_over_when_the_balancer_is_unhealthy():
    assert values(shares(slots(), NAME, targets={f"blue.{ELB}": False, f"green.{ELB}": True})) == {"green": 1}
    assert values(shares(slots(evaluates=False), NAME, targets={})) == {"blue": 0.9, "green": 0.1}


def test_a_retired_slot_left_at_weight_zero_is_a_live_fallback():
    records = [alias(NAME, f"{slot}.{ELB}", Weight=weight) for slot, weight in [("blue", 0), ("green", 100)]]
    assert values(shares(records, NAME, targets=lambda name: name.startswith("blue"))) == {"blue": 1}


def branches(**top):
    """Two branches of two weighted records each."""
    return [
        *[alias(NAME, f"{side}.example.com.", Weight=1, **top) for side in ("east", "west")],
        *[record(f"{s}.example.com.", f"{s}{n}", Weight=1, check=f"{s}{n}") for s in ("east", "west") for n in (1, 2)],
    ]


def test_a_branch_lives_as_long_as_one_of_its_records_and_is_left_when_none_does():
    assert values(shares(branches(), NAME, checks=lambda check: check != "east1")) == pytest.approx(
        {"east2": 0.5, "west1": 0.25, "west2": 0.25}
    )
    assert values(shares(branches(), NAME, checks=lambda check: "west" in check)) == {"west1": 0.5, "west2": 0.5}


def test_without_evaluation_a_dead_branch_still_answers():
    found = shares(branches(evaluates=False), NAME, checks=lambda check: "west" in check)
    assert values(found) == pytest.approx(dict.fromkeys(["east1", "east2", "west1", "west2"], 0.25))


def test_a_failed_check_on_the_alias_removes_a_branch_of_healthy_records():
    records = branches()
    records[0]["HealthCheckId"] = "east itself"
    assert values(shares(records, NAME, checks=lambda check: check != "east itself")) == {"west1": 0.5, "west2": 0.5}


def test_a_leaf_without_check_keeps_its_branch_alive():
    records = branches()
    del records[2]["HealthCheckId"]
    found = shares(records, NAME, checks=lambda check: "west" in check)
    assert values(found) == pytest.approx({"east1": 0.5, "west1": 0.25, "west2": 0.25})


def test_two_ways_to_the_same_answer_are_one_answer():
    records = [alias(NAME, f"{side}.example.com", Weight=1) for side in "ab"]
    records += [record(f"{side}.example.com", "192.0.2.1") for side in "ab"]
    assert values(shares(records, NAME)) == {"192": 1}
    twins = [{**record(NAME, "a", Weight=weight), "SetIdentifier": str(weight)} for weight in (1, 2)]
    assert values(shares([*twins, record(NAME, "b", Weight=1)], NAME)) == {"a": 0.75, "b": 0.25}


# -- names, types and lives of answers


def test_names_are_compared_as_dns_does():
    records = [alias("WWW.Example.com", "App.Example.com"), record("app.example.com.", "192.0.2.1")]
    assert len(shares(records, "www.EXAMPLE.com")) == 1
    starred = [record("\\052.example.com.", "192.0.2.1")]
    assert len(shares(starred, "*.example.com")) == 1


def test_a_name_with_cnames_answers_every_question_with_them():
    (endpoint,) = shares([record(NAME, "elsewhere.example.org", kind="CNAME", ttl=30)], NAME, "A")
    assert (endpoint.kind, endpoint.values, endpoint.ttl) == ("CNAME", ("elsewhere.example.org",), 30)


def test_a_record_of_the_asked_type_comes_before_other_types():
    records = [record(NAME, "192.0.2.1"), record(NAME, "2001:db8::1", kind="AAAA")]
    assert [endpoint.values for endpoint in shares(records, NAME, "AAAA")] == [("2001:db8::1",)]


@pytest.mark.parametrize(
    ("records", "ttl"),
    [
        ([alias(NAME, ELB)], 60),
        ([alias(NAME, "nlb-1.elb.eu-west-1.amazonaws.com")], 60),
        ([alias(NAME, "d1.cloudfront.net", evaluates=False)], None),
        ([record(NAME, "192.0.2.1", ttl=17)], 17),
        ([alias(NAME, "app.example.com"), record("app.example.com", "192.0.2.1", ttl=300)], 300),
    ],
    ids=["balancer", "network balancer", "another resource", "record", "alias to a record"],
)
def test_an_answer_lives_as_long_as_its_last_record_or_its_balancer_says(records, ttl):
    (endpoint,) = shares(records, NAME)
    assert endpoint.ttl == ttl
    assert endpoint.alias is (endpoint.values[0][0] != "1")


# -- compiled once


def test_it_says_whose_health_matters_and_asks_for_no_other():
    records = [*slots(), record("other.example.com", "192.0.2.9", Weight=1, check="not ours")]
    answers = Answers(records, NAME)
    assert (answers.checks, answers.targets) == ((), (f"blue.{ELB}", f"green.{ELB}"))
    asked = []
    answers.shares(targets=lambda name: asked.append(name) or True)
    assert asked == [f"blue.{ELB}", f"green.{ELB}"]


def test_what_can_ever_be_answered_is_known_before_health_is():
    assert [endpoint.values[0] for endpoint in Answers(slots(), NAME).endpoints] == [f"blue.{ELB}", f"green.{ELB}"]


def test_the_same_health_gives_the_same_shares_and_another_one_others():
    answers = Answers(slots(), NAME)
    first = answers.shares()
    assert answers.shares(targets=lambda name: not name.startswith("blue")) != first
    assert answers.shares() is first


def test_a_deep_tree_in_which_every_group_is_used_twice_costs_no_more_than_its_records():
    depth = 60
    names = [f"n{level}.example.com" for level in range(depth)]
    records = [alias(a, b, Weight=w) for a, b in pairwise(names) for w in (1, 2)]
    for number, each in enumerate(records):
        each["SetIdentifier"] = str(number)
    (endpoint,) = shares([*records, record(names[-1], "192.0.2.1")], names[0])
    assert endpoint.values == ("192.0.2.1",)


# -- what a person reads


def test_a_name_that_is_not_there_is_told_with_those_that_are():
    assert "the names are www.example.com" in refusal(slots(), "ww.example.com")
    assert "has records of type A" in refusal(slots(), NAME, "MX")
    assert "no records at all" in refusal([])


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"Region": "eu-west-1"}, "latency"),
        ({"GeoLocation": {"CountryCode": "*"}}, "geolocation"),
        ({"GeoProximityLocation": {"Bias": 0}}, "geoproximity"),
        ({"CidrRoutingConfig": {"CollectionId": "c", "LocationName": "l"}}, "CIDR"),
        ({"MultiValueAnswer": True}, "multivalue"),
    ],
)
def test_policies_that_are_not_evaluated_are_refused_by_name(policy, said):
    assert said in refusal([record(NAME, "192.0.2.1", **policy)])
    below = [alias(NAME, "app.example.com"), record("app.example.com", "192.0.2.1", **policy)]
    assert refusal(below).startswith("app.example.com (A) has ") and said in refusal(below)


def test_a_policy_elsewhere_in_the_zone_is_no_concern():
    assert len(shares([*slots(), record("x.example.com", "192.0.2.1", Region="eu-west-1")], NAME)) == 2


def test_mixed_policies_and_twins_are_refused():
    assert "mixes the routing policies simple, weighted" in refusal([*slots(), record(NAME, "192.0.2.1")])
    assert "one routing policy at most" in refusal([record(NAME, "a", Weight=1, Failover="PRIMARY")])
    assert "2 records without routing policy" in refusal([record(NAME, "a"), record(NAME, "b")])
    twins = [record(NAME, value, Failover="PRIMARY") for value in "ab"]
    assert "more than one PRIMARY" in refusal(twins)


def test_aliases_in_a_circle_are_shown_as_a_circle():
    ring = ["a.example.com", "b.example.com", "c.example.com"]
    records = [alias(NAME, ring[0]), *[alias(ring[n], ring[(n + 1) % 3]) for n in range(3)]]
    assert "a.example.com -> b.example.com -> c.example.com -> a.example.com" in refusal(records)


def test_an_alias_into_the_zone_that_points_at_nothing_is_refused():
    gone = [*own(), alias(NAME, "app.example.com")]
    assert "alias to app.example.com (A), which does not exist" in refusal(gone)
    assert "has records of type AAAA" in refusal([*gone, record("app.example.com", "2001:db8::1", kind="AAAA")])


def test_an_alias_out_of_the_zone_needs_no_record():
    assert len(shares([*own(), alias(NAME, "bucket.notexample.com")], NAME)) == 1


def test_health_that_was_not_given_is_asked_for_by_name():
    with pytest.raises(NotAnswerable, match=rf"alias target green\.{ELB}.*given: blue"):
        shares(slots(), NAME, targets={f"BLUE.{ELB}.": True})
    with pytest.raises(NotAnswerable, match=r"health check hc-1 .* given: none"):
        shares([record(NAME, "a", Weight=1, check="hc-1")], NAME, checks={})


# -- when a balancer is healthy


@pytest.mark.parametrize(
    ("groups", "options", "healthy"),
    [
        ([(1, 3), (2, 2)], {}, True),
        ([(0, 3)], {}, False),
        ([], {}, False),
        ([(0, 0)], {}, False),
        ([(1, 1), (0, 0)], {}, True),
        ([(1, 1), (0, 0)], {"empty_group_fails": True}, False),
        ([(0, 2)], {"kind": "classic"}, False),
        ([(1, 9)], {"kind": "classic"}, True),
        ([(0, 0)], {"kind": "classic"}, False),
        ([(1, 1), (0, 1)], {"kind": "network"}, False),
    ],
)
def test_a_balancer_is_healthy_when_each_group_with_targets_has_a_healthy_one(groups, options, healthy):
    assert balancer_healthy(groups, **options) is healthy
