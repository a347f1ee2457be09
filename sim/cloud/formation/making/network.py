"""VPCs, subnets and security groups: settings in moto that balancers and groups stand on."""

from __future__ import annotations

from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or

BLOCK = "10.0.0.0/16"


def vpc(shop: Workshop, logical: str, properties: Properties) -> Made:
    block = text_or(properties.get("CidrBlock"), BLOCK)
    if isinstance(block, Open):
        shop.note(f"the VPC {logical} gets its addresses from elsewhere: {BLOCK} stands for them")
        block = BLOCK
    vpc = shop.moto("ec2", "create_vpc", CidrBlock=block)["Vpc"]["VpcId"]
    groups = shop.moto("ec2", "describe_security_groups", Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    default = groups["SecurityGroups"][0]["GroupId"] if groups["SecurityGroups"] else Open("default-group")
    attributes = {"VpcId": vpc, "CidrBlock": block, "CidrBlockAssociations": [Open("vpc-cidr-assoc")]}
    more = {
        "DefaultSecurityGroup": default,
        "DefaultNetworkAcl": Open("acl"),
        "Ipv6CidrBlocks": [Open("2600:1f00::/56")],
    }
    return Made(vpc, attributes | more)


def subnet(shop: Workshop, logical: str, properties: Properties) -> Made:
    vpc = shop.standins.vpc(text(properties.get("VpcId", "")))
    params = shop.fit("ec2", "CreateSubnet", properties, ("CidrBlock", "AvailabilityZone"))
    if isinstance(params.get("CidrBlock"), Open):
        shop.note(f"the subnet {logical} gets its addresses from elsewhere: a default subnet stands for it")
        subnet = shop.standins.subnets([f"{logical} of the stack"])[0]
        return Made(subnet, {"SubnetId": subnet, "VpcId": vpc, "AvailabilityZone": f"{shop.site.region}a"})
    made = shop.moto("ec2", "create_subnet", VpcId=vpc, **params)["Subnet"]
    names = ("SubnetId", "VpcId", "AvailabilityZone", "AvailabilityZoneId", "CidrBlock")
    attributes = {name: made[name] for name in names if name in made}
    return Made(made["SubnetId"], attributes | {"NetworkAclAssociationId": Open("aclassoc")})


def security_group(shop: Workshop, logical: str, properties: Properties) -> Made:
    name = text_or(properties.get("GroupName"), shop.name(logical))
    vpc = shop.standins.vpc(text(properties["VpcId"])) if "VpcId" in properties else shop.standins.default_vpc()
    about = text(properties.get("GroupDescription", name))
    group = shop.moto("ec2", "create_security_group", GroupName=name, Description=about, VpcId=vpc)["GroupId"]
    return Made(group, {"GroupId": group, "VpcId": vpc, "Id": group, "GroupName": name})
