"""What CloudFormation would create, asked before anything is made."""

from datetime import timedelta

import pytest

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.stack_preview import preview
from bluegreen.errors import Refused, Unreachable
from bluegreen.model import Slot
from bluegreen.plan import Template
from tests.aws.conftest import CountedApi

STAMP = Stamp("shop", "shop-1", Slot.GREEN)
TEMPLATE = """
Parameters: {Name: {Type: String}}
Resources:
  Topic: {Type: 'AWS::SNS::Topic', Properties: {TopicName: !Ref Name}}
  Bucket: {Type: 'AWS::S3::Bucket'}
"""


class Scripted(CountedApi):
    """CloudFormation as it answers where moto is too kind."""

    def __init__(self, *answers):
        super().__init__()
        self.answers = list(answers)

    def call(self, service, operation, **params):
        answer = super().call(service, operation, **params)
        if operation == "describe_change_set" and self.answers:
            return self.answers.pop(0)
        return answer


@pytest.fixture
def template(tmp_path):
    file = tmp_path / "green.yaml"
    file.write_text(TEMPLATE)
    return Template(file=file, parameters={"Name": "news"})


def stacks(shop_api):
    found = shop_api.call("cloudformation", "list_stacks")["StackSummaries"]
    return [each["StackName"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"]


def no_wait(length):
    assert length > timedelta(0)


def test_every_resource_is_told_and_nothing_is_left_behind(shop, template):
    api = CountedApi()
    found = preview(api, template, STAMP, no_wait)
    assert [str(change) for change in found] == ["add Bucket (AWS::S3::Bucket)", "add Topic (AWS::SNS::Topic)"]
    assert stacks(api) == []


def test_it_waits_until_the_change_set_is_ready(shop, template):
    waits = []
    api = Scripted({"Status": "CREATE_PENDING"}, {"Status": "CREATE_IN_PROGRESS"})
    assert len(preview(api, template, STAMP, waits.append)) == 2
    assert len(waits) == 2


def test_a_template_that_cannot_be_worked_out_is_refused_with_the_reason_and_nothing_is_left(shop, template):
    api = Scripted({"Status": "FAILED", "StatusReason": "Unresolved resource dependencies [Vpc]"})
    with pytest.raises(Refused, match=r"Unresolved resource dependencies \[Vpc\]"):
        preview(api, template, STAMP, no_wait)
    assert stacks(api) == []


def test_one_that_never_gets_ready_is_given_up(shop, template):
    api = Scripted(*[{"Status": "CREATE_PENDING"}] * 100)
    with pytest.raises(Unreachable, match="no change set"):
        preview(api, template, STAMP, no_wait)
    assert stacks(api) == []


def test_a_stack_that_is_there_is_left_alone(shop, template):
    api = CountedApi()
    api.call("cloudformation", "create_stack", StackName=STAMP.name, TemplateBody='{"Resources": {}}')
    with pytest.raises(Refused, match="is there already"):
        preview(api, template, STAMP, no_wait)
    assert stacks(api) == [STAMP.name]
