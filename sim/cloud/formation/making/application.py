"""Application balancers, their target groups, listeners and rules."""

from __future__ import annotations

from typing import Any

from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or
from sim.cloud.service import ACCOUNT


def application(shop: Workshop, logical: str, properties: Properties) -> Made:
    kind = text(properties.get("Type", "application"))
    name = text_or(properties.get("Name"), shop.name(logical, 32))
    if kind != "application":
        shop.note(
            f"the {kind} balancer {logical} is passed over: a rollout moves traffic between application balancers"
        )
        short = {"network": "net", "gateway": "gwy"}.get(kind, kind)
        arn = f"arn:aws:elasticloadbalancing:{shop.site.region}:{ACCOUNT}:loadbalancer/{short}/{name}/0000000000000000"
        return Made(arn, {key: Open(f"{name}.{key}") for key in BALANCER_ATTRIBUTES})
    subnets = properties.get("Subnets") or [entry["SubnetId"] for entry in properties.get("SubnetMappings") or ()]
    params = {
        **shop.fit("elbv2", "CreateLoadBalancer", properties, ("Scheme", "Type", "IpAddressType")),
        "Name": name,
        "Subnets": shop.standins.subnets(subnets),
        "SecurityGroups": shop.standins.security_groups(properties.get("SecurityGroups") or ()),
        "Tags": shop.all_tags(logical, properties),
    }
    if shop.chosen.balancer == logical:
        made = shop.act("elbv2", "CreateLoadBalancer", **params)["LoadBalancers"][0]
    else:
        shop.note(f"the balancer {logical} has nobody behind it: the rehearsal's users go to {shop.chosen.balancer}")
        made = shop.moto("elbv2", "create_load_balancer", **params)["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]

    def undo() -> None:
        if shop.chosen.balancer == logical:
            shop.act("elbv2", "DeleteLoadBalancer", LoadBalancerArn=arn)
        else:
            shop.moto("elbv2", "delete_load_balancer", LoadBalancerArn=arn)

    attributes = {
        "LoadBalancerArn": arn,
        "LoadBalancerName": name,
        "LoadBalancerFullName": arn.partition(":loadbalancer/")[2],
        "DNSName": made["DNSName"],
        "CanonicalHostedZoneID": made["CanonicalHostedZoneId"],
        "SecurityGroups": params["SecurityGroups"],
    }
    return Made(arn, attributes, undo)


BALANCER_ATTRIBUTES = (
    "LoadBalancerArn",
    "LoadBalancerName",
    "LoadBalancerFullName",
    "DNSName",
    "CanonicalHostedZoneID",
)
TARGETS = (
    *("Protocol", "ProtocolVersion", "Port", "HealthCheckProtocol", "HealthCheckPort", "HealthCheckEnabled"),
    *("HealthCheckPath", "HealthCheckIntervalSeconds", "HealthCheckTimeoutSeconds", "HealthyThresholdCount"),
    *("UnhealthyThresholdCount", "Matcher", "TargetType"),
)


def target_group(shop: Workshop, logical: str, properties: Properties) -> Made:
    name = text_or(properties.get("Name"), shop.name(logical, 32))
    params = shop.fit("elbv2", "CreateTargetGroup", properties, TARGETS)
    if "VpcId" in properties:
        params["VpcId"] = shop.standins.vpc(text(properties["VpcId"]))
    tags = shop.all_tags(logical, properties)
    made = shop.act("elbv2", "CreateTargetGroup", Name=name, Tags=tags, **params)
    arn = made["TargetGroups"][0]["TargetGroupArn"]

    def undo() -> None:
        shop.act("elbv2", "DeleteTargetGroup", TargetGroupArn=arn)

    full = arn.rpartition(":")[2]
    names = {"TargetGroupArn": arn, "TargetGroupName": name, "TargetGroupFullName": full}
    return Made(arn, {**names, "LoadBalancerArns": [Open(f"{name}.LoadBalancerArns")]}, undo)


def listener(shop: Workshop, logical: str, properties: Properties) -> Made:
    arn = text(properties["LoadBalancerArn"])
    if "/app/" not in arn or _leads_elsewhere(properties["DefaultActions"]):
        shop.note(f"the listener {logical} is passed over: it leads from or to things outside of the rehearsal")
        return Made(Open(shop.name(logical)), {"ListenerArn": Open(shop.name(logical))})
    keep = ("LoadBalancerArn", "Protocol", "Port", "SslPolicy", "DefaultActions")
    params = shop.fit("elbv2", "CreateListener", properties, keep)
    params |= _certificates(shop, properties, params.get("Protocol", ""))
    made = shop.act("elbv2", "CreateListener", **params)["Listeners"][0]["ListenerArn"]

    def undo() -> None:
        shop.act("elbv2", "DeleteListener", ListenerArn=made)

    return Made(made, {"ListenerArn": made}, undo)


def _certificates(shop: Workshop, properties: Properties, protocol: str) -> dict[str, Any]:
    given = [entry["CertificateArn"] for entry in properties.get("Certificates") or () if "CertificateArn" in entry]
    if protocol == "HTTPS" and not given:
        raise invalid("A certificate must be specified for HTTPS listeners")
    return {"Certificates": [{"CertificateArn": shop.standins.certificate(arn)} for arn in given]} if given else {}


def rule(shop: Workshop, logical: str, properties: Properties) -> Made:
    listener = text(properties.get("ListenerArn", ""))
    if isinstance(properties.get("ListenerArn"), Open) or _leads_elsewhere(properties["Actions"]):
        shop.note(f"the rule {logical} is passed over: it leads from or to things outside of the rehearsal")
        return Made(Open(shop.name(logical)), {"RuleArn": Open(shop.name(logical))})
    keep = ("Conditions", "Priority", "Actions")
    params = shop.fit("elbv2", "CreateRule", properties, keep)
    made = shop.moto("elbv2", "create_rule", ListenerArn=listener, **params)["Rules"][0]["RuleArn"]
    return Made(made, {"RuleArn": made, "IsDefault": False}, lambda: shop.moto("elbv2", "delete_rule", RuleArn=made))


def _leads_elsewhere(actions: Any) -> bool:
    """Whether an action forwards to a target group that is not of this stack."""
    return any(
        isinstance(value, Open)
        for action in (actions if isinstance(actions, list) else [actions])
        if isinstance(action, dict)
        for value in action.values()
    )
