"""Working out a template's values: references, conditions and functions (CloudFormation User Guide, intrinsic
functions). Everything that CloudFormation would refuse raises AwsError in its words.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from sim.cloud.formation.nodes import NO_VALUE, PARTS, Node, Note, Open, stand_in_image, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.template import Template

SUBSTITUTE = re.compile(r"\$\{([^}]*)\}")
DYNAMIC = re.compile(r"\{\{resolve:(ssm|ssm-secure|secretsmanager):([^}]*)\}\}")
CONDITIONS = frozenset({"Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition"})


@dataclass(slots=True)
class Values:
    """The values of one stack. `ref` and `attribute` answer for resources: they are asked only for what the template
    has and the conditions keep."""

    template: Template
    parameters: Mapping[str, Any]
    pseudo: Mapping[str, Any]
    zones: Mapping[str, tuple[str, ...]]  # region -> names of its zones
    ref: Callable[[str], Any]
    attribute: Callable[[str, str], Any]
    note: Note
    _asked: set[str] = field(default_factory=set)  # conditions being worked out

    # -- conditions and references --------------------------------------------------------------

    def condition(self, name: str) -> bool:
        """Raises AwsError when the template has no such condition, or it depends on itself."""
        if name not in self.template.conditions:
            raise invalid(f"Template error: Condition {name} is not defined")
        if name in self._asked:
            raise invalid(f"Template error: Found circular condition dependency with [{name}]")
        self._asked.add(name)
        try:
            return self._truth(self.template.conditions[name])
        finally:
            self._asked.discard(name)

    def exists(self, logical: str) -> bool:
        """Whether the stack has this resource: its condition holds."""
        resource = self.template.resources.get(logical)
        return resource is not None and ("Condition" not in resource or self.condition(resource["Condition"]))

    def references(self, node: Node) -> Iterator[tuple[str, str]]:
        """(logical id, function) for every resource that a node needs, along the branches that are taken."""
        if isinstance(node, list):
            for element in node:
                yield from self.references(element)
        if not isinstance(node, dict):
            return
        function, argument = _function(node)
        match function, argument:
            case "Ref", str():
                if argument not in self.parameters and argument not in self.pseudo:
                    yield argument, "Ref"
            case "Fn::GetAtt", [str() as logical, *_]:
                yield logical, "Fn::GetAtt"
            case "Fn::GetAtt", str():
                yield argument.partition(".")[0], "Fn::GetAtt"
            case "Fn::If", [str() as name, yes, no]:
                yield from self.references(yes if self.condition(name) else no)
            case "Fn::Sub", _:
                yield from self._references_of_text(argument)
            case _:
                for value in node.values():
                    yield from self.references(value)

    def _references_of_text(self, argument: Node) -> Iterator[tuple[str, str]]:
        own: Mapping[str, Node] = {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            argument, own = argument
            yield from self.references(dict(own))
        for name in SUBSTITUTE.findall(argument) if isinstance(argument, str) else ():
            known = name in own or name in self.parameters or name in self.pseudo
            if not known and not name.startswith("!"):
                logical, dot, _ = name.strip().partition(".")
                yield logical, "Fn::GetAtt" if dot else "Ref"

    # -- values --------------------------------------------------------------

    def of(self, node: Node) -> Node:
        """What a node comes to. Raises AwsError."""
        if isinstance(node, str):
            return self._resolved(node)
        if node is None:
            self.note("null values are left out; AWS refuses most of them ('null' values are not allowed in templates)")
            return NO_VALUE
        if isinstance(node, list):
            return [value for value in map(self.of, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        function, argument = _function(node)
        if not function:
            pairs = ((key, self.of(value)) for key, value in node.items())
            return {key: value for key, value in pairs if value is not NO_VALUE}
        if function in CONDITIONS:
            return "true" if self._truth(node) else "false"
        if function not in _FUNCTIONS:
            raise invalid(f"Template error: Encountered unsupported function: {function}")
        return _FUNCTIONS[function](self, argument)

    def _resolved(self, value: str) -> str:
        """Dynamic references name what only the team's account has."""
        found = DYNAMIC.search(value)
        if found is None:
            return value
        self.note(f"{found.group(0)} is not in the rehearsal: a stand-in takes its place")
        if found.group(1) == "ssm" and "ami" in found.group(2).lower():
            return stand_in_image(found.group(2))
        return Open(DYNAMIC.sub(lambda match: f"stand-in-for-{match.group(2)}", value))

    def _truth(self, node: Node) -> bool:
        function, argument = _function(node) if isinstance(node, dict) else ("", node)
        match function, argument:
            case "Fn::Equals", [left, right]:
                return bool(_comparable(self.of(left)) == _comparable(self.of(right)))
            case "Fn::And", list():
                return all(self._truth(each) for each in argument)
            case "Fn::Or", list():
                return any(self._truth(each) for each in argument)
            case "Fn::Not", [one]:
                return not self._truth(one)
            case "Condition", str():
                return self.condition(argument)
            case _:
                raise invalid("Template error: every condition must be made of Fn::Equals, Fn::And, Fn::Or, Fn::Not")

    # -- functions --------------------------------------------------------------

    def _ref(self, name: Node) -> Node:
        name = text(self.of(name))
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.parameters:
            return self.parameters[name]
        if name in self.pseudo:
            return self.pseudo[name]
        if not self.exists(name):
            raise _unresolved(name)
        return self.ref(name)

    def _get_att(self, argument: Node) -> Node:
        parts = argument.split(".", 1) if isinstance(argument, str) else argument
        if not isinstance(parts, list) or len(parts) < 2 or not isinstance(parts[0], str):
            raise invalid("Template error: every Fn::GetAtt object requires two non-empty parameters")
        logical, attribute = parts[0], ".".join(text(self.of(part)) for part in parts[1:])
        if not self.exists(logical):
            raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {logical}")
        return self.attribute(logical, attribute)

    def _sub(self, argument: Node) -> str:
        own: Mapping[str, Node] = {}
        if isinstance(argument, list) and len(argument) == 2 and isinstance(argument[1], dict):
            argument, own = argument[0], {key: self.of(value) for key, value in argument[1].items()}
        if not isinstance(argument, str):
            raise invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments")
        parts = [self._substituted(part, own) for part in SUBSTITUTE.finditer(argument)]
        pieces = iter(parts)
        return _known_if(SUBSTITUTE.sub(lambda _: next(pieces), self._resolved(argument)), parts)

    def _substituted(self, found: re.Match[str], own: Mapping[str, Node]) -> str:
        name = found.group(1).strip()
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in own:
            return text(own[name])
        value = self._get_att(name) if "." in name else self._ref(name)
        return ",".join(value) if isinstance(value, list) else text(value)

    def _join(self, argument: Node) -> str:
        match argument:
            case [str() as between, parts]:
                values = self.of(parts)
                if not isinstance(values, list):
                    values = [] if values is NO_VALUE else [values]
                texts = [text(value) for value in values]
                return _known_if(between.join(texts), texts)
        raise invalid(
            "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list"
        )

    def _split(self, argument: Node) -> list[str]:
        match argument:
            case [str() as between, source]:
                whole = text(self.of(source))
                if isinstance(whole, Open):
                    return [Open(f"{whole}[{index}]") for index in range(PARTS)]
                return whole.split(between)
        raise invalid(
            "Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string"
        )

    def _select(self, argument: Node) -> Node:
        if not isinstance(argument, list) or len(argument) != 2:
            raise invalid("Template error: Fn::Select requires a list argument with two elements")
        index, values = text(self.of(argument[0])), self.of(argument[1])
        if not index.isdigit() or not isinstance(values, list | Open):
            raise invalid("Template error: Fn::Select requires a list argument with a valid index value and a list")
        if isinstance(values, Open):
            return values
        if int(index) >= len(values) and values and isinstance(values[0], Open):
            return Open(f"{values[0]}[{index}]")
        if int(index) >= len(values):
            raise invalid(f"Template error: Fn::Select cannot select nonexistent value at index {index}")
        return values[int(index)]

    def _find_in_map(self, argument: Node) -> Node:
        if not isinstance(argument, list) or len(argument) not in {3, 4}:
            raise invalid("Template error: every Fn::FindInMap object requires three parameters")
        keys = [text(self.of(key)) for key in argument[:3]]
        here: Node = self.template.mappings
        for key in keys:
            here = here.get(key) if isinstance(here, dict) else None
        if here is None and len(argument) == 4:
            return self.of(argument[3]["DefaultValue"])
        if here is None:
            raise invalid(f"Template error: Unable to get mapping for {'::'.join(keys)}")
        return here

    def _if(self, argument: Node) -> Node:
        match argument:
            case [str() as name, yes, no]:
                return self.of(yes if self.condition(name) else no)
        raise invalid("Template error: Fn::If requires a list argument with three elements")

    def _base64(self, argument: Node) -> str:
        return base64.b64encode(text(self.of(argument)).encode()).decode()

    def _get_zones(self, argument: Node) -> list[str]:
        given = self.of(argument)
        region = (text(given) if given is not NO_VALUE else "") or self.pseudo["AWS::Region"]
        return list(self.zones.get(region, (f"{region}a", f"{region}b", f"{region}c")))

    def _import(self, argument: Node) -> str:
        name = text(self.of(argument))
        self.note(f"Fn::ImportValue {name}: what other stacks export is not known here; a stand-in takes its place")
        return Open(f"imported-{name}")

    def _cidr(self, argument: Node) -> list[str]:
        if not isinstance(argument, list) or len(argument) not in {2, 3}:
            raise invalid("Template error: every Fn::Cidr object requires two or three parameters")
        block, number, *rest = (text(self.of(part)) for part in argument)
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

    def _length(self, argument: Node) -> int:
        values = self.of(argument)
        if not isinstance(values, list):
            raise invalid("Template error: Fn::Length requires a list")
        return len(values)

    def _json(self, argument: Node) -> str:
        return json.dumps(self.of(argument), separators=(",", ":"))

    def _transform(self, argument: Node) -> Node:
        name = argument.get("Name", "") if isinstance(argument, dict) else argument
        self.note(f"Fn::Transform {name} runs in the team's account only: what it would add is left out")
        return NO_VALUE


_FUNCTIONS: Mapping[str, Callable[[Values, Node], Node]] = {
    "Ref": Values._ref,
    "Fn::GetAtt": Values._get_att,
    "Fn::Sub": Values._sub,
    "Fn::Join": Values._join,
    "Fn::Split": Values._split,
    "Fn::Select": Values._select,
    "Fn::FindInMap": Values._find_in_map,
    "Fn::If": Values._if,
    "Fn::Base64": Values._base64,
    "Fn::GetAZs": Values._get_zones,
    "Fn::ImportValue": Values._import,
    "Fn::Cidr": Values._cidr,
    "Fn::Length": Values._length,
    "Fn::ToJsonString": Values._json,
    "Fn::Transform": Values._transform,
}


def _function(node: Mapping[str, Node]) -> tuple[str, Node]:
    """The function that a node calls, and with what; an empty name for a plain mapping. A `Condition` with anything
    but a name is part of a policy document."""
    if len(node) != 1:
        return "", None
    name, argument = next(iter(node.items()))
    if name == "Condition":
        return (name, argument) if isinstance(argument, str) else ("", None)
    return (name, argument) if name == "Ref" or name.startswith("Fn::") else ("", None)


def _comparable(value: Node) -> Node:
    return value if isinstance(value, dict | list) else text(value)


def _known_if(whole: str, parts: list[str]) -> str:
    """A text made of open parts is open itself."""
    return Open(whole) if any(isinstance(part, Open) for part in parts) else whole


def _unresolved(name: str) -> Exception:
    return invalid(
        f"Template format error: Unresolved resource dependencies [{name}] in the Resources block of the template"
    )
