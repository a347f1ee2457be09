"""Golden cases of botocore's retries and waiters, by id, run against the botocore that is installed: real clients over
a faked HTTP session. Nothing sleeps and nothing leaves the machine.

The facts were taken with 1.43.11. In the pinned version the retries that were opt-in there (`AWS_NEW_RETRIES_2026`) are
the only ones, and `standard` is the default mode: where that makes a difference, what is measured now is asserted.
"""

import os
import random
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import boto3
import botocore
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError, WaiterError
from botocore.httpsession import DEFAULT_TIMEOUT, MAX_POOL_CONNECTIONS
from botocore.retries import bucket, quota, standard, throttling

SEED = 7
RECORD = {"Name": "www.example.com", "Type": "CNAME", "SetIdentifier": "blue", "TTL": 60}
THROTTLED = (400, "Throttling")
BUSY = (400, "PriorRequestNotComplete")


class Raw(BytesIO):
    def stream(self, **_):
        yield self.read()


class Http:
    """The faked HTTP session: answers each request with the next of `answers`, the last one for ever."""

    def __init__(self, answers, json):
        self.answers, self.json, self.sent, self.headers = list(answers), json, [], {}

    def send(self, request):
        self.sent.append(request)
        status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if status >= 400:
            error = f'{{"__type": "x#{body}"}}' if self.json else f"<Error><Code>{body}</Code></Error>"
            body = error if self.json else f"<ErrorResponse>{error}</ErrorResponse>"
        return AWSResponse(request.url, status, dict(self.headers), Raw(body.encode()))


class Boto:
    """Clients whose sleeps are written down and pass a clock; quotas and token buckets are kept to look into."""

    def __init__(self, monkeypatch):
        self.now, self.sleeps, self.quotas, self.buckets = 1000.0, [], [], []
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        time = SimpleNamespace(sleep=self.sleep)
        monkeypatch.setattr("botocore.endpoint.time", time)
        monkeypatch.setattr("botocore.waiter.time", time)
        monkeypatch.setattr(bucket, "Clock", lambda: SimpleNamespace(current_time=lambda: self.now))
        monkeypatch.setattr(quota, "RetryQuota", self.kept(self.quotas, quota.RetryQuota))
        monkeypatch.setattr(bucket, "TokenBucket", self.kept(self.buckets, bucket.TokenBucket))

    def kept(self, where, kind):
        def make(*args, **kwargs):
            where.append(kind(*args, **kwargs))
            return where[-1]

        return make

    def sleep(self, length):
        self.sleeps.append(length)
        self.now += length

    def client(self, service, *answers, **retries):
        config = Config(retries=retries) if retries else None
        session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
        client = session.client(service, config=config)
        client._endpoint.http_session = self.http = Http(answers, json=service == "dynamodb")
        return client


@pytest.fixture
def boto(monkeypatch):
    """With the jitter of `random.seed(SEED)`."""
    before = random.getstate()
    random.seed(SEED)
    yield Boto(monkeypatch)
    random.setstate(before)


def jittered(*most):
    """The sleeps of which these are the upper bounds."""
    draw = random.Random(SEED)
    return [draw.random() * bound for bound in most]


def fails(call, code=None, **params):
    with pytest.raises(ClientError) as error:
        call(**params)
    assert code in {None, error.value.response["Error"]["Code"]}


def calls(boto, service, operation, answer, mode, **params):
    """How many requests one failing call makes."""
    fails(getattr(boto.client(service, answer, mode=mode), operation), answer[1], **params)
    return len(boto.http.sent)


def h1(boto):
    assert calls(boto, "route53", "list_hosted_zones", THROTTLED, "legacy") == 5
    assert boto.sleeps == jittered(1, 2, 4, 8)


def h2(boto):
    client = boto.client("route53", THROTTLED, mode="standard")
    made = []
    for _ in range(52):
        before = len(boto.http.sent)
        fails(client.list_hosted_zones)
        made.append(len(boto.http.sent) - before)
        if len(made) == 1:
            assert boto.sleeps == jittered(1, 2)
            assert boto.quotas[0].available_capacity == 490
    assert made == [3] * 50 + [1] * 2


def h3(boto):
    client = boto.client("route53", (503, "ServiceUnavailable"), mode="standard")
    for left in (472, 444):
        fails(client.list_hosted_zones)
        assert boto.quotas[0].available_capacity == left
    assert boto.sleeps == jittered(0.05, 0.1, 0.05, 0.1)


def h4(boto):
    client = boto.client("route53", THROTTLED, mode="standard", max_attempts=10)
    assert client.meta.config.retries["total_max_attempts"] == 11
    fails(client.list_hosted_zones)
    assert len(boto.http.sent) == 11


def h5(boto):
    assert [waited(boto, after) for after in (0, 1, 30, 31, 61)] == [0, 30, 30, 60, 90]


def h6(boto):
    params = {"LoadBalancerArn": "arn", "MinimumLoadBalancerCapacity": {"CapacityUnits": 500}}
    busy = (429, "PriorRequestNotComplete")
    assert calls(boto, "elbv2", "modify_capacity_reservation", busy, "legacy", **params) == 5
    assert calls(boto, "elbv2", "modify_capacity_reservation", busy, "standard", **params) == 3


def h7(boto):
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {**RECORD, "Weight": 1}}]}
    made = {
        (mode, answer[1]): calls(
            boto, "route53", "change_resource_record_sets", answer, mode, HostedZoneId="Z1", ChangeBatch=batch
        )
        for mode in ("legacy", "standard")
        for answer in (BUSY, (400, "InvalidChangeBatch"))
    }
    assert made == {
        ("legacy", "PriorRequestNotComplete"): 5,
        ("standard", "PriorRequestNotComplete"): 3,
        ("legacy", "InvalidChangeBatch"): 1,
        ("standard", "InvalidChangeBatch"): 1,
    }


def h8(boto):
    zones = "<ListHostedZonesResponse><HostedZones/></ListHostedZonesResponse>"
    answers = [(200, zones)] * 200 + [THROTTLED]
    client = boto.client("route53", *answers, mode="adaptive", total_max_attempts=1)
    for _ in range(200):
        client.list_hosted_zones()
        boto.now += 0.1
    fails(client.list_hosted_zones)
    assert boto.buckets[0].max_rate == pytest.approx(7)


def h9(boto):
    for weight in (255, 256):
        client = boto.client("route53", BUSY, mode="standard")
        fails(client.change_resource_record_sets, "PriorRequestNotComplete", **weighing(weight))
        assert f"<Weight>{weight}</Weight>".encode() in boto.http.sent[0].body
    client = boto.client("route53", BUSY)
    with pytest.raises(ParamValidationError):
        client.change_resource_record_sets(**weighing(-1))
    assert boto.http.sent == []


def weighing(weight):
    record = {**RECORD, "Weight": weight, "ResourceRecords": [{"Value": "a.example.org"}]}
    return {"HostedZoneId": "Z1", "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}}


def waited(boto, insync_after):
    """How long the waiter takes when the change is in sync after so many seconds."""
    client = boto.client("route53", (200, ""))
    begun = boto.now

    def answer(request):
        status = "INSYNC" if boto.now - begun >= insync_after else "PENDING"
        info = f"<ChangeInfo><Id>C1</Id><Status>{status}</Status></ChangeInfo>"
        return AWSResponse(request.url, 200, {}, Raw(f"<GetChangeResponse>{info}</GetChangeResponse>".encode()))

    boto.http.send = answer
    client.get_waiter("resource_record_sets_changed").wait(Id="C1")
    return boto.now - begun


CASES = {"H-1": h1, "H-2": h2, "H-3": h3, "H-4": h4, "H-5": h5, "H-6": h6, "H-7": h7, "H-8": h8, "H-9": h9}


@pytest.mark.parametrize("case", CASES)
def test_botocore_golden(case, boto):
    CASES[case](boto)


# -- the prose around the cases


def test_the_botocore_measured_here_is_the_pinned_one():
    lock = Path(__file__).resolve().parents[2] / "requirements.lock"
    assert f"botocore=={botocore.__version__} " in lock.read_text()


def test_the_default_mode_is_standard_now_with_three_attempts(boto):
    client = boto.client("route53", THROTTLED)
    assert client.meta.config.retries["mode"] == "standard"
    fails(client.list_hosted_zones)
    assert len(boto.http.sent) == 3


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 509])
def test_legacy_retries_these_statuses(status, boto):
    assert calls(boto, "route53", "list_hosted_zones", (status, "Anything"), "legacy") == 5


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_standard_retries_these_statuses(status, boto):
    """A 429 with an unknown code is new since the facts were taken."""
    assert calls(boto, "route53", "list_hosted_zones", (status, "Anything"), "standard") == 3


def test_standard_does_not_retry_a_509(boto):
    assert calls(boto, "route53", "list_hosted_zones", (509, "Anything"), "standard") == 1


def test_dynamodb_has_its_own_numbers_in_both_modes(boto):
    error = (500, "InternalServerError")
    assert calls(boto, "dynamodb", "list_tables", error, "legacy") == 10
    assert boto.sleeps == [0.05 * 2**k for k in range(9)]
    boto.sleeps.clear()
    assert calls(boto, "dynamodb", "list_tables", error, "standard") == 4
    assert boto.sleeps == jittered(0.025, 0.05, 0.1)


def test_an_answer_may_ask_for_a_longer_wait_within_five_seconds(boto):
    client = boto.client("route53", (503, "SlowDown"), mode="standard")
    for asked in ("3000", "60000"):
        boto.http.headers["x-amz-retry-after"] = asked
        fails(client.list_hosted_zones)
    third, fourth = jittered(1, 2, 1, 2)[2:]
    assert boto.sleeps == [3, 3, 5 + third, 5 + fourth]


@pytest.mark.parametrize(
    ("answers", "left"),
    [
        ([THROTTLED, (200, "")], 500),  # the retry's tokens come back
        ([THROTTLED, THROTTLED, (200, "")], 495),  # only those of the last retry
        ([THROTTLED, THROTTLED, THROTTLED, (200, "")], 491),  # a plain success gives one back
    ],
)
def test_the_quota_fills_again_with_success(answers, left, boto):
    client = boto.client("route53", *answers, mode="standard")
    while len(boto.http.answers) > 1:
        try:
            client.list_hosted_zones()
        except ClientError:
            continue
    if boto.quotas[0].available_capacity == 490:
        client.list_hosted_zones()
    assert boto.quotas[0].available_capacity == left


def test_attempts_from_the_environment_count_all(boto, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    fails(boto.client("route53", THROTTLED).list_hosted_zones)
    assert len(boto.http.sent) == 2


def test_the_codes_that_count_as_throttling():
    assert set(standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES) == {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException",
    }  # fmt: skip


def test_after_a_throttle_the_adaptive_rate_grows_as_a_cubic():
    """It is back at the old rate after cbrt(10 * 0.3 / 0.4) s, flat there, and beyond it grows without bound."""
    cubic = throttling.CubicCalculator(starting_max_rate=0, start_time=0)
    back = (10 * 0.3 / 0.4) ** (1 / 3)
    assert cubic.error_received(10, timestamp=100) == pytest.approx(7)
    for after, rate in ((0, 7), (back, 10), (back + 1, 10.4), (back + 2, 13.2)):
        assert cubic.success_received(100 + after) == pytest.approx(rate)


def test_a_switchover_timeout_below_thirty_is_refused_by_the_client_and_none_above(boto):
    client = boto.client("rds", (400, "BlueGreenDeploymentNotFoundFault"))
    call = client.switchover_blue_green_deployment
    with pytest.raises(ParamValidationError):
        call(BlueGreenDeploymentIdentifier="bgd-1", SwitchoverTimeout=29)
    fails(call, "BlueGreenDeploymentNotFoundFault", BlueGreenDeploymentIdentifier="bgd-1", SwitchoverTimeout=3601)


def test_timeouts_are_a_minute_and_ten_connections_are_kept(boto):
    config = boto.client("route53", THROTTLED).meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (60, 60, 10)
    assert (DEFAULT_TIMEOUT, MAX_POOL_CONNECTIONS) == (60, 10)


WAITERS = {
    ("route53", "resource_record_sets_changed"): (30, 60),
    **{
        ("elbv2", name): (15, 40)
        for name in (
            "load_balancer_exists",
            "load_balancer_available",
            "load_balancers_deleted",
            "target_in_service",
            "target_deregistered",
        )
    },
    **{("elb", name): (15, 40) for name in ("instance_in_service", "any_instance_in_service", "instance_deregistered")},
    **{
        ("cloudformation", f"{name}_complete"): (30, 120)
        for name in (
            "stack_create",
            "stack_update",
            "stack_delete",
            "stack_import",
            "stack_rollback",
            "change_set_create",
        )
    },
    ("cloudformation", "stack_exists"): (5, 20),
    **{("rds", name): (30, 60) for name in ("db_instance_available", "db_instance_deleted", "db_cluster_available")},
    **{("dynamodb", name): (20, 25) for name in ("table_exists", "table_not_exists")},
    **{("elasticbeanstalk", f"environment_{name}"): (20, 20) for name in ("exists", "updated", "terminated")},
    **{("cloudwatch", name): (5, 40) for name in ("alarm_exists", "composite_alarm_exists")},
    **{("ec2", f"instance_{name}"): (15, 40) for name in ("running", "status_ok", "stopped", "terminated")},
}


def test_waiters_ask_as_often_as_the_table_says(boto):
    clients = {service: boto.client(service, THROTTLED) for service in {service for service, _ in WAITERS}}
    found = {}
    for service, name in WAITERS:
        config = clients[service].get_waiter(name).config
        found[service, name] = (config.delay, config.max_attempts)
    assert found == WAITERS


def test_auto_scaling_has_no_waiter(boto):
    assert boto.client("autoscaling", THROTTLED).waiter_names == []


def test_there_is_no_waiter_for_a_database_switchover(boto):
    assert not [name for name in boto.client("rds", THROTTLED).waiter_names if "green" in name]


def target_health(*states):
    members = "".join(f"<member><TargetHealth><State>{state}</State></TargetHealth></member>" for state in states)
    result = f"<TargetHealthDescriptions>{members}</TargetHealthDescriptions>"
    body = f"<DescribeTargetHealthResult>{result}</DescribeTargetHealthResult>"
    return (200, f"<DescribeTargetHealthResponse>{body}</DescribeTargetHealthResponse>")


def test_target_in_service_waits_for_all_targets(boto):
    answers = [target_health("healthy", "initial"), target_health("healthy", "healthy")]
    client = boto.client("elbv2", *answers)
    client.get_waiter("target_in_service").wait(TargetGroupArn="arn")
    assert boto.sleeps == [15]


def test_target_deregistered_waits_out_the_drain_and_gives_up_after_ten_minutes(boto):
    draining, unused = target_health("draining"), target_health("unused")
    client = boto.client("elbv2", *[draining] * 20, unused)
    client.get_waiter("target_deregistered").wait(TargetGroupArn="arn")
    assert sum(boto.sleeps) == 300
    boto.sleeps.clear()
    with pytest.raises(WaiterError, match="Max attempts"):
        boto.client("elbv2", draining).get_waiter("target_deregistered").wait(TargetGroupArn="arn")
    assert sum(boto.sleeps) == 585  # it asks 40 times: the last time after 39 delays
