"""Elastic Beanstalk as the engine meets it: environments that take their time, and swap their names only when Ready."""

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from tests.cloud.conftest import opened

BLUE, GREEN = Slot.BLUE, Slot.GREEN
NAME = "shop.us-east-1.elasticbeanstalk.com"
PLAN = {
    "live": {"environment": "shop-live"},
    "candidate": {"beanstalk": {"application": "shop", "configuration": "saved", "version": "v2"}},
    "traffic": {"kind": "beanstalk_swap", "cname": NAME},
    "strategy": {"kind": "all_at_once", "hold": "5m"},
}
TAGS = [{"Key": "bluegreen:slot", "Value": "green"}]


@pytest.fixture
def it():
    with opened(plan=PLAN) as cloud:
        cloud.eb = cloud.client("elasticbeanstalk")
        yield cloud


def create(it, name="shop-next", application="shop"):
    return it.eb.create_environment(
        ApplicationName=application, EnvironmentName=name, TemplateName="saved", VersionLabel="v2", Tags=TAGS
    )


def swap(it):
    it.eb.swap_environment_cnames(SourceEnvironmentName="shop-live", DestinationEnvironmentName="shop-next")


def the(it, name):
    found = it.eb.describe_environments(EnvironmentNames=[name], IncludeDeleted=False)["Environments"]
    return found[0] if found else None


def test_an_environment_is_launching_until_its_machines_are_in_service_and_tells_how_far_it_is(it):
    assert create(it)["Status"] == "Launching"
    events = [it.eb.describe_events(EnvironmentName="shop-next", MaxRecords=1)["Events"][0]["Message"]]
    it.wait(minutes=2, seconds=1)
    events.append(it.eb.describe_events(EnvironmentName="shop-next", MaxRecords=1)["Events"][0]["Message"])
    it.wait(minutes=10)
    assert (the(it, "shop-next")["Status"], the(it, "shop-next")["VersionLabel"]) == ("Ready", "v2")
    assert len(set(events)) <= 2 and events[0] == "createEnvironment is starting."


def test_inside_of_it_are_a_group_and_a_balancer_that_can_be_looked_at(it):
    create(it)
    it.wait(minutes=10)
    found = it.eb.describe_environment_resources(EnvironmentName="shop-next")["EnvironmentResources"]
    group, balancer = found["AutoScalingGroups"][0]["Name"], found["LoadBalancers"][0]["Name"]
    (described,) = it.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])[
        "AutoScalingGroups"
    ]
    assert described["DesiredCapacity"] == 2
    assert it.client("elbv2").describe_load_balancers(LoadBalancerArns=[balancer])["LoadBalancers"]


def test_only_what_is_asked_for_is_found(it):
    create(it)
    assert the(it, "shop-next")["EnvironmentName"] == "shop-next"
    assert the(it, "another") is None
    assert len(it.eb.describe_environments()["Environments"]) == 2


def test_a_swap_exchanges_the_names_and_moves_the_users_and_a_second_one_restores(it):
    create(it)
    it.wait(minutes=10)
    for owner, other in (("shop-next", "shop-live"), ("shop-live", "shop-next")):
        swap(it)
        assert the(it, owner)["CNAME"] == NAME != the(it, other)["CNAME"]
        assert the(it, owner)["Status"] == "Updating"
        it.wait(minutes=5)
    assert it.world.dns.answers() == {BLUE: 1, GREEN: 0}


def test_environments_that_are_not_ready_do_not_swap(it):
    create(it)
    with pytest.raises(ClientError, match="Must be Ready"):
        swap(it)
    it.wait(minutes=10)
    swap(it)
    with pytest.raises(ClientError, match="Must be Ready"):
        swap(it)


def test_source_and_destination_are_given_in_the_same_way(it):
    create(it)
    it.wait(minutes=10)
    with pytest.raises(ClientError, match="both by id, or both by name"):
        it.eb.swap_environment_cnames(SourceEnvironmentId="e-blue", DestinationEnvironmentName="shop-next")
    with pytest.raises(ClientError, match="Exactly one"):
        it.eb.swap_environment_cnames(DestinationEnvironmentName="shop-next")
    it.eb.swap_environment_cnames(SourceEnvironmentId="e-blue", DestinationEnvironmentId="e-green")
    assert the(it, "shop-next")["CNAME"] == NAME


def test_a_terminated_environment_takes_its_time_and_leaves_nothing(it):
    create(it)
    it.wait(minutes=10)
    assert it.eb.terminate_environment(EnvironmentName="shop-next")["Status"] == "Terminating"
    with pytest.raises(ClientError, match="invalid state"):
        it.eb.terminate_environment(EnvironmentName="shop-next")
    it.wait(minutes=10)
    assert the(it, "shop-next") is None
    assert not it.world.places[GREEN].fleet.exists and not it.world.places[GREEN].balancer.exists


def test_what_is_not_there_is_refused(it):
    for call, asked in [
        ("terminate_environment", {}),
        ("describe_environment_resources", {}),
        ("describe_events", {"MaxRecords": 1}),
    ]:
        with pytest.raises(ClientError, match="No Environment found"):
            getattr(it.eb, call)(EnvironmentName="shop-next", **asked)
    with pytest.raises(ClientError, match="No Application named"):
        create(it, application="another")


def test_a_name_that_is_taken_is_refused(it):
    create(it)
    with pytest.raises(ClientError, match="already exists"):
        create(it)


def test_tags_are_told_as_they_were_given(it):
    arn = create(it)["EnvironmentArn"]
    assert it.eb.list_tags_for_resource(ResourceArn=arn)["ResourceTags"] == TAGS


def test_the_application_has_the_saved_configuration_and_the_version_that_the_plan_names(it):
    (found,) = it.eb.describe_applications(ApplicationNames=["shop"])["Applications"]
    assert (found["ConfigurationTemplates"], found["Versions"]) == (["saved"], ["v2"])
    assert it.eb.describe_applications(ApplicationNames=["another"])["Applications"] == []
