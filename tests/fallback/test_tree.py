"""Records judged by what they would answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.fallback.tree import pair, same, wrong_answers

from .conftest import ENDPOINT, NAME, SLOTS

PAIR = pair(NAME, SLOTS, "ZZONE", (ENDPOINT, "Z3AQBSTGFYJSTF"))


def slot(name, weight, *, evaluates=True, **more):
    alias = {"HostedZoneId": "Z2P", "DNSName": f"{name}.elb.amazonaws.com", "EvaluateTargetHealth": evaluates}
    return {"Name": SLOTS, "Type": "A", "SetIdentifier": name, "Weight": weight, "AliasTarget": alias, **more}


def judged(members, records=PAIR):
    return wrong_answers(records, members, NAME, SLOTS, ENDPOINT)


@given(st.integers(0, 255), st.integers(0, 255))
def test_with_any_weights_the_pair_answers_rightly_for_every_state_of_health(blue, green):
    assert judged([slot("blue", blue), slot("green", green)]) == ()
    assert judged([slot("blue", blue)]) == ()


def test_a_simple_record_of_the_slots_is_right_too():
    record = slot("blue", 1)
    assert judged([{key: value for key, value in record.items() if key not in ("SetIdentifier", "Weight")}]) == ()


def test_a_slot_whose_record_does_not_evaluate_its_health_would_keep_users_from_the_page():
    [said] = judged([slot("blue", 100, evaluates=False)])
    assert said == f"with nobody healthy, {NAME} would answer blue.elb.amazonaws.com, not {ENDPOINT}"


def test_one_of_two_such_slots_is_enough_to_be_wrong():
    assert judged([slot("blue", 50), slot("green", 50, evaluates=False)])


def test_a_primary_that_does_not_evaluate_its_targets_health_never_fails_over():
    primary, secondary = PAIR
    deaf = {**primary, "AliasTarget": {**primary["AliasTarget"], "EvaluateTargetHealth": False}}
    assert judged([slot("blue", 100)], (deaf, secondary))


def test_pages_and_slots_the_wrong_way_round_are_found():
    primary, secondary = PAIR
    swapped = ({**primary, "Failover": "SECONDARY"}, {**secondary, "Failover": "PRIMARY"})
    assert judged([slot("blue", 100)], swapped)


def test_health_checks_of_the_slots_records_count():
    checked = [slot("blue", 50, HealthCheckId="hc-blue"), slot("green", 50, HealthCheckId="hc-green")]
    assert judged(checked) == ()


def test_records_that_cannot_be_evaluated_are_told_in_words():
    latency = {**slot("blue", 1), "Region": "us-east-1"}
    del latency["Weight"]
    assert "latency" in judged([latency])[0]


@pytest.mark.parametrize("change", [{"Failover": "SECONDARY"}, {"SetIdentifier": "x"}, {"HealthCheckId": "hc"}])
def test_records_are_the_same_when_they_say_the_same_and_not_otherwise(change):
    record = PAIR[0]
    assert same(record, {**record, "Name": f"{NAME.upper()}."})
    assert not same(record, {**record, **change})
