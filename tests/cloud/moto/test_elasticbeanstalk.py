"""Elastic Beanstalk, of which moto has applications and environments in name."""

import pytest


@pytest.fixture
def beanstalk(moto):
    client = moto("elasticbeanstalk")
    client.create_application(ApplicationName="shop")
    return client


def environment(beanstalk, name="shop-live"):
    return beanstalk.create_environment(
        ApplicationName="shop", EnvironmentName=name, SolutionStackName="64bit Amazon Linux 2 v3 running Python 3.11"
    )


def test_an_environment_is_ready_at_once_without_a_name_for_users_or_anything_in_it(beanstalk):
    environment(beanstalk)
    (found,) = beanstalk.describe_environments()["Environments"]
    assert (found["Status"], found.get("CNAME", "")) == ("Ready", "")
    with pytest.raises(NotImplementedError):
        beanstalk.describe_environment_resources(EnvironmentName="shop-live")
    with pytest.raises(NotImplementedError):
        beanstalk.describe_events(EnvironmentName="shop-live")


def test_environments_are_found_whatever_name_is_asked_for(beanstalk):
    environment(beanstalk)
    assert beanstalk.describe_environments(EnvironmentNames=["another"])["Environments"]


def test_environments_can_neither_swap_their_names_nor_be_terminated(beanstalk):
    for name in ("shop-live", "shop-next"):
        environment(beanstalk, name)
    with pytest.raises(NotImplementedError):
        beanstalk.swap_environment_cnames(SourceEnvironmentName="shop-live", DestinationEnvironmentName="shop-next")
    with pytest.raises(NotImplementedError):
        beanstalk.terminate_environment(EnvironmentName="shop-live")
