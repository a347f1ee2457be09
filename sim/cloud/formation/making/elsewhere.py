"""What is not made: records, nested stacks, and every type on which no rollout depends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sim.cloud.bindings import absolute
from sim.cloud.formation import schemas
from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or
from sim.cloud.service import ACCOUNT


def record(shop: Workshop, logical: str, properties: Properties) -> Made:
    """Records are not made. At the service's own name one would be in the way: Route 53 refuses it beside what is
    there, or, weighted, it would take users before anybody has looked at the candidate."""
    for record in properties.get("RecordSets") or [properties]:
        name, kind = text(record.get("Name", "")), text(record.get("Type", "A"))
        if absolute(name) != absolute(shop.site.plan.service.record) or kind not in {"A", "AAAA", "CNAME"}:
            continue
        if "SetIdentifier" in record:
            raise invalid(
                f"The template makes a record of its own at {name}, the name whose users the rollout moves: it would"
                " send users to the candidate at once. Take the record out of the template"
            )
        raise invalid(
            f"[Tried to create resource record set [name='{absolute(name)}', type='{kind}'] but it already exists]"
        )
    name = text_or(properties.get("Name"), shop.name(logical))
    return Made(name, {"Id": name})


def nested(shop: Workshop, logical: str, properties: Properties) -> Made:
    url = properties["TemplateURL"]
    if not isinstance(url, Open) and not text(url).startswith("https://"):
        raise invalid("TemplateURL must be a supported URL.")
    shop.note(f"the nested stack {logical} is passed over: a rehearsal does not fetch {text(url)}")
    arn = f"arn:aws:cloudformation:{shop.site.region}:{ACCOUNT}:stack/{shop.name(logical)}/nested"
    return Made(arn, {"Outputs": Open(f"{logical}.Outputs")})


def passed_over(kind: str) -> Callable[[Workshop, str, Properties], Made]:
    def maker(shop: Workshop, logical: str, properties: Properties) -> Made:
        schema = schemas.schema(kind, shop.site.region) or {"properties": {}}
        name = shop.name(logical)
        arn = f"arn:aws:{kind.split('::')[1].lower()}:{shop.site.region}:{ACCOUNT}:{name}"
        identifier = str((schema.get("primaryIdentifier") or [""])[0]).removeprefix("/properties/")
        own = Open(arn if schemas.identified_by_arn(schema) else name)
        return Made(
            text_or(properties.get(identifier), own),
            {key: _guess(key, type_, arn) for key, type_ in schemas.attributes(schema).items()},
        )

    return maker


def _guess(attribute: str, kind: str, arn: str) -> Any:
    """What a resource that is passed over answers."""
    if attribute.endswith("Arn"):
        return arn
    match kind:
        case "integer" | "number":
            return 1
        case "array":
            return [Open(f"{arn}.{attribute}")]
        case _:
            return Open(f"{arn.rpartition(':')[2]}.{attribute}")
