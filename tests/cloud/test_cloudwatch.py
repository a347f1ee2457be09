"""CloudWatch as the engine meets it: the world's metrics under AWS's names, late, and absent where nothing was."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.alarms import AlarmSpec
from sim.clock import EPOCH
from sim.errors import NotModelled
from tests.cloud.conftest import opened

ALB, ELB = "AWS/ApplicationELB", "AWS/ELB"


def dimensions(it, with_targets=False):
    """Of the live application balancer."""
    group = it.client("elbv2").describe_target_groups(Names=["shop-live"])["TargetGroups"][0]
    found = [{"Name": "LoadBalancer", "Value": group["LoadBalancerArns"][0].partition(":loadbalancer/")[2]}]
    if with_targets:
        found.append({"Name": "TargetGroup", "Value": group["TargetGroupArn"].rpartition(":")[2]})
    return found


def query(name, statistic="Sum", dimensions=(), *, namespace=ALB, id_="q", period=60):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": list(dimensions)}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def read(it, *queries, minutes=60, **more):
    since = {"StartTime": EPOCH, "EndTime": EPOCH + timedelta(minutes=minutes)}
    return it.client("cloudwatch").get_metric_data(MetricDataQueries=list(queries), **since, **more)[
        "MetricDataResults"
    ]


def values(it, *args, **kwargs):
    return read(it, query(*args, **kwargs))[0]["Values"]


@pytest.fixture
def later(rehearsal):
    """Ten minutes into the run."""
    rehearsal.wait(minutes=10, seconds=30)
    return rehearsal


def test_requests_are_the_worlds_one_point_per_published_minute(later):
    (result,) = read(later, query("RequestCount", "Sum", dimensions(later)), ScanBy="TimestampAscending")
    expected = later.world.metrics.series(Slot.BLUE, "requests", EPOCH, later.world.clock.now())
    assert list(zip(result["Timestamps"], result["Values"], strict=True)) == expected
    assert len(expected) == 9  # the tenth minute is not published yet


def test_points_come_newest_first_unless_asked_otherwise(later):
    newest = read(later, query("RequestCount", "Sum", dimensions(later)))[0]["Timestamps"]
    assert newest == sorted(newest, reverse=True)


@pytest.mark.parametrize("statistic", ["Average", "p50", "p90", "p95", "p99"])
def test_latencies_are_there_with_their_percentiles(later, statistic):
    assert all(0 < value < 10 for value in values(later, "TargetResponseTime", statistic, dimensions(later)))


def test_healthy_hosts_need_both_dimensions(later):
    assert set(values(later, "HealthyHostCount", "Minimum", dimensions(later, with_targets=True))) == {10.0}
    assert values(later, "HealthyHostCount", "Minimum", dimensions(later)) == []


def test_errors_that_did_not_happen_are_absent_not_zero(later):
    assert values(later, "HTTPCode_ELB_5XX_Count", "Sum", dimensions(later)) == []


def test_dimensions_must_be_exactly_those_published_in_any_order(later):
    both = dimensions(later, with_targets=True)
    assert values(later, "HealthyHostCount", "Minimum", both[::-1])
    assert values(later, "RequestCount", "Sum", []) == []
    assert values(later, "RequestCount", "Sum", both) == []
    assert values(later, "RequestCount", "Sum", [{"Name": "LoadBalancer", "Value": "app/none/1"}]) == []


def test_a_balancer_publishes_nothing_about_the_targets_of_another(later):
    own, strange = dimensions(later), {"Name": "TargetGroup", "Value": "targetgroup/other/1"}
    later.cloud.bindings.metrics[strange["Value"]] = Slot.GREEN
    assert values(later, "HealthyHostCount", "Minimum", [*own, strange]) == []


def test_the_namespace_counts(later):
    assert values(later, "RequestCount", "Sum", dimensions(later), namespace="AWS/NetworkELB") == []


def test_classic_balancers_publish_under_their_own_names():
    with opened(balancer="classic") as it:
        it.wait(minutes=5)
        own = [{"Name": "LoadBalancerName", "Value": "shop-live"}]
        assert values(it, "RequestCount", "Sum", own, namespace=ELB)
        assert values(it, "Latency", "p99", own, namespace=ELB)
        assert set(values(it, "HealthyHostCount", "Minimum", own, namespace=ELB)) == {10.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"queries": [query("RequestCount"), query("RequestCount")]},
        {"queries": [query("RequestCount", id_="Upper")]},
        {"queries": [query("RequestCount", id_=f"q{number}") for number in range(501)]},
    ],
)
def test_what_cloudwatch_refuses_is_refused(rehearsal, wrong):
    with pytest.raises(ClientError) as error:
        read(rehearsal, *wrong.get("queries", [query("RequestCount")]), minutes=wrong.get("minutes", 60))
    assert error.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    "strange",
    [
        lambda own: query("RequestCount", "Sum", own, period=10),
        lambda own: query("RequestCount", "p99", own),
        lambda own: query("TargetResponseTime", "Maximum", own),
        lambda own: query("ConsumedLCUs", "Sum", own),
        lambda own: {"Id": "e", "Expression": "RATE(METRICS())"},
        lambda own: {"Id": "e", "Expression": "SELECT MAX(CPUUtilization) FROM SCHEMA(x)"},
    ],
)
def test_what_the_world_does_not_measure_fails_loudly(rehearsal, strange):
    with pytest.raises(NotModelled):
        read(rehearsal, strange(dimensions(rehearsal)))


def test_pages_of_points_are_not_modelled(rehearsal):
    with pytest.raises(NotModelled, match="MaxDatapoints"):
        read(rehearsal, query("RequestCount"), MaxDatapoints=5)


def test_longer_periods_add_up_their_minutes(later):
    own = dimensions(later)
    (minutes,) = read(later, query("RequestCount", "Sum", own), ScanBy="TimestampAscending")
    (fives,) = read(later, query("RequestCount", "Sum", own, period=300), ScanBy="TimestampAscending")
    assert fives["Timestamps"] == [EPOCH, EPOCH + timedelta(minutes=5)]
    assert fives["Values"] == [sum(minutes["Values"][:5]), sum(minutes["Values"][5:])]


def test_a_start_within_a_minute_means_that_minute(later):
    own, half = dimensions(later), timedelta(seconds=30)
    window = {"StartTime": EPOCH + 3 * half, "EndTime": EPOCH + 5 * half}
    (result,) = later.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query("RequestCount", "Sum", own)], **window
    )["MetricDataResults"]
    assert result["Timestamps"] == [EPOCH + 4 * half, EPOCH + 2 * half]


def expression(text, id_="e", **more):
    return {"Id": id_, "Expression": text, **more}


def test_expressions_are_worked_out_over_the_ids_of_the_request(later):
    own = dimensions(later)
    asked = [
        expression("100 * errors / requests", "rate"),
        {**query("RequestCount", "Sum", own, id_="requests"), "ReturnData": False},
        expression("FILL(elb, 0) + FILL(target, 0)", "errors", Label="all errors"),
        {**query("HTTPCode_ELB_5XX_Count", "Sum", own, id_="elb"), "ReturnData": False},
        {**query("HTTPCode_Target_5XX_Count", "Sum", own, id_="target"), "ReturnData": False},
    ]
    rate, errors = read(later, *asked, ScanBy="TimestampAscending")
    assert (rate["Id"], rate["Label"], errors["Label"]) == ("rate", "rate", "all errors")
    assert errors["Values"] == [], "nothing to fill between, as neither metric has a point"
    assert rate["Values"] == [0.0] * 9
    assert rate["Timestamps"] == [EPOCH + timedelta(minutes=k) for k in range(9)]


def test_filling_reaches_to_the_end_of_the_window(later):
    own = dimensions(later)
    (result,) = read(
        later,
        expression("FILL(m, 0)"),
        {**query("RequestCount", "Sum", own, id_="m"), "ReturnData": False},
        minutes=11,
        ScanBy="TimestampAscending",
    )
    assert result["Values"][-2:] == [0.0, 0.0] and len(result["Values"]) == 11
    assert min(result["Values"][:-2]) > 0


def test_filling_reaches_back_to_the_beginning_of_the_window(rehearsal):
    rehearsal.wait(minutes=5)
    rehearsal.world.settle()
    rehearsal.world.places[Slot.BLUE].release.error_rate = 0.5
    rehearsal.wait(minutes=5)
    errors = query("HTTPCode_Target_5XX_Count", "Sum", dimensions(rehearsal), id_="m")
    (result,) = read(
        rehearsal, expression("FILL(m, 0)"), {**errors, "ReturnData": False}, minutes=9, ScanBy="TimestampAscending"
    )
    assert result["Timestamps"] == [EPOCH + timedelta(minutes=k) for k in range(9)]
    assert result["Values"][:5] == [0.0] * 5 and result["Values"][5] > 1000


@pytest.mark.parametrize(
    ("queries", "word"),
    [
        ([expression("a + 1")], "a is not an id"),
        ([expression("e + 1")], "depends on itself"),
        ([expression("f + 1"), expression("e + 1", "f")], "depends on itself"),
        ([query("RequestCount", id_="m"), expression("m +")], "character 4"),
        ([query("RequestCount", id_="m"), expression("SUM(m)")], "must be one series"),
        ([{"Id": "e"}], "Exactly one of"),
        ([query("RequestCount", period=90)], "multiple of 60"),
    ],
)
def test_expressions_that_aws_refuses_are_refused(later, queries, word):
    own = dimensions(later)
    for each in queries:
        if "MetricStat" in each:
            each["MetricStat"]["Metric"]["Dimensions"] = own
    with pytest.raises(ClientError, match=word):
        read(later, *queries)


def statistics(it, name, **asked):
    window = {"StartTime": EPOCH, "EndTime": EPOCH + timedelta(minutes=10)}
    more = {"Namespace": ALB, "MetricName": name, "Dimensions": dimensions(it), "Period": 300}
    given = {key: value for key, value in {**window, **more, **asked}.items() if value is not None}
    return it.client("cloudwatch").get_metric_statistics(**given)


def test_statistics_of_one_metric_come_together(later):
    counts = statistics(later, "RequestCount", Statistics=["Sum", "SampleCount", "Average"])["Datapoints"]
    assert [point["Timestamp"] for point in counts] == [EPOCH, EPOCH + timedelta(minutes=5)]
    assert all(point["Sum"] == point["SampleCount"] and point["Average"] == 1 for point in counts)
    first = statistics(later, "TargetResponseTime", Statistics=["Average"], ExtendedStatistics=["p50", "p99.9"])
    point = first["Datapoints"][0]
    assert point["Unit"] == "Seconds"
    assert 0 < point["ExtendedStatistics"]["p50"] < point["Average"] * 2 < point["ExtendedStatistics"]["p99.9"] * 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"EndTime": EPOCH}, "InvalidParameterValue"),
        ({"Period": 90}, "InvalidParameterValue"),
        ({"Statistics": None}, "MissingParameter"),
        ({"Period": 60, "EndTime": EPOCH + timedelta(minutes=1441)}, "InvalidParameterCombination"),
    ],
)
def test_statistics_that_aws_refuses_are_refused(rehearsal, wrong, code):
    with pytest.raises(ClientError) as error:
        statistics(rehearsal, "RequestCount", **{"Statistics": ["Sum"], **wrong})
    assert error.value.response["Error"]["Code"] == code


@pytest.mark.parametrize("operation", ["list_metrics", "describe_anomaly_detectors", "list_dashboards"])
def test_what_is_not_modelled_fails_loudly(rehearsal, operation):
    with pytest.raises(NotModelled):
        getattr(rehearsal.client("cloudwatch"), operation)()


def test_own_metrics_are_not_modelled(rehearsal):
    with pytest.raises(NotModelled):
        rehearsal.client("cloudwatch").put_metric_data(Namespace="own", MetricData=[{"MetricName": "m", "Value": 1}])


# -- alarms


BUSY = AlarmSpec(name="busy", slot=Slot.BLUE, measure="requests", threshold=1, periods=2)
PAGE = AlarmSpec(name="page", rule="ALARM(busy)")
BOTH = ["MetricAlarm", "CompositeAlarm"]


def alarms(it, **asked):
    answer = it.client("cloudwatch").describe_alarms(**asked)
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in answer["MetricAlarms"] + answer["CompositeAlarms"]}


def the_alarm(it, name="busy"):
    answer = it.client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=BOTH)
    (alarm,) = answer["MetricAlarms"] + answer["CompositeAlarms"]
    return alarm


def put(it, name="put", **asked):
    metric = {"Namespace": ALB, "MetricName": "RequestCount", "Statistic": "Sum", "Dimensions": dimensions(it)}
    judged = {"Threshold": 1, "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 2}
    given = {"AlarmName": name, "Period": 60, **metric, **judged, **asked}
    it.client("cloudwatch").put_metric_alarm(**{key: value for key, value in given.items() if value is not None})


def code(call, *args, **asked):
    with pytest.raises(ClientError) as error:
        call(*args, **asked)
    return error.value.response["Error"]["Code"]


def test_an_alarm_has_insufficient_data_first_and_the_worlds_judgement_later():
    with opened(alarms=(BUSY,)) as it:
        assert alarms(it) == {"busy": "INSUFFICIENT_DATA"}
        it.wait(minutes=10)
        assert alarms(it, AlarmNames=["busy", "none"]) == {"busy": "ALARM"}
        assert alarms(it, StateValue="OK") == {}


def test_an_alarm_of_the_world_is_described_as_one_of_aws():
    with opened(alarms=(BUSY,)) as it:
        it.wait(minutes=3, seconds=30)
        alarm = the_alarm(it)
        assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == (ALB, "RequestCount", "Sum")
        assert alarm["Dimensions"] == dimensions(it)
        assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["DatapointsToAlarm"]) == (60, 2, 2)
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanThreshold")
        assert "2 are needed" in alarm["StateReason"]
        assert alarm["AlarmConfigurationUpdatedTimestamp"] == EPOCH
        assert alarm["StateUpdatedTimestamp"] == EPOCH + timedelta(minutes=2)


def test_an_error_rate_is_described_as_metric_math_once_the_balancer_exists():
    rates = [AlarmSpec(name=str(slot), slot=slot, measure="error_rate", threshold=0.05) for slot in Slot]
    with opened(alarms=tuple(rates)) as it:
        metrics = the_alarm(it, "blue")["Metrics"]
        assert [m["Id"] for m in metrics] == ["target_5xx", "elb_5xx", "requests", "elb_503", "watched"]
        assert metrics[-1]["Expression"] == "(target_5xx + elb_5xx) / (requests + elb_503)"
        assert metrics[0]["MetricStat"]["Metric"]["MetricName"] == "HTTPCode_Target_5XX_Count"
        assert "Metrics" not in the_alarm(it, "green")


def test_composite_alarms_are_shown_only_when_asked_for():
    with opened(alarms=(BUSY, PAGE)) as it:
        it.wait(minutes=5)
        assert alarms(it) == {"busy": "ALARM"}
        assert alarms(it, AlarmTypes=["CompositeAlarm"]) == {"page": "ALARM"}
        assert alarms(it, AlarmTypes=BOTH) == {"busy": "ALARM", "page": "ALARM"}
        assert alarms(it, ChildrenOfAlarmName="page") == {"busy": "ALARM"}
        assert alarms(it, ParentsOfAlarmName="busy") == {"page": "ALARM"}
        assert alarms(it, AlarmNamePrefix="bu") == {"busy": "ALARM"}
        assert the_alarm(it, "page")["AlarmRule"] == "ALARM(busy)"


def test_alarms_come_in_pages():
    many = tuple(BUSY.model_copy(update={"name": f"a{k:03}"}) for k in range(70))
    with opened(alarms=many) as it:
        client = it.client("cloudwatch")
        first = client.describe_alarms()
        assert len(first["MetricAlarms"]) == 50
        rest = client.describe_alarms(NextToken=first["NextToken"])
        assert [a["AlarmName"] for a in rest["MetricAlarms"]] == [f"a{k:03}" for k in range(50, 70)]
        assert "NextToken" not in rest
        assert len(client.describe_alarms(MaxRecords=3)["MetricAlarms"]) == 3
        assert code(client.describe_alarms, NextToken="other") == "InvalidNextToken"


def test_an_alarm_that_was_put_is_judged_and_told_as_it_was_put(rehearsal):
    own = dimensions(rehearsal)
    put(rehearsal, AlarmDescription="too busy", TreatMissingData="breaching", Period=120, EvaluationPeriods=1)
    assert alarms(rehearsal) == {"put": "INSUFFICIENT_DATA"}
    rehearsal.wait(minutes=5)
    alarm = the_alarm(rehearsal, "put")
    assert (alarm["StateValue"], alarm["AlarmDescription"], alarm["Period"]) == ("ALARM", "too busy", 120)
    assert (alarm["Dimensions"], alarm["TreatMissingData"]) == (own, "breaching")
    put(rehearsal, Threshold=1e9)
    assert alarms(rehearsal) == {"put": "ALARM"}, "an update keeps the state"
    rehearsal.wait(minutes=2)
    assert alarms(rehearsal) == {"put": "OK"}


def test_a_percentile_and_metric_math_can_be_watched(rehearsal):
    own = dimensions(rehearsal)
    slow = {"MetricName": "TargetResponseTime", "Statistic": None, "ExtendedStatistic": "p99", "Threshold": 0.001}
    put(rehearsal, "slow", **slow, EvaluateLowSampleCountPercentile="ignore")
    math = [
        {**query("RequestCount", "Sum", own, id_="m"), "ReturnData": False},
        {**query("HTTPCode_ELB_5XX_Count", "Sum", own, id_="e"), "ReturnData": False},
        expression("e / m", "rate"),
    ]
    none = dict.fromkeys(["Namespace", "MetricName", "Statistic", "Dimensions", "Period"])
    put(rehearsal, "rate", Metrics=math, Threshold=0.01, **none)
    rehearsal.wait(minutes=5)
    assert alarms(rehearsal) == {"slow": "ALARM", "rate": "OK"}
    assert the_alarm(rehearsal, "slow")["ExtendedStatistic"] == "p99"
    assert the_alarm(rehearsal, "rate")["Metrics"] == math


@pytest.mark.parametrize(
    "wrong",
    [
        {"Period": 90},
        {"EvaluationPeriods": 1441},
        {"DatapointsToAlarm": 3},
        {"Statistic": None},
        {"ExtendedStatistic": "p99"},
        {"MetricName": None},
        {"Threshold": None},
        {"TreatMissingData": "perhaps"},
        {"EvaluateLowSampleCountPercentile": "ignore"},
        {"Metrics": [expression("a + b")]},
    ],
)
def test_alarms_that_aws_refuses_are_refused(rehearsal, wrong):
    assert code(put, rehearsal, **wrong) == "ValidationError"
    assert alarms(rehearsal) == {}


@pytest.mark.parametrize(
    "strange",
    [
        {"Period": 10},
        {"Dimensions": [{"Name": "LoadBalancer", "Value": "app/none/1"}]},
        {"ComparisonOperator": "LessThanLowerThreshold"},
        {"AlarmActions": ["arn:aws:automate:us-east-1:ec2:stop"]},
        {"Unit": "Count"},
        {"MetricName": "ConsumedLCUs"},
    ],
)
def test_alarms_that_the_world_cannot_judge_fail_loudly(rehearsal, strange):
    with pytest.raises(NotModelled):
        put(rehearsal, **strange)


def test_notifications_are_only_noted(rehearsal):
    put(rehearsal, AlarmActions=["arn:aws:sns:us-east-1:123456789012:page"])
    assert the_alarm(rehearsal, "put")["AlarmActions"] == ["arn:aws:sns:us-east-1:123456789012:page"]
    assert "alarm put: its actions do nothing here" in rehearsal.world.notes


def test_composite_alarms_are_put_over_alarms_that_exist():
    with opened(alarms=(BUSY,)) as it:
        client = it.client("cloudwatch")
        rule = "ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:busy) AND NOT OK(busy)"
        client.put_composite_alarm(AlarmName="page", AlarmRule=rule)
        assert alarms(it, AlarmTypes=["CompositeAlarm"]) == {"page": "INSUFFICIENT_DATA"}
        it.wait(minutes=5)
        assert alarms(it, AlarmTypes=["CompositeAlarm"]) == {"page": "ALARM"}
        for rule in ("ALARM(nobody)", "ALARM(busy", "ALARM(busy) XOR OK(busy)"):
            assert code(client.put_composite_alarm, AlarmName="other", AlarmRule=rule) == "ValidationError"
        with pytest.raises(NotModelled, match="stop to evaluate"):
            client.put_composite_alarm(AlarmName="page", AlarmRule="ALARM(page)")
        with pytest.raises(NotModelled, match="ActionsSuppressor"):
            client.put_composite_alarm(AlarmName="page", AlarmRule="TRUE", ActionsSuppressor="busy")


def test_alarms_are_deleted_though_one_of_the_names_is_wrong():
    spare = PAGE.model_copy(update={"name": "spare", "rule": "OK(page)"})
    with opened(alarms=(BUSY, PAGE, spare)) as it:
        client = it.client("cloudwatch")
        assert code(client.delete_alarms, AlarmNames=["page"]) == "ResourceConflict"
        assert code(client.delete_alarms, AlarmNames=["page", "spare"]) == "ValidationError"
        with pytest.raises(NotModelled):
            client.delete_alarms(AlarmNames=["busy"])
        client.delete_alarms(AlarmNames=["spare"])
        assert code(client.delete_alarms, AlarmNames=["busy", "page", "none"]) == "ResourceNotFound"
        assert alarms(it, AlarmTypes=BOTH) == {}


def test_a_state_that_was_set_lasts_until_the_next_minute():
    with opened(alarms=(BUSY,)) as it:
        it.wait(minutes=5, seconds=30)
        client = it.client("cloudwatch")
        client.set_alarm_state(AlarmName="busy", StateValue="OK", StateReason="a drill")
        assert (the_alarm(it)["StateValue"], the_alarm(it)["StateReason"]) == ("OK", "a drill")
        it.wait(minutes=1)
        assert alarms(it) == {"busy": "ALARM"}
        assert code(client.set_alarm_state, AlarmName="x", StateValue="OK", StateReason="") == "ResourceNotFound"


def test_history_tells_what_happened_and_when():
    with opened(alarms=(BUSY, PAGE)) as it:
        it.wait(minutes=5, seconds=30)
        client = it.client("cloudwatch")
        states = client.describe_alarm_history(HistoryItemType="StateUpdate")["AlarmHistoryItems"]
        assert [(item["AlarmName"], item["HistorySummary"]) for item in states] == [
            ("busy", "Alarm updated from INSUFFICIENT_DATA to ALARM")
        ]
        assert states[0]["Timestamp"] == EPOCH + timedelta(minutes=2)
        new = json.loads(states[0]["HistoryData"])["newState"]
        assert new["stateValue"] == "ALARM" and "2 are needed" in new["stateReason"]
        page = client.describe_alarm_history(AlarmName="page", ScanBy="TimestampAscending")["AlarmHistoryItems"]
        assert [item["HistoryItemType"] for item in page] == ["ConfigurationUpdate", "StateUpdate", "StateUpdate"]
        both = client.describe_alarm_history(AlarmTypes=BOTH, MaxRecords=2)
        assert len(both["AlarmHistoryItems"]) == 2 and both["NextToken"] == "2"
        late = client.describe_alarm_history(StartDate=EPOCH + timedelta(minutes=4), AlarmTypes=BOTH)
        assert late["AlarmHistoryItems"] == []
        client.delete_alarms(AlarmNames=["page"])
        gone = client.describe_alarm_history(AlarmName="page")["AlarmHistoryItems"]
        assert gone[0]["HistorySummary"] == "Alarm 'page' deleted"


def test_an_alarm_that_a_gate_names_has_a_stand_in_and_a_note_says_so():
    with opened(plan={"gates": [{"kind": "alarm", "alarm": "checkout-errors"}]}) as it:
        assert alarms(it) == {"checkout-errors": "INSUFFICIENT_DATA"}
        assert any("checkout-errors" in note for note in it.world.notes)
