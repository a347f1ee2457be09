"""Tags live as long as what they are on."""

import pytest
from botocore.exceptions import ClientError

from tests.cloud.test_balancers import target_group


def test_a_target_group_takes_its_tags_with_it(rehearsal):
    client, arn = rehearsal.client("elbv2"), target_group(rehearsal)
    tag = {"Key": "bluegreen:slot", "Value": "green"}
    client.add_tags(ResourceArns=[arn], Tags=[tag])
    assert client.describe_tags(ResourceArns=[arn])["TagDescriptions"] == [{"ResourceArn": arn, "Tags": [tag]}]
    client.delete_target_group(TargetGroupArn=arn)
    with pytest.raises(ClientError, match="TargetGroupNotFound"):
        client.describe_tags(ResourceArns=[arn])
