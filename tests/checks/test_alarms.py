"""Alarms are tested before they are trusted: what is found, and what is not held against them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.metrics.alarms import view
from bluegreen.model import AlarmView, Slot
from bluegreen.selftest.alarms import findings, missing
from bluegreen.selftest.spec import SelfTest

AT = datetime(2030, 1, 1, 12, tzinfo=UTC)
GOOD = AlarmView(
    name="shop-errors",
    state="OK",
    namespace="AWS/ApplicationELB",
    metric="HTTPCode_Target_5XX_Count",
    dimensions=(("LoadBalancer", "app/shop-blue/1"),),
    period=60,
    periods=5,
    datapoints=3,
    threshold=100.0,
    comparison=">",
    statistic="Sum",
    watches=(Slot.BLUE,),
    since=AT - timedelta(hours=2),
)


def found(alarm, **spec):
    return list(findings(SelfTest.model_validate(spec), alarm, Slot.BLUE, AT))


def test_a_good_alarm_is_left_alone():
    assert found(GOOD) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"strangers": "LoadBalancer app/shop-bleu/1", "watches": ()}, "which belongs to neither slot"),
        ({"state": "ALARM"}, "is in ALARM already"),
        ({"state": "INSUFFICIENT_DATA"}, "gets no data: AWS/ApplicationELB HTTPCode_Target_5XX_Count of LoadBalancer"),
        ({"datapoints": 6}, "can never fire: 6 of 5 periods cannot breach"),
        ({"period": 10, "datapoints": 3}, "can never fire: 5 periods of 10s hold 0 points"),
        ({"statistic": "Average"}, "only its Sum says how many"),
        ({"comparison": "<", "threshold": 0.0}, "can never fire: HTTPCode_Target_5XX_Count is never < 0"),
    ],
)
def test_what_would_protect_nobody_is_told_in_a_sentence(change, said):
    sentences = found(replace(GOOD, **change))
    assert len(sentences) == 1 and said in sentences[0]


@pytest.mark.parametrize(
    ("change", "spec"),
    [
        ({"strangers": "LoadBalancer app/queue/1"}, {"elsewhere": ["shop-errors"]}),
        ({"state": "ALARM"}, {"firing": "accept"}),
        ({"state": "INSUFFICIENT_DATA"}, {"silent": "accept"}),
        ({"state": "ALARM", "strangers": "x", "datapoints": 9}, {"alarms": "off"}),
        ({"state": "INSUFFICIENT_DATA", "watches": (Slot.GREEN,)}, {}),  # nobody is on the candidate yet
        ({"state": "INSUFFICIENT_DATA", "since": AT - timedelta(minutes=9)}, {}),  # it may still find its state
        ({"period": 10, "periods": 30, "datapoints": 5}, {}),  # 5 real points in 300 s
        ({"period": 10, "missing": "breaching"}, {}),
        ({"statistic": "Average", "threshold": 0.5}, {}),  # an average of 1 is above 0.5
        ({"metric": "TargetResponseTime", "statistic": "Average"}, {}),
    ],
)
def test_what_the_file_allows_and_what_may_still_come_is_no_finding(change, spec):
    assert found(replace(GOOD, **change), **spec) == []


def test_an_alarm_that_does_not_exist_is_missed():
    assert list(missing(SelfTest(), ["shop-errors", "other"], [GOOD])) == ["there is no CloudWatch alarm other"]
    assert list(missing(SelfTest(alarms="off"), ["other"], [])) == []


@given(
    st.builds(
        AlarmView,
        name=st.just("a"),
        state=st.sampled_from(["OK", "ALARM", "INSUFFICIENT_DATA"]),
        namespace=st.sampled_from(["", "AWS/ELB", "AWS/ApplicationELB", "Shop"]),
        metric=st.sampled_from(["", "RequestCount", "Latency", "HTTPCode_ELB_5XX_Count"]),
        period=st.sampled_from([0, 10, 30, 60, 300]),
        periods=st.integers(0, 10),
        datapoints=st.integers(0, 10),
        threshold=st.one_of(st.none(), st.floats(-10, 10)),
        comparison=st.sampled_from(["", ">", ">=", "<", "<="]),
        statistic=st.sampled_from(["", "Sum", "Average", "p99"]),
        rule=st.sampled_from(["", "ALARM(b)"]),
        since=st.one_of(st.none(), st.just(AT - timedelta(days=1))),
    )
)
def test_findings_are_sentences_about_the_alarm_whatever_it_is_like(alarm):
    assert all(sentence.startswith("alarm a ") for sentence in found(alarm))


BLUE = Balancer("application", "shop-blue", "arn:aws:x:loadbalancer/app/shop-blue/1", "blue.elb", "Z1").serving(
    ["arn:aws:x:1:targetgroup/shop-blue/2"]
)
PLACES = {Slot.BLUE: PlaceFacts(BLUE, "shop-blue"), Slot.GREEN: None}


def described(**more):
    base = {
        "AlarmName": "shop-errors",
        "StateValue": "OK",
        "Namespace": "AWS/ApplicationELB",
        "MetricName": "HTTPCode_Target_5XX_Count",
        "Dimensions": [{"Name": "LoadBalancer", "Value": "app/shop-blue/1"}],
        "Period": 60,
        "EvaluationPeriods": 5,
        "DatapointsToAlarm": 3,
        "Threshold": 100.0,
        "ComparisonOperator": "GreaterThanThreshold",
        "Statistic": "Sum",
        "StateUpdatedTimestamp": AT - timedelta(hours=2),
    }
    return {**base, **more}


def test_an_alarm_is_read_with_whose_balancer_it_watches():
    assert view(described(), PLACES) == GOOD


@pytest.mark.parametrize(
    "dimensions",
    [
        [("LoadBalancer", "app/shop-blue/1"), ("TargetGroup", "targetgroup/shop-blue/2")],
        [("LoadBalancer", "app/shop-blue/1"), ("AvailabilityZone", "us-east-1a")],
        [("AutoScalingGroupName", "shop-blue")],
        [("QueueName", "orders")],
    ],
)
def test_names_of_the_slots_own_things_and_of_no_slots_things_are_no_strangers(dimensions):
    listed = [{"Name": name, "Value": value} for name, value in dimensions]
    assert view(described(Dimensions=listed), PLACES).strangers == ""


def test_a_typo_in_one_dimension_is_a_stranger_even_beside_a_right_one():
    listed = [{"Name": "LoadBalancer", "Value": "app/shop-blue/1"}, {"Name": "TargetGroup", "Value": "targetgroup/x/2"}]
    seen = view(described(Dimensions=listed), PLACES)
    assert (seen.strangers, seen.watches) == ("TargetGroup targetgroup/x/2", (Slot.BLUE,))


def test_every_metric_of_an_expression_is_looked_at():
    stats = [
        {
            "Id": "m1",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB",
                    "MetricName": "RequestCount",
                    "Dimensions": [{"Name": "LoadBalancer", "Value": value}],
                },
                "Period": 60,
                "Stat": "Sum",
            },
        }
        for value in ("app/shop-blue/1", "app/shop-bleu/1")
    ]
    whole = {key: value for key, value in described().items() if key not in ("MetricName", "Namespace", "Dimensions")}
    seen = view({**whole, "Metrics": [*stats, {"Id": "e", "Expression": "m1"}]}, PLACES)
    assert (seen.expression, seen.strangers) == (True, "LoadBalancer app/shop-bleu/1")


HOURS = timedelta(hours=1)
HEARD = replace(GOOD, metric="RequestCount", heard=True, newest=AT - timedelta(minutes=2))


@pytest.mark.parametrize("missing", ["notBreaching", "breaching", "ignore", "missing"])
def test_an_alarm_that_is_ok_and_whose_metric_never_had_a_point_is_told(missing):
    """One that takes missing data for good is OK for ever: only points tell."""
    [said] = found(replace(HEARD, newest=None, missing=missing))
    assert said == (
        "alarm shop-errors gets no data: AWS/ApplicationELB RequestCount of LoadBalancer app/shop-blue/1 has had no"
        " point for 3 hours"
    )


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"newest": AT - 2 * HOURS},
        {"newest": None, "metric": "HTTPCode_Target_5XX_Count"},
        {"newest": None, "metric": "RejectedConnectionCount"},
        {"newest": None, "heard": False},
        {"newest": None, "since": AT - timedelta(minutes=6)},
        {"newest": None, "watches": (), "dimensions": (("LoadBalancer", "app/shop-green/1"),)},
        {"state": "INSUFFICIENT_DATA"},
    ],
)
def test_points_that_were_seen_and_points_that_may_still_come_are_no_finding(change):
    assert found(replace(HEARD, **change)) == []


def test_a_metric_that_stopped_is_told_by_an_alarm_without_a_state():
    assert "in its evaluation range" in found(replace(HEARD, state="INSUFFICIENT_DATA", newest=AT - HOURS))[0]


def test_an_alarm_on_a_metric_of_ones_own_needs_points_however_it_treats_missing_data():
    own = replace(HEARD, namespace="Shop", metric="OrdersFailed_Count", watches=(), dimensions=(), newest=None)
    assert "gets no data: Shop OrdersFailed_Count has had no point" in found(own)[0]
    assert found(own, silent="accept") == []
