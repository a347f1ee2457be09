"""What is told about a template before anything is made."""

import json

import pytest

from bluegreen.aws.environments.stack_preflight import LARGEST
from bluegreen.errors import Refused
from tests.cloudformation.templates import APPLICATION, CLASSIC, GIVEN


def problems(stack, *args, **kwargs):
    with stack(*args, **kwargs) as it:
        return it.way.problems()


def test_a_good_template_with_good_parameters_has_no_problems(stack):
    assert problems(stack) == ()


def test_all_problems_of_the_parameters_are_told_at_once(stack):
    found = problems(stack, parameters={"Vpc": "vpc-1", "Vcp": "x", "Size": "huge"})
    assert [problem.partition(":")[0] for problem in found] == [
        "candidate.template.parameters.Vcp",
        "candidate.template.parameters.Subnets",
        "candidate.template.parameters.Size",
    ]
    assert "where it runs" in found[1] and "small, large" in found[2]


@pytest.mark.parametrize("body", ["", "a: [", "Resources: {}", "Resources: {A: {Type: 'AWS::EC2::Nothing'}}"])
def test_text_that_is_no_template_is_told_in_the_words_of_aws(stack, body):
    (problem,) = problems(stack, body, {})
    assert problem.startswith("candidate.template.file: green.template: ")


def test_a_template_without_group_and_balancer_is_told(stack):
    found = problems(stack, "Resources: {Topic: {Type: 'AWS::SNS::Topic'}}", {})
    assert "has no Auto Scaling group" in found[0] and "has no balancer" in found[1]


@pytest.mark.parametrize("kind", ["AWS::CloudFormation::Stack", "My::Own::Thing::MODULE"])
def test_a_template_whose_parts_cannot_be_seen_is_not_judged_by_them(stack, kind):
    body = {"Resources": {"Inner": {"Type": kind, "Properties": {"TemplateURL": "https://example.com/x"}}}}
    assert problems(stack, json.dumps(body), {}) == ()


def test_a_template_too_large_for_a_request_is_told_with_its_size(stack):
    (problem,) = problems(stack, CLASSIC + "#" * LARGEST, {})
    assert str(LARGEST) in problem


def test_a_macro_that_nobody_has_here_is_told(stack):
    (problem,) = problems(stack, f"Transform: MyMacro\n{CLASSIC}", {})
    assert "No transform named 123456789012::MyMacro found." in problem


def test_a_file_that_is_gone_or_no_text_is_told(stack):
    with stack() as it:
        file = it.plan.candidate.template.file
        file.write_bytes(b"\xff\xfe\x00")
        assert "is not UTF-8 text" in it.way.problems()[0]
        file.unlink()
        assert "cannot be read" in it.way.problems()[0]


def test_a_role_with_a_name_needs_the_operators_consent(stack):
    role = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "AssumeRolePolicyDocument": {}}}
    body = json.dumps({"Resources": {"Role": role}})
    with stack() as it, pytest.raises(Refused, match=r"Requires capabilities : \[CAPABILITY_NAMED_IAM\]"):
        it.api.call("cloudformation", "create_stack", StackName="s", TemplateBody=body)


def test_preflight_makes_nothing(stack):
    with stack(APPLICATION, GIVEN) as it:
        it.way.problems()
        assert it.api.call("cloudformation", "describe_stacks")["Stacks"] == []
        assert it.world.effects == []
