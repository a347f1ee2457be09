"""Classic balancers."""

from __future__ import annotations

from sim.cloud.formation.making.zones import check_zones
from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or


def classic(shop: Workshop, logical: str, properties: Properties) -> Made:
    name = text_or(properties.get("LoadBalancerName"), shop.name(logical, 32))
    params = shop.fit("elb", "CreateLoadBalancer", properties, ("Listeners", "Scheme"))
    for listener in params.get("Listeners", ()):
        if "SSLCertificateId" in listener:
            listener["SSLCertificateId"] = shop.standins.certificate(listener["SSLCertificateId"])
    if properties.get("Subnets"):
        params["Subnets"] = shop.standins.subnets(properties["Subnets"])
    else:
        params["AvailabilityZones"] = check_zones(shop, [text(z) for z in properties.get("AvailabilityZones") or ()])
    if properties.get("SecurityGroups"):
        params["SecurityGroups"] = shop.standins.security_groups(properties["SecurityGroups"])
    params |= {"LoadBalancerName": name, "Tags": shop.all_tags(logical, properties)}
    ours = shop.chosen.balancer == logical
    if ours:
        dns = shop.act("elb", "CreateLoadBalancer", **params)["DNSName"]
    else:
        dns = shop.moto("elb", "create_load_balancer", **params)["DNSName"]
    check = shop.fit("elb", "ConfigureHealthCheck", properties, ("HealthCheck",))
    if check:
        shop.moto("elb", "configure_health_check", LoadBalancerName=name, **check)

    def undo() -> None:
        if ours:
            shop.act("elb", "DeleteLoadBalancer", LoadBalancerName=name)
        else:
            shop.moto("elb", "delete_load_balancer", LoadBalancerName=name)

    attributes = {
        "DNSName": dns,
        "CanonicalHostedZoneName": dns,
        "CanonicalHostedZoneNameID": Open("Z00000000000000000000"),
        "SourceSecurityGroup.GroupName": "default",
        "SourceSecurityGroup.OwnerAlias": "amazon-elb",
    }
    return Made(name, attributes, undo)
