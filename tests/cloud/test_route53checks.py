"""Route 53 health checks over the API: settings as AWS has them, findings of the world's checkers."""

import pytest

from bluegreen.model import Slot
from sim.cloud import NotModelled
from sim.worldspec import WorldSpec
from tests.cloud.conftest import opened
from tests.cloud.test_route53 import records, refused, submit

BLUE, GREEN = Slot.BLUE, Slot.GREEN


class Checks:
    """The API, in few words."""

    def __init__(self, it):
        self.it, self.client = it, it.client("route53")
        self.name = records(it)[0]["AliasTarget"]["DNSName"]

    def create(self, reference="first", **changed):
        config = {"Type": "HTTP", "FullyQualifiedDomainName": self.name, **changed}
        config = {key: value for key, value in config.items() if value is not None}
        return self.client.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]

    def without_endpoint(self, kind, reference="second", **config):
        config = {"Type": kind, **config}
        return self.client.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]

    def findings(self, made):
        found = self.client.get_health_check_status(HealthCheckId=made["Id"])["HealthCheckObservations"]
        return [each["StatusReport"]["Status"].partition(":")[0] for each in found]


@pytest.fixture
def checks(rehearsal):
    return Checks(rehearsal)


def break_blue(it):
    """Nothing of the live slot answers any more."""
    it.world.settle()
    it.world.dns._serving = lambda slot: slot is not BLUE


def test_a_check_has_awss_defaults_and_is_listed_and_read(checks):
    made = checks.create()
    config = made["HealthCheckConfig"]
    assert (config["RequestInterval"], config["FailureThreshold"], config["Port"]) == (30, 3, 80)
    assert (config["Inverted"], config["Disabled"], made["HealthCheckVersion"]) == (False, False, 1)
    assert checks.client.get_health_check(HealthCheckId=made["Id"])["HealthCheck"] == made
    assert checks.client.list_health_checks()["HealthChecks"] == [made]


def test_the_same_request_twice_makes_one_check_and_another_one_is_refused(checks):
    assert checks.create() == checks.create()
    refused("HealthCheckAlreadyExists", checks.create, RequestInterval=10)
    assert checks.create("other") != checks.create()


def test_a_deleted_check_is_gone_and_its_reference_used_up(checks):
    made = checks.create()
    checks.client.delete_health_check(HealthCheckId=made["Id"])
    assert checks.client.list_health_checks()["HealthChecks"] == []
    assert made["Id"] not in checks.it.world.dns.checks
    refused("NoSuchHealthCheck", checks.client.get_health_check, HealthCheckId=made["Id"])
    refused("NoSuchHealthCheck", checks.client.delete_health_check, HealthCheckId=made["Id"])
    refused("HealthCheckAlreadyExists", checks.create)


@pytest.mark.parametrize("wrong", [{"RequestInterval": 20}, {"FailureThreshold": 11}])
def test_settings_that_botocore_lets_through_are_refused(checks, wrong):
    refused("InvalidInput", checks.create, **wrong)


def test_two_hundred_checks_and_not_one_more():
    with opened(route53_quotas={"burst": 1000, "refill": 1000}) as it:
        checks = Checks(it)
        for number in range(200):
            if number % 40 == 39:
                it.wait(seconds=100)  # the action's own bucket: 50, and one every two seconds
            checks.create(str(number))
        it.wait(seconds=100)
        refused("TooManyHealthChecks", checks.create, "one more")
        pages = checks.client.get_paginator("list_health_checks").paginate(PaginationConfig={"PageSize": 70})
        assert [len(page["HealthChecks"]) for page in pages] == [70, 70, 60]


def test_checkers_find_out_when_the_endpoint_stops_answering(rehearsal, checks):
    made = checks.create()
    assert len(checks.findings(made)) < 16  # those who have not asked yet say nothing
    rehearsal.wait(seconds=30)
    assert checks.findings(made) == ["Success"] * 16
    break_blue(rehearsal)
    rehearsal.wait(seconds=75)
    assert {"Success", "Failure"} == set(checks.findings(made))
    rehearsal.wait(seconds=20)
    assert checks.findings(made) == ["Failure"] * 16


def test_regions_say_how_many_checkers_there_are(rehearsal, checks):
    made = checks.create(Regions=["us-east-1", "eu-west-1", "sa-east-1"])
    rehearsal.wait(seconds=30)
    assert len(checks.findings(made)) == 6


def test_a_record_with_a_failed_check_is_answered_no_more(rehearsal, checks):
    """Though its balancer is well: both must be healthy."""
    subnets = [subnet["SubnetId"] for subnet in rehearsal.client("ec2").describe_subnets()["Subnets"]][:2]
    rehearsal.client("elbv2").create_load_balancer(Name="shop-green", Subnets=subnets)
    rehearsal.world.dns.change({BLUE: 100, GREEN: 0}, by="operator")
    rehearsal.world.dns._healthy = lambda slot: True
    blue, green = records(rehearsal)
    made = checks.create()
    submit(rehearsal, ("UPSERT", {**blue, "HealthCheckId": made["Id"]}), ("UPSERT", green))
    rehearsal.wait(minutes=5)
    assert records(rehearsal)[0]["HealthCheckId"] == made["Id"]
    assert rehearsal.world.dns.answers() == {BLUE: 1.0, GREEN: 0.0}
    break_blue(rehearsal)
    rehearsal.wait(minutes=3)
    assert rehearsal.world.dns.answers() == {BLUE: 0.0, GREEN: 1.0}


def test_a_record_cannot_name_a_check_that_is_not_there(rehearsal):
    (blue,) = records(rehearsal)
    refused("NoSuchHealthCheck", submit, rehearsal, ("UPSERT", {**blue, "HealthCheckId": "none"}))
    assert rehearsal.world.dns.checked == {}


def test_a_record_loses_its_check_when_it_is_written_without_it(rehearsal, checks):
    (blue,) = records(rehearsal)
    submit(rehearsal, ("UPSERT", {**blue, "HealthCheckId": checks.create()["Id"]}))
    submit(rehearsal, ("UPSERT", blue))
    assert rehearsal.world.dns.checked == {}


def test_a_calculated_check_counts_its_children(rehearsal, checks):
    child = checks.create()["Id"]
    threshold = {
        n: checks.without_endpoint("CALCULATED", str(n), ChildHealthChecks=[child], HealthThreshold=n)
        for n in (0, 1, 2)
    }
    healthy = {n: rehearsal.world.dns.checks[made["Id"]].healthy for n, made in threshold.items()}
    assert healthy == {0: True, 1: True, 2: False}


def test_calculated_checks_do_not_nest_and_need_children_that_exist(checks):
    outer = checks.without_endpoint("CALCULATED", ChildHealthChecks=[], HealthThreshold=0)["Id"]
    nested = {"ChildHealthChecks": [outer], "HealthThreshold": 1}
    refused("InvalidInput", checks.without_endpoint, "CALCULATED", "third", **nested)
    refused(
        "NoSuchHealthCheck",
        checks.without_endpoint,
        "CALCULATED",
        "third",
        ChildHealthChecks=["none"],
        HealthThreshold=1,
    )


def test_a_check_on_an_alarm_starts_without_data_and_follows_it():
    with opened(alarms=[{"name": "bad", "slot": "blue", "measure": "error_rate", "threshold": 0.05}]) as it:
        checks = Checks(it)
        made = {
            status: checks.without_endpoint(
                "CLOUDWATCH_METRIC",
                status,
                AlarmIdentifier={"Region": "us-east-1", "Name": "bad"},
                InsufficientDataHealthStatus=status,
            )["Id"]
            for status in ("Healthy", "Unhealthy", "LastKnownStatus")
        }
        healthy = {status: it.world.dns.checks[check].healthy for status, check in made.items()}
        assert healthy == {"Healthy": True, "Unhealthy": False, "LastKnownStatus": True}
        it.wait(minutes=5)
        assert it.world.metrics.alarm_state("bad") == "OK"
        assert all(it.world.dns.checks[check].healthy for check in made.values())


def test_alarms_that_route_53_cannot_follow_are_refused():
    m_of_n = {
        "name": "m of n",
        "slot": "blue",
        "measure": "error_rate",
        "threshold": 0.05,
        "periods": 3,
        "datapoints": 2,
    }
    with opened(alarms=[m_of_n]) as it:
        checks = Checks(it)
        for name in ("m of n", "none"):
            identifier = {"Region": "us-east-1", "Name": name}
            refused("InvalidInput", checks.without_endpoint, "CLOUDWATCH_METRIC", AlarmIdentifier=identifier)


@pytest.mark.parametrize(
    "config",
    [
        {"FullyQualifiedDomainName": "www.example.org"},
        {"IPAddress": "192.0.2.1"},
        {"Type": "HTTP_STR_MATCH", "SearchString": "ok"},
        {"Type": "RECOVERY_CONTROL", "FullyQualifiedDomainName": None},
    ],
)
def test_what_the_world_has_no_checkers_for_fails_loudly(checks, config):
    with pytest.raises(NotModelled):
        checks.create(**config)


def test_a_check_cannot_be_changed_yet_and_says_so(checks):
    with pytest.raises(NotModelled, match="UpdateHealthCheck"):
        checks.client.update_health_check(HealthCheckId=checks.create()["Id"], Inverted=True)


def test_the_live_slots_record_has_a_check_before_the_rollout_when_the_world_says_so():
    with opened(world=WorldSpec.model_validate({"dns": {"health_check": {"interval": "10s"}}})) as it:
        (blue,) = records(it)
        (made,) = it.client("route53").list_health_checks()["HealthChecks"]
        assert blue["HealthCheckId"] == made["Id"]
        assert made["HealthCheckConfig"]["RequestInterval"] == 10
        submit(it, ("UPSERT", {**blue, "Weight": 7}))
        assert it.world.dns.checked == {BLUE: made["Id"]}


def test_asking_too_often_for_a_status_is_throttled(checks):
    made = checks.create()
    for _ in range(4):
        checks.findings(made)
    assert refused("Throttling", checks.findings, made) == "Rate exceeded"
