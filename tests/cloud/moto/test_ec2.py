"""EC2, and what all services have in common."""


def test_moto_is_never_asked_too_often(moto):
    client = moto("ec2")
    assert all(client.describe_vpcs()["Vpcs"] for _ in range(200))
