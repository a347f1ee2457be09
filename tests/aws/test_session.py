"""AWS's errors become ours; the account and region are checked."""

from __future__ import annotations

from pathlib import Path

import botocore.exceptions
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from bluegreen.aws.session import Api, guard, open_session
from bluegreen.errors import Busy, Denied, Missing, OperatingError, Refused, Throttled, Unreachable, UserError
from bluegreen.plan import Guard
from tests.aws.conftest import SESSION

ANSWERS = [
    ("Throttling", 400, Throttled),
    ("RequestLimitExceeded", 503, Throttled),
    ("ThrottlingException", 400, Throttled),
    ("SomethingNew", 429, Throttled),
    ("PriorRequestNotComplete", 400, Busy),
    ("ResourceInUse", 400, Busy),
    ("ScalingActivityInProgress", 400, Busy),
    ("AlreadyExists", 400, Busy),
    ("DuplicateTargetGroupName", 400, Busy),
    ("InternalFailure", 500, Unreachable),
    ("ServiceUnavailable", 503, Unreachable),
    ("RequestTimeout", 400, Unreachable),
    ("SomethingNew", 502, Unreachable),
    ("503", 0, Unreachable),
    ("NoSuchHostedZone", 404, Missing),
    ("LoadBalancerNotFound", 400, Missing),
    ("InvalidLaunchTemplateName.NotFoundException", 400, Missing),
    ("AccessDenied", 403, Denied),
    ("UnauthorizedOperation", 403, Denied),
    ("ExpiredToken", 403, Denied),
    ("SomethingNew", 403, Denied),
    ("InvalidChangeBatch", 400, Refused),
    ("ValidationError", 400, Refused),
    ("SomethingNew", 400, Refused),
]
NO_ANSWER = [
    (botocore.exceptions.ReadTimeoutError(endpoint_url="x"), Unreachable),
    (botocore.exceptions.ConnectTimeoutError(endpoint_url="x"), Unreachable),
    (botocore.exceptions.EndpointConnectionError(endpoint_url="x"), Unreachable),
    (botocore.exceptions.ConnectionClosedError(endpoint_url="x"), Unreachable),
    (botocore.exceptions.SSLError(endpoint_url="x", error="y"), Unreachable),
    (botocore.parsers.ResponseParserError("garbage"), Unreachable),
    (botocore.exceptions.NoCredentialsError(), Denied),
    (botocore.exceptions.PartialCredentialsError(provider="x", cred_var="y"), Denied),
    (botocore.exceptions.SSOTokenLoadError(error_msg="x"), Denied),
    (botocore.exceptions.UnauthorizedSSOTokenError(), Denied),
    (botocore.exceptions.CredentialRetrievalError(provider="x", error_msg="y"), Denied),
    (botocore.exceptions.ParamValidationError(report="x"), Refused),
    (botocore.exceptions.NoRegionError(), Refused),
]


class Failing:
    """A client whose every operation raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def get_change(self, **_: str) -> None:
        raise self.error

    def get_paginator(self, _: str) -> None:
        raise self.error


def failing(error: Exception) -> Api:
    api = Api(SESSION)
    api._clients["route53"] = Failing(error)
    return api


def answered(code: str, status: int) -> ClientError:
    error = {"Error": {"Code": code, "Message": "its words"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(error, "GetChange")  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "status", "expected"), ANSWERS)
def test_each_answer_of_aws_becomes_its_own_kind_of_error(
    code: str, status: int, expected: type[OperatingError]
) -> None:
    with pytest.raises(OperatingError) as caught:
        failing(answered(code, status)).call("route53", "get_change", Id="C1")

    assert type(caught.value) is expected
    assert str(caught.value) == f"route53 get_change: {code}: its words"


@pytest.mark.parametrize(("error", "expected"), NO_ANSWER, ids=lambda value: getattr(value, "__name__", None))
def test_no_answer_at_all_becomes_an_operating_error_too(error: Exception, expected: type[OperatingError]) -> None:
    with pytest.raises(OperatingError) as caught:
        failing(error).collect("route53", "list_hosted_zones", "HostedZones")

    assert type(caught.value) is expected
    assert "route53 list_hosted_zones" in str(caught.value)


def test_what_is_not_an_operating_error_is_not_touched() -> None:
    with pytest.raises(ZeroDivisionError):
        failing(ZeroDivisionError()).call("route53", "get_change", Id="C1")


def test_a_call_is_made_once_however_it_fails() -> None:
    config = Api(SESSION)._client("route53").meta.config

    assert config.retries["total_max_attempts"] == 1


def test_all_pages_are_collected() -> None:
    with mock_aws():
        asg = SESSION.client("autoscaling")
        asg.create_launch_configuration(LaunchConfigurationName="x", ImageId="ami-1", InstanceType="t4g.micro")
        for number in range(60):
            asg.create_auto_scaling_group(
                AutoScalingGroupName=f"group-{number}",
                LaunchConfigurationName="x",
                MinSize=0,
                MaxSize=0,
                AvailabilityZones=["us-east-1a"],
            )

        found = Api(SESSION).collect("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")

    assert len(found) == 60


@mock_aws
def test_a_listed_account_and_region_pass() -> None:
    assert guard(Api(SESSION), Guard(accounts=("123456789012",), regions=("us-east-1",)), "us-east-1") == "123456789012"


@mock_aws
def test_any_other_account_or_region_is_refused_and_both_are_told() -> None:
    with pytest.raises(UserError) as caught:
        guard(Api(SESSION), Guard(accounts=("999999999999",), regions=("eu-west-1",)), "us-east-1")

    assert str(caught.value).splitlines() == [
        "guard.accounts: this is account 123456789012; the file lists 999999999999",
        "guard.regions: this is region us-east-1; the file lists eu-west-1",
    ]


def test_without_a_region_nothing_is_asked() -> None:
    with pytest.raises(UserError, match="no region is set"):
        guard(Api(SESSION), Guard(accounts=("123456789012",), regions=("us-east-1",)), "")


def test_a_profile_that_does_not_exist_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")

    with pytest.raises(UserError, match="nobody"):
        open_session()


@pytest.mark.parametrize("address", ["foo", "http://[::1"])
def test_an_address_that_is_none_is_told_and_not_asked(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)

    with pytest.raises(Refused, match="AWS_ENDPOINT_URL"):
        Api(open_session("us-east-1")).call("sts", "get_caller_identity")


@pytest.mark.parametrize("setting", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_settings_that_are_none_are_told_with_their_file(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").write_text("[profile x\nregion=")
    monkeypatch.setenv(setting, str(tmp_path / "broken"))

    with pytest.raises(UserError, match=str(tmp_path / "broken")):
        open_session()
