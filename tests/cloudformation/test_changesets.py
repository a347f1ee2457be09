"""What a template would create, asked of the rehearsal's CloudFormation before anything is made."""

from datetime import timedelta

import pytest

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.stack_preview import preview
from bluegreen.aws.wiring import would_create
from bluegreen.errors import Missing, OperatingError, Refused
from bluegreen.model import Presence, Slot
from sim.api import ApiTrouble
from sim.errors import NotModelled
from tests.cloudformation.conftest import create
from tests.cloudformation.templates import CERTIFICATE, GIVEN

ASKED = {"ChangeSetName": "preview", "ChangeSetType": "CREATE"}


def asked(it):
    """The preview, as `plan --account` asks for it, with the world's clock."""
    return would_create(it.cloud.session, it.plan, "preview", it.world.clock.sleep)


def stacks(it):
    return [each["StackName"] for each in it.api.call("cloudformation", "describe_stacks")["Stacks"]]


def begin(it, name="roll", **more):
    file = it.plan.candidate.template.file.read_text()
    given = [{"ParameterKey": key, "ParameterValue": _text(value)} for key, value in GIVEN.items()]
    said = {"StackName": name, "TemplateBody": file, "Parameters": given, **ASKED, **more}
    return it.api.call("cloudformation", "create_change_set", **said)


def _text(value):
    return value if isinstance(value, str) else ",".join(value)


def test_a_preview_names_what_the_stack_then_makes_and_leaves_nothing_behind(stack):
    with stack() as it:
        began = it.world.clock.now()
        told = asked(it)
        assert timedelta(0) < it.world.clock.now() - began < timedelta(minutes=1)
        it.wait(minutes=1)
        assert it.world.effects == [] and stacks(it) == []
        create(it)
        made = it.api.call("cloudformation", "describe_stack_resources", StackName=it.name)["StackResources"]
        assert told == tuple(sorted(f"add {r['LogicalResourceId']} ({r['ResourceType']})" for r in made))
        assert "add Group (AWS::AutoScaling::AutoScalingGroup)" in told


def test_after_a_preview_the_rollout_makes_its_stack_as_if_nobody_had_asked(stack):
    with stack() as it:
        preview(it.api, it.plan.candidate.template, Stamp("shop", "roll-1", Slot.GREEN), it.world.clock.sleep)
        it.wait(minutes=1)
        assert create(it).presence is Presence.READY


def test_a_parameter_that_names_nothing_is_told_by_the_preview(stack):
    wrong = {**GIVEN, "Vpc": "subnet-0a1b2c3d"}
    with stack(parameters=wrong) as it, pytest.raises(Refused, match="parameter value subnet-0a1b2c3d for parameter"):
        asked(it)
    with stack(parameters=wrong) as it:
        with pytest.raises(Refused):
            asked(it)
        it.wait(minutes=1)
        assert stacks(it) == []


def test_a_template_that_is_refused_at_once_leaves_not_even_an_empty_stack(stack):
    with stack("Resources: {A: {Type: 'AWS::SNS::Topic', DependsOn: B}}", {}) as it:
        with pytest.raises(Refused, match="Unresolved resource dependencies"):
            asked(it)
        assert stacks(it) == []


@pytest.mark.parametrize("trouble", ["throttle", "timeout", "lost reply"])
@pytest.mark.parametrize("call", ["CreateChangeSet", "DescribeChangeSet", "DeleteChangeSet", "DeleteStack"])
def test_a_preview_that_is_interrupted_can_be_asked_for_again(stack, call, trouble):
    with stack() as it:
        it.world.api.troubles.append(ApiTrouble(trouble, (f"cloudformation:{call}",)))
        with pytest.raises(OperatingError):
            asked(it)
        it.world.api.troubles.clear()
        it.wait(minutes=1)
        assert len(asked(it)) == 7
        it.wait(minutes=1)
        assert it.world.effects == [] and stacks(it) == []


def test_the_empty_stack_holds_its_name_until_it_is_deleted(stack):
    with stack() as it:
        begin(it)
        (found,) = it.api.call("cloudformation", "describe_stacks", StackName="roll")["Stacks"]
        assert found["StackStatus"] == "REVIEW_IN_PROGRESS"
        with pytest.raises(Refused, match="already exists"):
            begin(it)
        begin(it, ChangeSetName="another")
        it.api.call("cloudformation", "delete_stack", StackName="roll")
        it.wait(minutes=1)
        begin(it)


def test_over_a_stack_that_stands_no_change_set_creates_it_again(stack):
    with stack() as it:
        create(it)
        with pytest.raises(Refused, match="already exists and cannot be created again with the changeSet"):
            begin(it, it.name)


def test_many_changes_come_in_pages(stack):
    topics = "\n".join(f"  Topic{number}: {{Type: 'AWS::SNS::Topic'}}" for number in range(230))
    with stack(f"Resources:\n{topics}", {}) as it:
        assert len(asked(it)) == 230


def test_a_resource_whose_condition_does_not_hold_is_not_among_them(stack):
    body = "Conditions: {Never: !Equals [a, b]}\nResources:\n  A: {Type: 'AWS::SNS::Topic'}\n"
    with stack(body + "  B: {Type: 'AWS::SNS::Topic', Condition: Never}", {}) as it:
        assert asked(it) == ("add A (AWS::SNS::Topic)",)


def test_what_is_not_there_is_not_found_and_other_types_are_not_modelled(stack):
    with stack(parameters={**GIVEN, "Certificate": CERTIFICATE}) as it:
        begin(it)
        with pytest.raises(Missing):
            it.api.call("cloudformation", "describe_change_set", StackName="roll", ChangeSetName="none")
        with pytest.raises(NotModelled, match="create a stack"):
            begin(it, ChangeSetType="UPDATE")
