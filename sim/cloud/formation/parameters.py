"""A template's parameters: which values they get, and what CloudFormation refuses (CloudFormation User Guide,
parameters). Whether a named thing exists cannot be known in a rehearsal; whether it can be one of its kind, can.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sim.cloud.formation.nodes import Note, Open, stand_in_image, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.template import Section

THINGS: Mapping[str, str] = {
    "AWS::EC2::AvailabilityZone::Name": r"[a-z]{2}(-[a-z]+)+-\d[a-z]",
    "AWS::EC2::Image::Id": r"ami-[0-9A-Za-z]+",
    "AWS::EC2::Instance::Id": r"i-[0-9A-Za-z]+",
    "AWS::EC2::KeyPair::KeyName": r".+",
    "AWS::EC2::SecurityGroup::GroupName": r".+",
    "AWS::EC2::SecurityGroup::Id": r"sg-[0-9A-Za-z]+",
    "AWS::EC2::Subnet::Id": r"subnet-[0-9A-Za-z]+",
    "AWS::EC2::VPC::Id": r"vpc-[0-9A-Za-z]+",
    "AWS::EC2::Volume::Id": r"vol-[0-9A-Za-z]+",
    "AWS::Route53::HostedZone::Id": r"[0-9A-Z]{1,32}",
    "AWS::SSM::Parameter::Name": r"[A-Za-z0-9_./-]+",
}
"""Parameter types that name something, and what such a name looks like."""
SSM_VALUE = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
LIST = re.compile(r"List<(.+)>")


class NoSuchThing(Exception):
    """A parameter names something that cannot exist: the stack is created, and rolls back at once."""


def values(section: Section, given: Sequence[Mapping[str, Any]], note: Note) -> dict[str, Any]:
    """Each parameter's value as Ref gives it. Raises AwsError."""
    stated = {entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in given}
    unknown = [key for key in stated if key not in section]
    if unknown:
        raise invalid(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    missing = [key for key, declared in section.items() if key not in stated and "Default" not in declared]
    if missing:
        raise invalid(f"Parameters: [{', '.join(missing)}] must have values")
    raw = {key: stated.get(key, text_of_default(declared)) for key, declared in section.items()}
    for key, declared in section.items():
        _check(key, raw[key], declared, note)
    return {key: _value(raw[key], section[key]["Type"], note) for key in section}


def text_of_default(declared: Section) -> str:
    """A default as one text, whichever way it is written."""
    default = declared.get("Default", "")
    return ",".join(map(text, default)) if isinstance(default, list) else text(default)


def check_things(section: Section, found: Mapping[str, Any]) -> None:
    """Raises NoSuchThing for a value that is nothing of its parameter's type."""
    for key, declared in section.items():
        kind = LIST.fullmatch(declared["Type"])
        shape = THINGS.get(kind.group(1) if kind else declared["Type"])
        if shape is None:
            continue
        for value in found[key] if kind else [found[key]]:
            if not re.fullmatch(shape, text(value)):
                raise NoSuchThing(
                    f"Parameter validation failed: parameter value {value} for parameter name {key} does not exist"
                )


def _value(raw: str, kind: str, note: Note) -> Any:
    stored = SSM_VALUE.fullmatch(kind)
    if stored:
        return _stored(raw, stored.group(1), note)
    if kind == "CommaDelimitedList" or LIST.fullmatch(kind):
        return [part.strip() for part in raw.split(",")] if raw else []
    return raw


def _stored(name: str, kind: str, note: Note) -> Any:
    """A value from the Parameter Store of the team's account, or one that AWS publishes."""
    inner = LIST.fullmatch(kind)
    one = inner.group(1) if inner else kind
    value = stand_in_image(name) if one == "AWS::EC2::Image::Id" else Open(f"stand-in-for-{name}")
    note(f"the SSM parameter {name} ({kind}) is not in the rehearsal: {value} stands for its value")
    return [value] if inner or kind == "CommaDelimitedList" else value


def _check(key: str, raw: str, declared: Section, note: Note) -> None:
    kind = declared["Type"]
    if not _is_type(kind):
        raise invalid(f"Template format error: Unrecognized parameter type: {kind}")
    listed = kind == "CommaDelimitedList" or bool(LIST.fullmatch(kind))
    for part in [part.strip() for part in raw.split(",")] if listed else [raw]:
        complaint = _complaint(part, kind, declared, note)
        if not complaint:
            continue
        if "ConstraintDescription" in declared:
            raise invalid(f"Parameter {key} failed to satisfy constraint: {declared['ConstraintDescription']}")
        raise invalid(f"Parameter '{key}' {complaint}")


def _is_type(kind: str) -> bool:
    stored = SSM_VALUE.fullmatch(kind)
    kind = stored.group(1) if stored else kind
    inner = LIST.fullmatch(kind)
    return (inner.group(1) if inner else kind) in {*THINGS, "String", "Number", "CommaDelimitedList"}


def _complaint(value: str, kind: str, declared: Section, note: Note) -> str:
    """What is wrong with one value, or nothing."""
    allowed = [text(each) for each in declared.get("AllowedValues", ())]
    if allowed and value not in allowed:
        return "must be one of AllowedValues"
    pattern = text(declared.get("AllowedPattern", ""))
    if pattern and not _matches(value, pattern, note):
        return f"must match pattern {pattern}"
    if "Number" in kind:
        return _number_complaint(value, declared)
    if len(value) < _limit(declared, "MinLength", 0):
        return f"must contain at least {declared['MinLength']} characters"
    if len(value) > _limit(declared, "MaxLength", len(value)):
        return f"must contain at most {declared['MaxLength']} characters"
    return ""


def _number_complaint(value: str, declared: Section) -> str:
    try:
        number = float(value)
    except ValueError:
        return "must be a number"
    if number < _limit(declared, "MinValue", number):
        return f"must be a number not less than {declared['MinValue']}"
    if number > _limit(declared, "MaxValue", number):
        return f"must be a number not greater than {declared['MaxValue']}"
    return ""


def _limit(declared: Section, key: str, otherwise: float) -> float:
    try:
        return float(text(declared.get(key, otherwise)))
    except ValueError:
        raise invalid(f"Template format error: Every {key} value must be a number.") from None


def _matches(value: str, pattern: str, note: Note) -> bool:
    """The pattern covers the whole value. CloudFormation's patterns are Java's; nearly all mean the same here."""
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        note(f"AllowedPattern {pattern} is written for another kind of regular expressions: not checked")
        return True
