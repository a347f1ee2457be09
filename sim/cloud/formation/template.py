"""A template whose shape is sound: its sections, and what must be right before anything is worked out (CloudFormation
User Guide, template anatomy). Refusals have the words of AWS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.cloud.formation import schemas
from sim.cloud.formation.reading import invalid, read

SECTIONS = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Rules",
        "Mappings",
        "Conditions",
        "Transform",
        "Resources",
        "Outputs",
        "Hooks",
    ]
)
VERSION = "2010-09-09"
LANGUAGE = "AWS::LanguageExtensions"
"""The one transform that is part of the language itself."""

Section = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Template:
    """The sections of a template."""

    description: str
    parameters: Section
    mappings: Section
    conditions: Section
    resources: Section
    outputs: Section
    transforms: tuple[str, ...]
    rules: Section


def parse(body: str, region: str) -> Template:
    """Raises AwsError with CloudFormation's words when the text is not a template."""
    content = read(body)
    unknown = sorted(content.keys() - SECTIONS)
    if unknown:
        raise invalid(f"Invalid template property or properties [{', '.join(unknown)}]")
    version = content.get("AWSTemplateFormatVersion", VERSION)
    if version != VERSION:
        raise invalid(f"Template format error: {version} is not a supported value for AWSTemplateFormatVersion.")
    for name in ("Parameters", "Mappings", "Conditions", "Resources", "Outputs", "Rules"):
        if not isinstance(content.get(name) or {}, dict):
            raise invalid(f"Template format error: {name} must be an object.")
    template = Template(
        description=str(content.get("Description") or ""),
        parameters=_parameters(content.get("Parameters") or {}),
        mappings=content.get("Mappings") or {},
        conditions=content.get("Conditions") or {},
        resources=content.get("Resources") or {},
        outputs=_outputs(content.get("Outputs") or {}),
        transforms=_transforms(content.get("Transform")),
        rules=content.get("Rules") or {},
    )
    _check_resources(template, region)
    return template


def _parameters(section: Section) -> Section:
    for name, declared in section.items():
        if not isinstance(declared, dict) or not isinstance(declared.get("Type"), str):
            raise invalid(f"Template format error: Every Parameters object must contain a Type member. [{name}]")
        values = declared.get("AllowedValues", [])
        if not isinstance(values, list):
            raise invalid("Template format error: Every AllowedValues member must be a list.")
    return section


def _outputs(section: Section) -> Section:
    for name, output in section.items():
        if not isinstance(output, dict) or "Value" not in output:
            raise invalid(f"Template format error: Output {name} is malformed. The Value field is required")
    return section


def _transforms(given: Any) -> tuple[str, ...]:
    """By name; `Transform` may be one name, several, or one with parameters."""
    entries = given if isinstance(given, list) else [given] if given else []
    return tuple(str(entry["Name"]) if isinstance(entry, dict) and "Name" in entry else str(entry) for entry in entries)


def _check_resources(template: Template, region: str) -> None:
    if not template.resources:
        raise invalid("Template format error: At least one Resources member must be defined.")
    for name, resource in template.resources.items():
        if name.startswith("Fn::ForEach") and LANGUAGE in template.transforms:
            raise invalid(f"{name}: a rehearsal does not expand loops; give the template as it looks expanded")
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise invalid(
                f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
            )
        if not isinstance(resource.get("Properties") or {}, dict):
            raise invalid(f"Template format error: [/Resources/{name}/Properties] resource definition is malformed")
        _check_attributes(name, resource)
        if not name.isalnum():
            raise invalid(f"Template format error: Resource name {name} is non alphanumeric.")
    kinds = {str(resource["Type"]) for resource in template.resources.values()}
    expanded = any(transform != LANGUAGE for transform in template.transforms)
    unknown = sorted(kind for kind in kinds if schemas.is_unknown(kind, region))
    if unknown and not expanded:
        raise invalid(f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]")


def _check_attributes(name: str, resource: Section) -> None:
    depends = resource.get("DependsOn") or []
    if not isinstance(depends, str | list) or not all(isinstance(each, str) for each in depends):
        raise invalid(f"Template format error: DependsOn of {name} must be a string or list of strings.")
    if not isinstance(resource.get("Condition", ""), str):
        raise invalid("Template format error: Every Condition member must be a string.")
    for key in ("CreationPolicy", "Metadata"):
        if not isinstance(resource.get(key) or {}, dict):
            raise invalid(f"Template format error: [/Resources/{name}/{key}] resource definition is malformed")
