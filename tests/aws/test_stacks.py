"""The stack that made a group, by the tag that CloudFormation leaves on it."""

from __future__ import annotations

import json

import pytest

from bluegreen.aws.data.same import SameData
from bluegreen.aws.environments.built import built
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.places import Places
from bluegreen.aws.environments.stacks import STACK_TAG
from bluegreen.model import Slot
from tests.aws.conftest import SESSION, CountedApi, Shop, a_plan

SOURCE = "shop-db.abc.us-east-1.rds.amazonaws.com"
BODY = {
    "Parameters": {"Database": {"Type": "String"}},
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
}


def tag(shop: Shop, stack: str) -> None:
    of_group = {"ResourceId": "shop-blue", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
    shop.asg.create_or_update_tags(Tags=[{**of_group, "Key": STACK_TAG, "Value": stack}])


@pytest.fixture
def places(shop: Shop, api: CountedApi) -> Places:
    shop.furnish()
    way = GivenWay(api, a_plan().live, may_remove=True)
    return Places({Slot.BLUE: way, Slot.GREEN: way}, api)


def test_a_stack_tells_what_its_group_was_built_with_and_which_database_it_names(shop: Shop, places: Places) -> None:
    SESSION.client("cloudformation").create_stack(
        StackName="shop",
        TemplateBody=json.dumps(BODY),
        Parameters=[{"ParameterKey": "Database", "ParameterValue": SOURCE}],
    )
    tag(shop, "shop")

    assert built(places.api, places.facts(Slot.BLUE))["parameter Database"] == SOURCE
    assert SameData(places.api, places, SOURCE).look().named[Slot.BLUE] == {"parameter Database": True}


def test_a_group_that_was_retained_when_its_stack_was_deleted_is_looked_at_without_it(
    shop: Shop, places: Places
) -> None:
    tag(shop, "gone-long-ago")

    assert built(places.api, places.facts(Slot.BLUE))["image"] == "ami-11111111"
    assert SameData(places.api, places, SOURCE).look().named[Slot.BLUE] == {}
