"""moto's RDS."""

import pytest


@pytest.fixture
def rds(moto):
    client = moto("rds")
    client.create_db_instance(
        DBInstanceIdentifier="shop-db",
        DBInstanceClass="db.m6g.large",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="shop",
        MasterUserPassword="a long password",
        BackupRetentionPeriod=1,
    )
    return client


def status(rds, name):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]


def test_a_replica_is_available_at_once(rds):
    rds.create_db_instance_read_replica(DBInstanceIdentifier="green", SourceDBInstanceIdentifier="shop-db")
    assert status(rds, "green") == "available"


def test_a_promotion_takes_no_time_and_may_be_repeated(rds):
    rds.create_db_instance_read_replica(DBInstanceIdentifier="green", SourceDBInstanceIdentifier="shop-db")
    for _ in range(2):
        rds.promote_read_replica(DBInstanceIdentifier="green")
        assert status(rds, "green") == "available"


def deployment(rds):
    source = rds.describe_db_instances(DBInstanceIdentifier="shop-db")["DBInstances"][0]["DBInstanceArn"]
    rds.create_blue_green_deployment(BlueGreenDeploymentName="shop", Source=source)
    return rds.describe_blue_green_deployments()["BlueGreenDeployments"][0]


def test_a_deployment_is_available_at_once(rds):
    assert deployment(rds)["Status"] == "AVAILABLE"


def test_a_switchover_is_never_refused(rds):
    """A guardrail of AWS refuses green with writes of its own; and no copy catches up within no time."""
    made = deployment(rds)["BlueGreenDeploymentIdentifier"]
    rds.switchover_blue_green_deployment(BlueGreenDeploymentIdentifier=made, SwitchoverTimeout=30)
    found = rds.describe_blue_green_deployments()["BlueGreenDeployments"][0]
    assert found["Status"] == "SWITCHOVER_COMPLETED"


def test_a_replica_of_a_source_without_backups_or_without_a_key_is_made(rds, moto):
    rds.modify_db_instance(DBInstanceIdentifier="shop-db", BackupRetentionPeriod=0, ApplyImmediately=True)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="green", SourceDBInstanceIdentifier="shop-db")
    source = rds.create_db_instance(
        DBInstanceIdentifier="secret",
        DBInstanceClass="db.m6g.large",
        Engine="mysql",
        AllocatedStorage=20,
        MasterUsername="shop",
        MasterUserPassword="a long password",
        StorageEncrypted=True,
    )["DBInstance"]
    there = moto("rds", region_name="eu-west-1")
    there.create_db_instance_read_replica(
        DBInstanceIdentifier="green", SourceDBInstanceIdentifier=source["DBInstanceArn"], SourceRegion="us-east-1"
    )
    assert status(rds, "green") == status(there, "green") == "available"
