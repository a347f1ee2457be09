"""What a template comes to for one stack: which resources there are, in which order they need each other, and which
of them are the slot's group and balancer. Everything that CloudFormation refuses before a stack exists, is refused
here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bluegreen.plan import Template as Asked
from sim.cloud.formation import schemas
from sim.cloud.formation.makers import APPLICATION, CLASSIC, GROUP, MAKERS
from sim.cloud.formation.nodes import NO_VALUE, Open, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.values import Values
from sim.cloud.formation.workshop import Chosen

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
QUIET = frozenset({"AWS::CloudFormation::WaitConditionHandle", "AWS::CDK::Metadata"})
"""Types that do nothing anyway: passing them over is not worth a line."""


@dataclass(frozen=True, slots=True)
class Blueprint:
    """The resources of one stack, each after those that it needs."""

    values: Values
    resources: Mapping[str, Mapping[str, Any]]
    needs: Mapping[str, frozenset[str]]
    chosen: Chosen

    def properties(self, logical: str) -> Mapping[str, Any]:
        """What a resource's properties come to. Raises AwsError."""
        found = self.values.of(self.resources[logical].get("Properties") or {})
        if found is NO_VALUE:
            return {}
        if not isinstance(found, dict):
            raise invalid(f"Template error: the properties of {logical} must be an object")
        return found

    def signals(self, policy: Any) -> tuple[int, timedelta]:
        """How many signals a ResourceSignal waits for, and how long. Raises AwsError."""
        found = self.values.of(policy)
        found = found if isinstance(found, dict) else {}
        count = text(found.get("Count", 1))
        if not count.isdigit():
            raise invalid("CreationPolicy.ResourceSignal.Count must be a whole number")
        return int(count), duration(text(found.get("Timeout", "PT5M")))


def duration(given: str) -> timedelta:
    """ISO 8601 as CloudFormation takes it (`PT15M`). Raises AwsError."""
    found = DURATION.fullmatch(given)
    if found is None or not any(found.groups()):
        raise invalid(f"CreationPolicy: {given} is no duration like PT5M")
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def draw(values: Values, asked: Asked | None, region: str) -> Blueprint:
    """Raises AwsError."""
    template = values.template
    for name in template.conditions:
        values.condition(name)
    for resource in template.resources.values():
        if "Condition" in resource:
            values.condition(resource["Condition"])
    kept = {name: resource for name, resource in template.resources.items() if values.exists(name)}
    needs = {name: _needs(name, resource, values, kept) for name, resource in kept.items()}
    _check_outputs(values)
    try:
        order = list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise invalid(f"Circular dependency between resources: [{', '.join(sorted(set(error.args[1])))}]") from None
    blueprint = Blueprint(values, {name: kept[name] for name in order}, needs, _choose(values, kept, asked))
    _try(blueprint, region)
    return blueprint


def _needs(name: str, resource: Mapping[str, Any], values: Values, kept: Mapping[str, Any]) -> frozenset[str]:
    """What a resource refers to and depends on. Raises AwsError for what is not there."""
    wanted = resource.get("DependsOn") or []
    depends = [wanted] if isinstance(wanted, str) else wanted
    missing = sorted({each for each in depends if each not in values.template.resources})
    found = set(values.references(resource.get("Properties") or {}))
    found |= set(values.references(resource.get("CreationPolicy") or {}))
    missing += sorted({logical for logical, function in found if function == "Ref" and logical not in kept})
    if missing:
        raise invalid(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] in the Resources block of"
            " the template"
        )
    for logical, _ in sorted(found):
        if logical not in kept:
            raise invalid(f"Template error: instance of Fn::GetAtt references undefined resource {logical}")
    return frozenset({logical for logical, _ in found} | {each for each in depends if each in kept}) - {name}


def _check_outputs(values: Values) -> None:
    for output in values.template.outputs.values():
        if "Condition" in output and not values.condition(output["Condition"]):
            continue
        for logical, _ in sorted(values.references(output["Value"])):
            if not values.exists(logical):
                raise invalid(
                    f"Template format error: Unresolved resource dependencies [{logical}] in the Outputs block of the"
                    " template"
                )


def _try(blueprint: Blueprint, region: str) -> None:
    """Work every value out once, with what resources will answer left open: AWS finds wrong functions before it
    makes anything. What nobody makes here is told."""

    def attribute(logical: str, name: str) -> Any:
        schema = schemas.schema(blueprint.resources[logical]["Type"], region)
        if schema is not None and not schemas.has_attribute(schema, name):
            raise invalid(f"Template error: resource {logical} does not support attribute type {name} in Fn::GetAtt")
        return Open(f"{logical}.{name}")

    values = dataclasses.replace(blueprint.values, ref=Open, attribute=attribute)
    passed: dict[str, list[str]] = {}
    trial = dataclasses.replace(blueprint, values=values)
    for logical, resource in blueprint.resources.items():
        trial.properties(logical)
        if "ResourceSignal" in (resource.get("CreationPolicy") or {}):
            trial.signals(resource["CreationPolicy"]["ResourceSignal"])
        if resource["Type"] not in MAKERS and resource["Type"] not in QUIET:
            passed.setdefault(resource["Type"], []).append(logical)
    _tell_of_attributes(blueprint)
    for kind, names in passed.items():
        blueprint.values.note(f"{kind} is passed over ({', '.join(names)}): it counts as created and does nothing")


def _tell_of_attributes(blueprint: Blueprint) -> None:
    note = blueprint.values.note
    for logical, resource in blueprint.resources.items():
        if "UpdatePolicy" in resource:
            note(f"{logical}: its UpdatePolicy is for updates of the stack, and a rollout makes none")
        if "AWS::CloudFormation::Init" in (resource.get("Metadata") or {}):
            note(f"{logical}: cfn-init does not run; machines boot and signal as the scenario's candidate does")


# -- which group, which balancer --------------------------------------------------------------


def _choose(values: Values, kept: Mapping[str, Mapping[str, Any]], asked: Asked | None) -> Chosen:
    """The group that the plan names, or the first; the balancer that the plan names, or that reaches the group, or
    the first."""
    groups = _of_type(kept, GROUP)
    group = asked.group if asked is not None and asked.group in groups else next(iter(groups), "")
    balancers = [
        name
        for name in _of_type(kept, APPLICATION, CLASSIC)
        if values.of((kept[name].get("Properties") or {}).get("Type", "application")) == "application"
    ]
    if asked is not None and asked.balancer in balancers:
        return Chosen(group, asked.balancer)
    reaching = _reaching(values, kept, group) if group else set()
    return Chosen(group, next((name for name in balancers if name in reaching), next(iter(balancers), "")))


def _of_type(kept: Mapping[str, Mapping[str, Any]], *kinds: str) -> list[str]:
    return [name for name, resource in kept.items() if resource["Type"] in kinds]


def _reaching(values: Values, kept: Mapping[str, Mapping[str, Any]], group: str) -> set[str]:
    """The balancers from which some chain of rules and listeners leads to the group's target groups, and those that
    the group names itself."""
    properties = kept[group].get("Properties") or {}
    wanted = _refs(values, [properties.get("TargetGroupARNs"), properties.get("LoadBalancerNames")])
    for kind in (RULE, LISTENER):
        for name in _of_type(kept, kind):
            refs = _refs(values, kept[name].get("Properties") or {})
            wanted |= refs if refs & wanted else set()
    return wanted


def _refs(values: Values, node: Any) -> set[str]:
    return {logical for logical, _ in values.references(node)}
