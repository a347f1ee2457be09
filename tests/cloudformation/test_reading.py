"""Templates as text: JSON, YAML, short forms, and what is no template."""

import json

import pytest

from sim.cloud.formation.reading import read
from sim.cloud.formation.template import parse
from sim.errors import AwsError

REGION = "us-east-1"
TOPIC = {"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}


def refusal(body):
    with pytest.raises(AwsError) as caught:
        parse(body if isinstance(body, str) else json.dumps(body), REGION)
    assert caught.value.code == "ValidationError"
    return caught.value.message


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Sub 'x${A}'", {"Fn::Sub": "x${A}"}),
        ("!Join ['', [!Ref A, b]]", {"Fn::Join": ["", [{"Ref": "A"}, "b"]]}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Equals [1, 1]", {"Fn::Equals": [1, 1]}),
        ("!Transform {Name: X}", {"Fn::Transform": {"Name": "X"}}),
    ],
)
def test_a_short_form_reads_like_its_long_form(short, long):
    assert read(f"Value: {short}") == {"Value": long}


def test_dates_stay_text_and_json_reads_like_yaml():
    assert read("AWSTemplateFormatVersion: 2010-09-09") == read('{"AWSTemplateFormatVersion": "2010-09-09"}')


@pytest.mark.parametrize("body", ["a: [", "a: !Ref {", "{", "a: &x [*x]", "? [a]\n: b", "a: 'x\n\tb", "\0"])
def test_text_that_is_not_well_formed_is_refused_with_the_words_of_aws(body):
    assert "not well-formed" in refusal(body)


@pytest.mark.parametrize("body", ["", "just words", "- a list", "[]", "42"])
def test_text_that_is_no_mapping_is_refused(body):
    assert refusal(body) == "Template format error: unsupported structure."


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ({}, "At least one Resources member must be defined."),
        ({"Resources": {}}, "At least one Resources member must be defined."),
        ({"Resources": None}, "At least one Resources member must be defined."),
        ({"Resources": []}, "At least one Resources member must be defined."),
        ({"Resources": ["a"]}, "Resources must be an object"),
        ({**TOPIC, "Ressources": {}}, "Invalid template property or properties [Ressources]"),
        ({**TOPIC, "AWSTemplateFormatVersion": "2011"}, "2011 is not a supported value for AWSTemplateFormatVersion."),
        ({"Resources": {"A": {}}}, "[/Resources/A] Every Resources object must contain a Type member."),
        ({"Resources": {"A": "b"}}, "[/Resources/A] Every Resources object must contain a Type member."),
        ({"Resources": {"A-B": {"Type": "AWS::SNS::Topic"}}}, "Resource name A-B is non alphanumeric."),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topik"}}}, "Unrecognized resource types: [AWS::SNS::Topik]"),
        ({"Resources": {"A": {"Type": "Topic"}}}, "Unrecognized resource types: [Topic]"),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": [1]}}}, "resource definition is malformed"),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topic", "DependsOn": [{}]}}}, "must be a string or list of strings"),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topic", "Condition": []}}}, "Condition member must be a string"),
        ({"Resources": {"A": {"Type": "AWS::SNS::Topic", "CreationPolicy": 1}}}, "resource definition is malformed"),
        ({**TOPIC, "Parameters": {"P": {}}}, "Every Parameters object must contain a Type member."),
        (
            {**TOPIC, "Parameters": {"P": {"Type": "String", "AllowedValues": "a"}}},
            "must be a list",
        ),
        ({**TOPIC, "Outputs": {"O": {}}}, "The Value field is required"),
    ],
)
def test_a_template_of_the_wrong_shape_is_refused_with_the_words_of_aws(template, words):
    assert words in refusal(template)


def test_a_loop_is_refused_with_the_remedy():
    loop = {"Fn::ForEach::Topics": ["Name", ["a", "b"], {"Topic${Name}": {"Type": "AWS::SNS::Topic"}}]}
    assert "as it looks expanded" in refusal({"Transform": "AWS::LanguageExtensions", "Resources": loop})


def test_types_that_an_account_may_have_registered_itself_are_taken():
    parse(json.dumps({"Resources": {"A": {"Type": "Custom::Thing"}, "B": {"Type": "My::Own::Type"}}}), REGION)
