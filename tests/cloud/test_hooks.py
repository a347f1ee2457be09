"""What can happen to a call on its way: exactly what the fault is called, with its effect or without."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from sim.api import ApiTrouble, EngineKilled
from sim.clock import EPOCH
from sim.cloud import NotModelled
from tests.cloud.conftest import CONFIG, opened


@pytest.fixture
def slow():
    with opened(latency=timedelta(milliseconds=120)) as it:
        yield it


def desired(it):
    return it.world.places["blue"].fleet.desired


def grow(it):
    it.client("autoscaling").set_desired_capacity(AutoScalingGroupName="shop-live", DesiredCapacity=17)


def trouble(it, kind, calls="*"):
    it.world.api.troubles.append(ApiTrouble(kind, (calls,)))


def test_a_call_takes_virtual_time_and_is_counted(slow):
    grow(slow)
    assert slow.world.clock.now() == EPOCH + timedelta(milliseconds=120)
    assert slow.world.api.log == ["autoscaling:SetDesiredCapacity"]


@pytest.mark.parametrize(
    ("service", "call", "code", "status"),
    [
        ("autoscaling", "describe_auto_scaling_groups", "Throttling", 400),
        ("route53", "list_hosted_zones", "Throttling", 400),
        ("ec2", "describe_subnets", "RequestLimitExceeded", 503),
    ],
)
def test_a_throttled_call_is_answered_as_its_service_does(slow, service, call, code, status):
    trouble(slow, "throttle")
    with pytest.raises(ClientError) as error:
        getattr(slow.client(service), call)()
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.mark.parametrize(
    ("kind", "error"), [("throttle", ClientError), ("error", ClientError), ("timeout", ReadTimeoutError)]
)
def test_throttle_error_and_timeout_have_no_effect(slow, kind, error):
    trouble(slow, kind)
    with pytest.raises(error):
        grow(slow)
    assert desired(slow) == 10


def test_a_lost_reply_has_its_effect_and_the_caller_hears_nothing(slow):
    trouble(slow, "lost reply")
    with pytest.raises(ReadTimeoutError):
        grow(slow)
    assert desired(slow) == 17


def test_a_lost_reply_of_moto_has_its_effect(slow):
    trouble(slow, "lost reply", "ec2:CreateLaunchTemplate")
    ec2 = slow.client("ec2")
    with pytest.raises(ReadTimeoutError):
        ec2.create_launch_template(LaunchTemplateName="new", LaunchTemplateData={"ImageId": "ami-1"})
    assert ec2.describe_launch_templates(LaunchTemplateNames=["new"])["LaunchTemplates"]


@pytest.mark.parametrize("kind", ["timeout", "lost reply"])
def test_who_hears_nothing_has_waited_as_long_as_its_client_is_set(slow, kind):
    trouble(slow, kind)
    with pytest.raises(ReadTimeoutError):
        grow(slow)
    assert timedelta(seconds=20) <= slow.world.clock.now() - EPOCH < timedelta(seconds=21)


def test_a_5xx_is_one(slow):
    trouble(slow, "error")
    with pytest.raises(ClientError) as error:
        grow(slow)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


def test_trouble_meets_only_the_calls_it_names(slow):
    trouble(slow, "throttle", "route53:*")
    grow(slow)
    assert desired(slow) == 17


def test_an_engine_killed_before_a_call_has_not_made_it(slow):
    slow.world.api.kill_before = frozenset({1})
    with pytest.raises(EngineKilled):
        grow(slow)
    assert desired(slow) == 10


@pytest.mark.parametrize("also", [None, "lost reply"])
def test_an_engine_killed_after_a_call_has_made_it(slow, also):
    slow.world.api.kill_after = frozenset({1})
    if also:
        trouble(slow, also)
    with pytest.raises(EngineKilled):
        grow(slow)
    assert desired(slow) == 17


def test_what_neither_moto_nor_we_know_fails_loudly(slow):
    with pytest.raises(NotModelled, match="autoscaling:StartInstanceRefresh"):
        slow.client("autoscaling").start_instance_refresh(AutoScalingGroupName="shop-live")
    with pytest.raises(NotModelled, match="no rds"):
        slow.client("rds").describe_db_instances()


def test_virtual_time_reaches_the_signature_and_motos_answer(slow):
    seen = []
    client = slow.client("sts")
    client.meta.events.register("before-send", lambda request, **_: seen.append(request.headers["X-Amz-Date"]))
    slow.wait(hours=2)
    answer = client.get_caller_identity()
    assert seen == [b"20300101T020000Z"]
    assert answer["ResponseMetadata"]["HTTPHeaders"]["date"] == "Tue, 01 Jan 2030 02:00:00 GMT"
    assert datetime.now(UTC) == slow.world.clock.now()


def test_outside_of_a_cloud_a_call_is_an_error_of_the_program():
    with opened() as it:
        session = it.cloud.session
    with pytest.raises(AssertionError, match="outside"):
        session.client("sts", config=CONFIG).get_caller_identity()
