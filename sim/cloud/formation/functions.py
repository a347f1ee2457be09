"""CloudFormation's intrinsic functions (User Guide, intrinsic function reference). What AWS would refuse raises
AwsError in its words.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import TYPE_CHECKING

from sim.cloud.formation.nodes import NO_VALUE, PARTS, SUBSTITUTE, Node, Open, text
from sim.cloud.formation.reading import invalid

if TYPE_CHECKING:
    from sim.cloud.formation.values import Values


def _ref(stack: Values, name: Node) -> Node:
    name = text(stack.of(name))
    if name == "AWS::NoValue":
        return NO_VALUE
    if name in stack.parameters:
        return stack.parameters[name]
    if name in stack.pseudo:
        return stack.pseudo[name]
    if not stack.exists(name):
        raise _unresolved(name)
    return stack.ref(name)


def _get_att(stack: Values, argument: Node) -> Node:
    parts = argument.split(".", 1) if isinstance(argument, str) else argument
    if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
        raise invalid("Template error: every Fn::GetAtt object requires two non-empty parameters")
    logical, attribute = parts[0], ".".join(text(stack.of(part)) for part in parts[1:])
    if not stack.exists(logical):
        raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {logical}")
    return stack.attribute(logical, attribute)


def _sub(stack: Values, argument: Node) -> str:
    own: Mapping[str, Node] = {}
    if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
        argument, own = argument[0], {key: stack.of(value) for key, value in argument[1].items()}
    if not isinstance(argument, str):
        raise invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments")
    parts = [_substituted(stack, part, own) for part in SUBSTITUTE.finditer(argument)]
    pieces = iter(parts)
    return _known_if(SUBSTITUTE.sub(lambda _: next(pieces), stack.resolved(argument)), parts)


def _substituted(stack: Values, found: re.Match[str], own: Mapping[str, Node]) -> str:
    name = found.group(1).strip()
    if name.startswith("!"):
        return "${" + name[1:] + "}"
    if name in own:
        return text(own[name])
    value = _get_att(stack, name) if "." in name else _ref(stack, name)
    return ",".join(value) if isinstance(value, list) else text(value)


def _join(stack: Values, argument: Node) -> str:
    match argument:
        case [str() as between, parts]:
            values = stack.of(parts)
            if not isinstance(values, list):
                values = [] if values is NO_VALUE else [values]
            texts = [text(value) for value in values]
            return _known_if(between.join(texts), texts)
    raise invalid(
        "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list"
    )


def _split(stack: Values, argument: Node) -> list[str]:
    match argument:
        case [str() as between, source]:
            whole = text(stack.of(source))
            if isinstance(whole, Open):
                return [Open(f"{whole}[{index}]") for index in range(PARTS)]
            return whole.split(between)
    raise invalid(
        "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string"
    )


def _select(stack: Values, argument: Node) -> Node:
    if not isinstance(argument, list) or len(argument) != 2:
        raise invalid("Template error: Fn::Select requires a list argument with two elements")
    index, values = text(stack.of(argument[0])), stack.of(argument[1])
    if not index.isdigit() or not isinstance(values, list | Open):
        raise invalid("Template error: Fn::Select requires a list argument with a valid index value and a list")
    if isinstance(values, Open):
        return values
    if int(index) >= len(values) and values and isinstance(values[0], Open):
        return Open(f"{values[0]}[{index}]")
    if int(index) >= len(values):
        raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
    return values[int(index)]


def _find_in_map(stack: Values, argument: Node) -> Node:
    if not isinstance(argument, list) or len(argument) not in {3, 4}:
        raise invalid("Template error: every Fn::FindInMap object requires three parameters")
    keys = [text(stack.of(key)) for key in argument[:3]]
    here: Node = stack.template.mappings
    for key in keys:
        here = here.get(key) if isinstance(here, dict) else None
    if here is None and len(argument) == 4:
        return stack.of(argument[3]["DefaultValue"])
    if here is None:
        raise invalid(f"Template error: Unable to get mapping for {'::'.join(keys)}")
    return here


def _if(stack: Values, argument: Node) -> Node:
    match argument:
        case [str() as name, yes, no]:
            return stack.of(yes if stack.condition(name) else no)
    raise invalid("Template error: Fn::If requires a list argument with three elements")


def _base64(stack: Values, argument: Node) -> str:
    return base64.b64encode(text(stack.of(argument)).encode()).decode()


def _get_zones(stack: Values, argument: Node) -> list[str]:
    given = stack.of(argument)
    region = (text(given) if given is not NO_VALUE else "") or stack.pseudo["AWS::Region"]
    return list(stack.zones.get(region, (f"{region}a", f"{region}b", f"{region}c")))


def _import(stack: Values, argument: Node) -> str:
    name = text(stack.of(argument))
    stack.note(f"Fn::ImportValue {name}: what other stacks export is not known here; a stand-in takes its place")
    return Open(f"imported-{name}")


def _cidr(stack: Values, argument: Node) -> list[str]:
    if not isinstance(argument, list) or len(argument) not in {2, 3}:
        raise invalid("Template error: every Fn::Cidr object requires two or three parameters")
    block, number, *rest = (text(stack.of(part)) for part in argument)
    if not all(part.isdigit() for part in (number, *rest)):
        raise invalid("Template error: Fn::Cidr requires whole numbers for count and cidrBits")
    if isinstance(block, Open):
        return [Open(f"{block}[{index}]") for index in range(int(number))]
    try:
        network = ip_network(block)
        subnets = network.subnets(new_prefix=network.max_prefixlen - int(rest[0] if rest else 8))
        return [str(subnet) for subnet, _ in zip(subnets, range(int(number)), strict=False)]
    except ValueError:
        raise invalid(f"Template error: Fn::Cidr cannot divide {block} like that") from None


def _length(stack: Values, argument: Node) -> int:
    values = stack.of(argument)
    if not isinstance(values, list):
        raise invalid("Template error: Fn::Length requires a list")
    return len(values)


def _json(stack: Values, argument: Node) -> str:
    return json.dumps(stack.of(argument), separators=(",", ":"))


def _transform(stack: Values, argument: Node) -> Node:
    name = argument.get("Name", "") if isinstance(argument, dict) else argument
    stack.note(f"Fn::Transform {name} runs in the team's account only: what it would add is left out")
    return NO_VALUE


def _known_if(whole: str, parts: list[str]) -> str:
    """A text made of open parts is open itself."""
    return Open(whole) if any(isinstance(part, Open) for part in parts) else whole


def _unresolved(name: str) -> Exception:
    return invalid(
        f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
    )


FUNCTIONS: Mapping[str, Callable[[Values, Node], Node]] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
    "Fn::If": _if,
    "Fn::Base64": _base64,
    "Fn::GetAZs": _get_zones,
    "Fn::ImportValue": _import,
    "Fn::Cidr": _cidr,
    "Fn::Length": _length,
    "Fn::ToJsonString": _json,
    "Fn::Transform": _transform,
}
