"""As much of IAM as it takes to ask a printed policy whether a call may be made on something: Allow statements."""

from fnmatch import fnmatchcase

from botocore import session as botocore_session

PREFIXES = {"elb": "elasticloadbalancing", "elbv2": "elasticloadbalancing", "dynamodbstreams": "dynamodb"}
PARTS = {"dynamodb:TransactWriteItems": ("dynamodb:ConditionCheckItem", "dynamodb:PutItem")}
RENAMED = {
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Operations that are allowed by an action of another name (Amazon S3 User Guide, required permissions)."""
NEEDS_NONE = {"sts:GetCallerIdentity"}
"""No permissions are required (AWS STS API Reference, GetCallerIdentity)."""

_LOADER = botocore_session.get_session()
REGION, ACCOUNT = "us-east-1", "123456789012"


def actions(service, operation):
    """`elbv2`, `create_target_group` -> the IAM actions that are asked for."""
    model = _LOADER.get_service_model(service)
    plain = operation.replace("_", "").lower()
    name = next(each for each in model.operation_names if each.lower() == plain)
    action = f"{PREFIXES.get(service, service)}:{name}"
    return PARTS.get(action, (RENAMED.get(action, action),))


def resource(service, operation, params):
    """The ARN that a changing call is about; None when the policy cannot be narrowed, or nobody can say."""
    here = f"{REGION}:{ACCOUNT}"
    group = params.get("AutoScalingGroupName") or next((tag.get("ResourceId") for tag in params.get("Tags", ())), None)
    if service == "autoscaling" and not operation.startswith("describe") and group:
        return f"arn:aws:autoscaling:{here}:autoScalingGroup:id:autoScalingGroupName/{group}"
    if service == "elb" and not operation.startswith("describe"):
        return f"arn:aws:elasticloadbalancing:{here}:loadbalancer/{params['LoadBalancerName']}"
    if service == "elbv2" and operation.startswith("create_") and "Name" in params:
        kind = "targetgroup" if operation == "create_target_group" else "loadbalancer/app"
        return f"arn:aws:elasticloadbalancing:{here}:{kind}/{params['Name']}/id"
    if service == "elbv2" and not operation.startswith("describe"):
        return next(
            params[key] for key in ("RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn") if key in params
        )
    if service == "route53" and {"HostedZoneId", "Id"} & set(params):
        kind = "change" if operation == "get_change" else "hostedzone"
        return f"arn:aws:route53:::{kind}/{params.get('HostedZoneId', params.get('Id'))}"
    if service == "route53" and {"HealthCheckId", "ResourceId", "ResourceIds"} & set(params):
        return "arn:aws:route53:::healthcheck/id"
    if service == "s3":
        return f"arn:aws:s3:::{params['Bucket']}" + (f"/{params['Key']}" if "Key" in params else "")
    if service == "elasticbeanstalk" and not operation.startswith(("describe", "list", "swap")):
        application = params.get("ApplicationName", "shop")
        return f"arn:aws:elasticbeanstalk:{here}:environment/{application}/{params['EnvironmentName']}"
    return _by_name(service, operation, params, here)


def _by_name(service, operation, params, here):
    """The same, where a name says it all."""
    if service == "dynamodb":
        (table,) = {params["TableName"]} if "TableName" in params else _tables(params["TransactItems"])
        return f"arn:aws:dynamodb:{here}:table/{table}"
    if service == "cloudformation" and "StackName" in params:
        name = params["StackName"]
        return name if name.startswith("arn:") else f"arn:aws:cloudformation:{here}:stack/{name}/id"
    if service == "ec2" and operation in ("create_launch_template", "delete_launch_template"):
        return f"arn:aws:ec2:{here}:launch-template/{params.get('LaunchTemplateId', 'lt-new')}"
    return None


def _tables(items):
    """The tables that a transaction writes into, or looks at."""
    return {part["TableName"] for item in items for part in item.values()}


def context(service, operation, params, tags):
    """The condition keys that are known. `tags`: those of launch templates made so far, by id."""
    found = {"aws:RequestedRegion": [REGION]}
    if operation == "change_resource_record_sets":
        changes = params["ChangeBatch"]["Changes"]
        key = "route53:ChangeResourceRecordSets"
        found[f"{key}NormalizedRecordNames"] = [c["ResourceRecordSet"]["Name"].rstrip(".").lower() for c in changes]
        found[f"{key}RecordTypes"] = [c["ResourceRecordSet"]["Type"] for c in changes]
        found[f"{key}Actions"] = [c["Action"] for c in changes]
    if operation == "create_launch_template":
        for tag in params["TagSpecifications"][0]["Tags"]:
            found[f"aws:RequestTag/{tag['Key']}"] = [tag["Value"]]
    if operation == "delete_launch_template":
        for key, value in tags.items():
            found[f"aws:ResourceTag/{key}"] = [value]
    return found


def allows(documents, action, arn, known):
    """Whether any statement allows it."""
    return any(_allows(statement, action, arn, known) for document in documents for statement in document["Statement"])


def _allows(statement, action, arn, known):
    assert statement["Effect"] == "Allow"
    return (
        action in _listed(statement["Action"])
        and any(arn is None or fnmatchcase(arn, pattern) for pattern in _listed(statement["Resource"]))
        and all(
            all(value in _listed(wanted) for value in known.get(key, []))
            and (operator.startswith("ForAll") or key in known)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _listed(value):
    return [value] if isinstance(value, str) else value
