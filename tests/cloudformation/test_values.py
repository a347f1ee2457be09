"""Intrinsic functions."""

import pytest

from sim.cloud.formation.nodes import NO_VALUE, Open
from sim.cloud.formation.reading import read
from sim.cloud.formation.template import parse
from sim.cloud.formation.values import Values
from sim.errors import AwsError

TEMPLATE = """
Mappings: {Map: {a: {b: found, l: [x, y]}}}
Conditions:
  Right: !Equals [!Ref Name, shop]
  Wrong: !Not [!Condition Right]
  Both: !And [!Condition Right, !Not [!Equals [true, 'false']]]
  Any: !Or [!Condition Wrong, !Condition Right]
  Loop: !Not [!Condition Loop]
Resources:
  Topic: {Type: 'AWS::SNS::Topic'}
  Left: {Type: 'AWS::SNS::Topic', Condition: Wrong}
"""
PSEUDO = {"AWS::Region": "us-east-1", "AWS::StackName": "s", "AWS::NoValue": NO_VALUE}


def values(notes=None):
    return Values(
        parse(TEMPLATE, "us-east-1"),
        {"Name": "shop", "List": ["p", "q"]},
        PSEUDO,
        {"us-east-1": ("us-east-1a", "us-east-1b")},
        lambda logical: f"id-of-{logical}",
        lambda logical, name: f"{name}-of-{logical}",
        (notes if notes is not None else []).append,
    )


def of(text, notes=None):
    return values(notes).of(read(f"V: {text}")["V"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!Ref Name", "shop"),
        ("!Ref List", ["p", "q"]),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref Topic", "id-of-Topic"),
        ("!GetAtt Topic.TopicArn", "TopicArn-of-Topic"),
        ("!Sub '${Name}-${Topic}-${Topic.TopicName}-${!Kept}'", "shop-id-of-Topic-TopicName-of-Topic-${Kept}"),
        ("!Sub ['${Own}/${Name}', {Own: !Select [1, !Ref List]}]", "q/shop"),
        ("!Join ['-', [a, !Ref Name, 1, true]]", "a-shop-1-true"),
        ("!Join [',', !Ref List]", "p,q"),
        ("!Split ['-', a-b]", ["a", "b"]),
        ("!Select ['1', [a, b]]", "b"),
        ("!FindInMap [Map, a, b]", "found"),
        ("!FindInMap [Map, a, l]", ["x", "y"]),
        ("!FindInMap [Map, z, b, {DefaultValue: d}]", "d"),
        ("!If [Right, a, b]", "a"),
        ("!If [Wrong, a, !If [Both, b, c]]", "b"),
        ("!If [Any, a, b]", "a"),
        ("[a, !If [Wrong, b, !Ref 'AWS::NoValue']]", ["a"]),
        ("{k: !Ref 'AWS::NoValue', l: 1}", {"l": 1}),
        ("!Base64 hi", "aGk="),
        ("!GetAZs ''", ["us-east-1a", "us-east-1b"]),
        ("!GetAZs eu-west-1", ["eu-west-1a", "eu-west-1b", "eu-west-1c"]),
        ("!Cidr [10.0.0.0/16, 2, 8]", ["10.0.0.0/24", "10.0.1.0/24"]),
        ("{Fn::Length: [1, 2]}", 2),
        ("{Fn::ToJsonString: {a: !Ref Name}}", '{"a":"shop"}'),
        ("{Condition: {StringEquals: {a: b}}}", {"Condition": {"StringEquals": {"a": "b"}}}),
    ],
)
def test_a_function_gives_what_cloudformation_gives(text, value):
    assert of(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!Ref Nothing", "Unresolved resource dependencies [Nothing]"),
        ("!Ref Left", "Unresolved resource dependencies [Left]"),
        ("!GetAtt Nothing.Arn", "instance of Fn::GetAtt references undefined resource Nothing"),
        ("!FindInMap [Map, a, z]", "Unable to get mapping for Map::a::z"),
        ("!Select [2, [a, b]]", "Fn::Select cannot select nonexistent value at index 2"),
        ("!Select [x, [a, b]]", "Fn::Select requires a list argument with a valid index"),
        ("!If [Maybe, a, b]", "Condition Maybe is not defined"),
        ("!If [Loop, a, b]", "circular condition dependency"),
        ("!If [Right, a]", "Fn::If requires a list argument with three elements"),
        ("!Join [a]", "every Fn::Join object requires two parameters"),
        ("!Unheard of", "Encountered unsupported function: Fn::Unheard"),
        ("!Split [',', [a]]", "must be a string"),
        ("!Cidr [10.0.0.0/16, many]", "Fn::Cidr"),
        ("!Cidr [somewhere, 2]", "Fn::Cidr"),
        ("!Sub [a]", "Fn::Sub"),
    ],
)
def test_a_function_used_wrongly_is_refused_with_the_words_of_aws(text, words):
    with pytest.raises(AwsError) as caught:
        of(text)
    assert words in caught.value.message


def test_what_other_stacks_export_is_open_and_can_be_taken_apart():
    notes = []
    parts = of("!Split [',', !ImportValue net-Subnets]", notes)
    assert len(set(parts)) == 3 and all(isinstance(part, Open) for part in parts)
    assert isinstance(of("!Select [7, !Split [',', !ImportValue x]]"), Open)
    assert isinstance(of("!Sub '${AWS::Region}-x'"), str)
    assert "net-Subnets" in notes[0]


def test_a_dynamic_reference_gets_a_stand_in_and_a_note():
    notes = []
    assert of("'{{resolve:ssm:/aws/service/ami-linux}}'", notes).startswith("ami-")
    assert isinstance(of("'{{resolve:secretsmanager:db:SecretString:password}}'", notes), Open)
    assert len(notes) == 2


def test_only_the_branch_that_is_taken_counts_as_a_reference():
    node = read("V: !If [Wrong, !Ref Left, !Sub '${Topic}${Name}']")["V"]
    assert list(values().references(node)) == [("Topic", "Ref")]
