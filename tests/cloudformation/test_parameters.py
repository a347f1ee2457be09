"""Parameters: their values, and what CloudFormation refuses."""

import pytest

from sim.cloud.formation.parameters import NoSuchThing, check_things, values
from sim.errors import AwsError


def given(**stated):
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in stated.items()]


def value_of(declared, stated=None, notes=None):
    stated = given() if stated is None else given(P=stated)
    return values({"P": declared}, stated, (notes if notes is not None else []).append)["P"]


def refusal(declared, stated):
    with pytest.raises(AwsError) as caught:
        value_of(declared, stated)
    assert caught.value.code == "ValidationError"
    return caught.value.message


def test_parameters_that_the_template_does_not_have_are_refused_before_those_that_are_missing():
    with pytest.raises(AwsError, match=r"Parameters: \[X, Y\] do not exist in the template"):
        values({"P": {"Type": "String"}}, given(X="1", Y="2"), [].append)


def test_parameters_without_value_and_default_are_refused_all_at_once():
    with pytest.raises(AwsError, match=r"Parameters: \[P, Q\] must have values"):
        values({"P": {"Type": "String"}, "Q": {"Type": "Number"}}, [], [].append)


@pytest.mark.parametrize(
    ("declared", "stated", "words"),
    [
        ({"Type": "String", "AllowedValues": ["a", 1, True]}, "b", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "ab1", "Parameter 'P' must match pattern [a-z]+"),
        ({"Type": "String", "MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"),
        ({"Type": "String", "MaxLength": "2"}, "abc", "Parameter 'P' must contain at most 2 characters"),
        ({"Type": "Number"}, "many", "Parameter 'P' must be a number"),
        ({"Type": "Number", "MinValue": 3}, "2", "Parameter 'P' must be a number not less than 3"),
        ({"Type": "Number", "MaxValue": "3"}, "4", "Parameter 'P' must be a number not greater than 3"),
        ({"Type": "List<Number>", "MaxValue": 3}, "1,4", "Parameter 'P' must be a number not greater than 3"),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a"]}, "a,b", "Parameter 'P' must be one of AllowedValues"),
        ({"Type": "Text"}, "a", "Template format error: Unrecognized parameter type: Text"),
    ],
)
def test_a_value_that_breaks_a_constraint_is_refused_with_the_words_of_aws(declared, stated, words):
    assert refusal(declared, stated) == words


def test_a_constraint_description_takes_the_place_of_the_reason():
    declared = {"Type": "String", "AllowedPattern": "[a-z]+", "ConstraintDescription": "must be small letters."}
    assert refusal(declared, "A") == "Parameter P failed to satisfy constraint: must be small letters."


@pytest.mark.parametrize(
    ("declared", "stated", "value"),
    [
        ({"Type": "String", "Default": 5}, None, "5"),
        ({"Type": "String", "Default": True}, None, "true"),
        ({"Type": "Number", "Default": 1}, "2", "2"),
        ({"Type": "CommaDelimitedList"}, "a, b", ["a", "b"]),
        ({"Type": "List<AWS::EC2::Subnet::Id>"}, "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        ({"Type": "CommaDelimitedList", "Default": ""}, None, []),
        ({"Type": "String", "AllowedValues": [1, 2]}, "1", "1"),
    ],
)
def test_a_value_comes_as_ref_gives_it(declared, stated, value):
    assert value_of(declared, stated) == value


def test_a_public_ssm_parameter_gets_a_stand_in_image_and_a_note():
    notes = []
    declared = {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": "/aws/service/x"}
    assert value_of(declared, notes=notes).startswith("ami-")
    assert value_of(declared) == value_of(declared)
    assert "/aws/service/x" in notes[0]


def test_a_pattern_of_another_kind_of_regular_expressions_is_not_checked_and_noted():
    notes = []
    assert value_of({"Type": "String", "AllowedPattern": r"\p{Alpha}++"}, "1", notes) == "1"
    assert "not checked" in notes[0]


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("AWS::EC2::VPC::Id", "vpc-0a1b2c3d", "subnet-0a1b2c3d"),
        ("List<AWS::EC2::Subnet::Id>", "subnet-1,subnet-2", "subnet-1,vpc-2"),
        ("AWS::EC2::KeyPair::KeyName", "ops", ""),
        ("AWS::EC2::AvailabilityZone::Name", "us-gov-west-1a", "us-east-1"),
    ],
)
def test_a_name_that_cannot_be_of_its_kind_does_not_exist(kind, good, bad):
    section = {"P": {"Type": kind}}
    check_things(section, values(section, given(P=good), [].append))
    with pytest.raises(NoSuchThing, match="for parameter name P does not exist"):
        check_things(section, values(section, given(P=bad), [].append))
