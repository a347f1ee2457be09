"""Record sets as boto3 lists them, in few words."""

ELB = "shop-1.eu-west-1.elb.amazonaws.com"


def own(apex="example.com."):
    """What every zone has."""
    return [
        {"Name": apex, "Type": kind, "TTL": 900, "ResourceRecords": [{"Value": "ns.example.org."}]}
        for kind in ("NS", "SOA")
    ]


def record(name, value, kind="A", ttl=60, **policy):
    """`check`: the id of its health check."""
    made = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value}]}
    return {**made, **_identified(policy, value)}


def alias(name, target, evaluates=True, kind="A", **policy):
    to = {"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": evaluates}
    return {"Name": name, "Type": kind, "AliasTarget": to, **_identified(policy, target)}


def _identified(policy, identifier):
    check = {"HealthCheckId": policy.pop("check")} if policy.get("check") else {}
    policy.pop("check", None)
    return {**policy, **check, **({"SetIdentifier": identifier} if policy else {})}
