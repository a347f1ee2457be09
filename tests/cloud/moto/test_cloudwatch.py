"""CloudWatch: metrics and alarms."""

from datetime import UTC, datetime, timedelta

import pytest

from .conftest import alarms

THEN = datetime(2026, 1, 1, tzinfo=UTC)


DIMENSIONS = [{"Name": "LoadBalancer", "Value": "app/b/1"}, {"Name": "TargetGroup", "Value": "targetgroup/t/1"}]


def query(**changed):
    """A query for the requests of one minute that begins at THEN, as parameters of the call."""
    asked = {
        "Id": "q",
        "namespace": "AWS/ApplicationELB",
        "dimensions": DIMENSIONS,
        "Period": 60,
        "Stat": "Sum",
        **changed,
    }
    metric = {"Namespace": asked["namespace"], "MetricName": "RequestCount", "Dimensions": asked["dimensions"]}
    return {"Id": asked["Id"], "MetricStat": {"Metric": metric, "Period": asked["Period"], "Stat": asked["Stat"]}}


def data(moto, *queries, since=THEN):
    """What is found for each query in the ten minutes since then, when 5 requests came in the second minute."""
    point = {"MetricName": "RequestCount", "Dimensions": DIMENSIONS, "Value": 5.0}
    at = {"Timestamp": THEN + timedelta(seconds=90)}
    moto("cloudwatch").put_metric_data(Namespace="AWS/ApplicationELB", MetricData=[{**point, **at}])
    when = {"StartTime": since, "EndTime": since + timedelta(minutes=10)}
    return moto("cloudwatch").get_metric_data(MetricDataQueries=list(queries), **when)["MetricDataResults"]


def test_anybody_may_publish_in_awss_namespaces(moto):
    assert data(moto, query())[0]["Values"] == [5]


def test_with_dimensions_the_namespace_does_not_count(moto):
    assert data(moto, query(namespace="AWS/NetworkELB"))[0]["Values"] == [5]


def test_the_order_of_dimensions_counts_and_none_means_all(moto):
    found = data(moto, query(dimensions=DIMENSIONS[::-1]), query(Id="all", dimensions=[]))
    assert [result["Values"] for result in found] == [[], [5]]


def test_percentiles_break_moto(moto):
    with pytest.raises(TypeError):
        data(moto, query(Stat="p99"))


def test_metric_math_is_silently_empty(moto):
    found = data(moto, query(), {"Id": "e", "Expression": "q + 1"})
    assert [result["Values"] for result in found] == [[5], []]


def test_points_lie_where_the_question_begins(moto):
    (result,) = data(moto, query(), since=THEN + timedelta(seconds=7))
    assert [at.second for at in result["Timestamps"]] == [7]


def test_questions_that_cloudwatch_refuses_are_answered(moto):
    asked = [query(), query(), query(Id="Upper"), query(Period=7)]
    assert len(data(moto, *asked, *[query(Id=f"q{number}") for number in range(500)])) == 504


def alarm(moto, name="a", **changed):
    moto("cloudwatch").put_metric_alarm(
        AlarmName=name, Namespace="N", MetricName="m", Statistic="Sum", Period=60, Threshold=1,
        ComparisonOperator="GreaterThanThreshold", **{"EvaluationPeriods": 1, **changed},
    )  # fmt: skip


def test_an_alarm_starts_as_ok_and_is_never_evaluated(moto):
    alarm(moto)
    moto("cloudwatch").put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 9}])
    assert alarms(moto) == {"a": "OK"}


def test_an_alarm_that_is_put_again_forgets_its_state(moto):
    alarm(moto)
    moto("cloudwatch").set_alarm_state(AlarmName="a", StateValue="ALARM", StateReason="x")
    assert alarms(moto) == {"a": "ALARM"}
    alarm(moto)
    assert alarms(moto) == {"a": "OK"}


def test_alarms_are_found_by_name_or_state_but_not_by_both_nor_page_by_page(moto):
    alarm(moto, "a")
    alarm(moto, "b")
    assert alarms(moto, AlarmNames=["a"], StateValue="ALARM") == {"a": "OK"}
    assert len(alarms(moto, MaxRecords=1)) == 2


def test_an_alarm_may_look_back_for_longer_than_cloudwatch_does_or_never_breach(moto):
    alarm(moto, "long", EvaluationPeriods=1441)
    alarm(moto, "never", DatapointsToAlarm=3)
    assert alarms(moto).keys() == {"long", "never"}


@pytest.mark.parametrize(
    ("operation", "params"),
    [("put_composite_alarm", {"AlarmName": "c", "AlarmRule": "ALARM(a)"}), ("describe_alarm_history", {})],
)
def test_moto_has_no_composite_alarms_and_no_history(operation, params, moto):
    with pytest.raises(NotImplementedError):
        getattr(moto("cloudwatch"), operation)(**params)
