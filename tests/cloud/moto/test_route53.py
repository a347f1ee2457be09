"""Route 53: records, changes and health checks."""

import pytest
from botocore.exceptions import ClientError, PaginationError

ALIAS = {"HostedZoneId": "Z1", "DNSName": "x.elb.amazonaws.com", "EvaluateTargetHealth": True}
RECORD = {"Name": "www.example.com", "Type": "A", "SetIdentifier": "blue", "Weight": 1, "AliasTarget": ALIAS}


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


class Records:
    """A hosted zone in moto."""

    def __init__(self, moto):
        self.client = moto("route53")
        self.zone = self.client.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]

    def change(self, *changes):
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
        return self.client.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)["ChangeInfo"]

    def listed(self):
        records = self.client.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [record for record in records if record["Type"] not in {"NS", "SOA"}]


@pytest.fixture
def records(moto):
    return Records(moto)


def plain(**changed):
    return {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}], **changed}


def cname(*targets, **changed):
    return plain(Type="CNAME", ResourceRecords=[{"Value": target} for target in targets], **changed)


LATENCY = {**without(RECORD, "Weight"), "SetIdentifier": "other", "Region": "us-east-1"}
FAILOVER = {**without(RECORD, "Weight"), "SetIdentifier": "other", "Failover": "PRIMARY"}

ACCEPTED = {
    "a weight above 255": [{**RECORD, "Weight": 256}],
    "an alias with a TTL": [{**RECORD, "TTL": 60}],
    "a weighted record without set identifier": [without(RECORD, "SetIdentifier")],
    "a set identifier without routing policy": [without(RECORD, "Weight")],
    "two routing policies in one record": [{**RECORD, "Region": "us-east-1"}],
    "a record without TTL": [without(plain(), "TTL")],
    "neither alias nor values": [without(RECORD, "AliasTarget")],
    "a name that only ends like the zone's": [{**RECORD, "Name": "www.notexample.com"}],
    "a CNAME at the apex": [cname("a.example.org", Name="example.com")],
    "a CNAME with two values": [cname("a.example.org", "b.example.org")],
    "an A record whose value is no address": [plain(ResourceRecords=[{"Value": "300.1.1.1"}])],
    "a weighted record with two values": [
        plain(SetIdentifier="a", Weight=1, ResourceRecords=[{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}])
    ],
    "a simple record beside weighted ones": [plain(), RECORD],
    "weighted and latency records of one name": [RECORD, LATENCY],
    "weighted and failover records of one name": [RECORD, FAILOVER],
    "two primary records": [FAILOVER, {**FAILOVER, "SetIdentifier": "another"}],
    "a CNAME beside another type": [RECORD, cname("a.example.org", SetIdentifier="b", Weight=1)],
    "more than a hundred weighted records of one name": [{**RECORD, "SetIdentifier": str(n)} for n in range(101)],
    "an alias to a record that is not there": [{**RECORD, "AliasTarget": {**ALIAS, "DNSName": "none.example.com"}}],
    "a health check that is not there": [{**RECORD, "HealthCheckId": "none"}],
    "more than 32,000 characters": [
        plain(Type="TXT", ResourceRecords=[{"Value": f'"{"x" * 250}"'} for _ in range(130)])
    ],
}
"""Record sets that Route 53 refuses to create."""


@pytest.mark.parametrize("case", ACCEPTED)
def test_records_that_route_53_refuses_are_accepted(case, records):
    records.change(*[("CREATE", record) for record in ACCEPTED[case]])
    assert len(records.listed()) == len(ACCEPTED[case])


def test_every_change_is_in_sync_at_once_and_has_the_same_id(records):
    first, second = records.change(("UPSERT", RECORD)), records.change(("UPSERT", {**RECORD, "Weight": 2}))
    assert (first["Id"], first["Status"]) == (second["Id"], "INSYNC")


def test_a_change_that_nobody_made_is_in_sync(moto):
    assert moto("route53").get_change(Id="C123")["ChangeInfo"]["Status"] == "INSYNC"


def test_what_exists_is_created_again_beside_it(records):
    records.change(("CREATE", RECORD))
    records.change(("CREATE", {**RECORD, "Weight": 7}))
    assert [record["Weight"] for record in records.listed()] == [1, 7]


def test_the_good_half_of_a_bad_batch_stays(records):
    with pytest.raises(records.client.exceptions.InvalidChangeBatch):
        records.change(("UPSERT", RECORD), ("UPSERT", {**RECORD, "Name": "www.example.org"}))
    assert len(records.listed()) == 1


def test_one_record_may_be_changed_twice_in_a_batch(records):
    records.change(("UPSERT", RECORD), ("UPSERT", {**RECORD, "Weight": 2}))
    assert [record["Weight"] for record in records.listed()] == [2]


def test_deleting_one_record_deletes_its_set_identifier_under_other_names(records):
    records.change(("UPSERT", RECORD), ("UPSERT", {**RECORD, "Name": "api.example.com"}))
    records.change(("DELETE", RECORD))
    assert records.listed() == []


def test_a_record_is_deleted_whatever_values_are_given(records):
    records.change(("CREATE", RECORD))
    records.change(("DELETE", {**RECORD, "Weight": 99}))
    assert records.listed() == []


def test_a_weighted_group_keeps_unequal_ttls(records):
    records.change(*[("CREATE", plain(SetIdentifier=str(ttl), Weight=1, TTL=ttl)) for ttl in (300, 60)])
    assert [record["TTL"] for record in records.listed()] == [300, 60]


def test_names_in_capitals_are_outside_of_their_zone(records):
    with pytest.raises(ClientError, match="not permitted in zone"):
        records.change(("CREATE", {**RECORD, "Name": "WWW.Example.Com"}))


def test_pages_that_end_within_one_name_never_end(records):
    records.change(*[("CREATE", {**RECORD, "SetIdentifier": str(number)}) for number in range(5)])
    pages = records.client.get_paginator("list_resource_record_sets")
    with pytest.raises(PaginationError):
        list(pages.paginate(HostedZoneId=records.zone, PaginationConfig={"PageSize": 2}))


def test_route_53_is_never_busy_nor_asked_too_often(records):
    assert {records.change(("UPSERT", RECORD))["Status"] for _ in range(60)} == {"INSYNC"}


def check(moto, reference="r", **changed):
    config = {"Type": "HTTP", "FullyQualifiedDomainName": "www.example.com", "Port": 80, **changed}
    made = moto("route53").create_health_check(CallerReference=reference, HealthCheckConfig=config)
    return made["HealthCheck"]["Id"]


def test_the_same_health_check_asked_for_twice_is_two(moto):
    assert check(moto) != check(moto)


def test_health_checks_that_route_53_refuses_are_accepted(moto):
    assert check(moto, "interval", RequestInterval=15) and check(moto, "threshold", FailureThreshold=99)
    assert check(moto, "children", Type="CALCULATED", ChildHealthChecks=["none"], HealthThreshold=1)


def test_there_is_no_limit_to_health_checks_and_to_how_often_they_are_asked(moto):
    made = [check(moto, str(number)) for number in range(201)]
    assert len(set(made)) == 201


def test_every_health_check_succeeds_seen_by_one_checker(moto):
    found = moto("route53").get_health_check_status(HealthCheckId=check(moto, Inverted=True))
    (seen,) = found["HealthCheckObservations"]
    assert seen["StatusReport"]["Status"].startswith("Success")


def test_a_health_check_that_is_not_there_is_deleted(moto):
    moto("route53").delete_health_check(HealthCheckId="none")
