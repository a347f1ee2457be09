"""Working out a template's values: references, conditions and functions (CloudFormation User Guide, intrinsic
functions). Everything that CloudFormation would refuse raises AwsError in its words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.cloud.formation.functions import FUNCTIONS
from sim.cloud.formation.nodes import NO_VALUE, SUBSTITUTE, Node, Note, Open, stand_in_image, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.template import Template

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
            return self.resolved(node)
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
        if function not in FUNCTIONS:
            raise invalid(f"Template error: Encountered unsupported function: {function}")
        return FUNCTIONS[function](self, argument)

    def resolved(self, value: str) -> str:
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
