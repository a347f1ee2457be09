"""What Route 53 refuses, and moto accepts: the rules of a zone, batch by batch."""

import pytest

from sim.cloud.errors import AwsError
from sim.cloud.records import Zone

NAME = "www.example.com"
ALIAS = {"HostedZoneId": "Z1", "DNSName": "shop.elb.amazonaws.com", "EvaluateTargetHealth": True}


def zone(*records):
    own = [
        {"Name": "example.com.", "Type": kind, "TTL": 900, "ResourceRecords": [{"Value": "ns.example.org."}]}
        for kind in ("NS", "SOA")
    ]
    return Zone("example.com", [*own, *records])


def weighted(slot="blue", weight=100, **changed):
    return {"Name": NAME, "Type": "A", "SetIdentifier": slot, "Weight": weight, "AliasTarget": ALIAS, **changed}


def cname(slot="blue", ttl=60, **changed):
    record = {"Name": NAME, "Type": "CNAME", "SetIdentifier": slot, "Weight": 1, "TTL": ttl}
    return {**record, "ResourceRecords": [{"Value": "a.example.org"}], **changed}


def without(record, *keys):
    return {key: value for key, value in record.items() if key not in keys}


def change(action, record):
    return {"Action": action, "ResourceRecordSet": record}


def weights(of):
    return {record["SetIdentifier"]: record["Weight"] for record in of.group(NAME)}


REFUSED = {
    "a weight above 255": ("InvalidInput", change("UPSERT", weighted(weight=256))),
    "a weighted record without set identifier": (
        "InvalidInput",
        change("UPSERT", without(weighted(), "SetIdentifier")),
    ),
    "a set identifier without routing policy": ("InvalidInput", change("UPSERT", without(weighted(), "Weight"))),
    "two routing policies in one record": ("InvalidInput", change("UPSERT", weighted(Region="us-east-1"))),
    "an alias with a TTL": ("InvalidInput", change("UPSERT", weighted(TTL=60))),
    "a record without TTL": ("InvalidInput", change("UPSERT", without(cname(), "TTL"))),
    "a record without values": ("InvalidInput", change("UPSERT", cname(ResourceRecords=[]))),
    "neither alias nor values": ("InvalidInput", change("UPSERT", without(weighted(), "AliasTarget"))),
    "an action that does not exist": ("InvalidInput", change("REPLACE", weighted())),
    "a name outside of the zone": ("InvalidChangeBatch", change("UPSERT", weighted(Name="www.notexample.com"))),
    "a CNAME at the apex": ("InvalidChangeBatch", change("UPSERT", cname(Name="example.com"))),
    "a CNAME with two values": (
        "InvalidChangeBatch",
        change("UPSERT", cname(ResourceRecords=[{"Value": "a.org"}, {"Value": "b.org"}])),
    ),
    "an A record whose value is no address": (
        "InvalidChangeBatch",
        change("UPSERT", {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "300.1.1.1"}]}),
    ),
    "the removal of the zone's NS record": (
        "InvalidChangeBatch",
        change(
            "DELETE",
            {"Name": "example.com", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns.example.org."}]},
        ),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_route53_refuses(case):
    code, wrong = REFUSED[case]
    with pytest.raises(AwsError) as refused:
        zone().changed([wrong])
    assert refused.value.code == code


def test_one_bad_change_in_a_batch_and_nothing_of_it_happens():
    before = zone(weighted("blue", 100))
    with pytest.raises(AwsError):
        before.changed([change("UPSERT", weighted("blue", 10)), change("UPSERT", weighted("green", 256))])
    assert weights(before) == {"blue": 100}


def test_create_of_what_exists_is_refused_even_with_other_values():
    with pytest.raises(AwsError, match="already exists"):
        zone(weighted("blue", 100)).changed([change("CREATE", weighted("blue", 7))])


def test_delete_must_name_the_values_as_they_are():
    before = zone(weighted("blue", 100))
    with pytest.raises(AwsError, match="do not match"):
        before.changed([change("DELETE", weighted("blue", 50))])
    with pytest.raises(AwsError, match="not found"):
        before.changed([change("DELETE", weighted("green", 100))])
    assert weights(before.changed([change("DELETE", weighted("blue", 100))])) == {}


def test_delete_touches_one_name_only():
    other = weighted("blue", 5, Name="api.example.com")
    after = zone(weighted("blue", 100), other).changed([change("DELETE", weighted("blue", 100))])
    assert [record["Name"] for record in after.records.values() if "Weight" in record] == ["api.example.com."]


def test_a_simple_record_cannot_stand_beside_weighted_ones():
    simple = without(weighted(), "SetIdentifier", "Weight")
    with pytest.raises(AwsError, match="routing policy"):
        zone(simple).changed([change("CREATE", weighted())])


@pytest.mark.parametrize("order", [1, -1])
def test_a_simple_record_becomes_weighted_in_one_batch_whatever_the_order(order):
    simple = without(weighted(), "SetIdentifier", "Weight")
    batch = [change("DELETE", simple), change("CREATE", weighted("blue", 100)), change("CREATE", weighted("green", 0))]
    assert weights(zone(simple).changed(batch[::order])) == {"blue": 100, "green": 0}


def test_weighted_and_latency_records_do_not_mix():
    latency = {**without(weighted("green"), "Weight"), "Region": "us-east-1"}
    with pytest.raises(AwsError, match="routing policy"):
        zone(weighted()).changed([change("CREATE", latency)])


def test_a_cname_tolerates_no_other_type_of_its_name():
    with pytest.raises(AwsError, match="conflicting"):
        zone(weighted()).changed([change("CREATE", cname("green"))])


def test_the_last_ttl_given_rewrites_the_weighted_group():
    after = zone(cname("blue", ttl=300)).changed([change("CREATE", cname("green", ttl=60))])
    assert [record["TTL"] for record in after.group(NAME)] == [60, 60]


def test_names_are_listed_in_lower_case_with_a_dot():
    after = zone().changed([change("CREATE", weighted(Name="WWW.Example.Com"))])
    record = after.group(NAME)[0]
    assert record["Name"] == "www.example.com."
    assert record["AliasTarget"]["DNSName"] == "shop.elb.amazonaws.com."


def test_the_same_record_set_twice_in_a_batch_is_refused_unless_replaced():
    before = zone(weighted("blue", 100))
    with pytest.raises(AwsError, match="invalid set of changes"):
        before.changed([change("UPSERT", weighted("blue", 1)), change("UPSERT", weighted("blue", 2))])
    replaced = before.changed([change("DELETE", weighted("blue", 100)), change("CREATE", weighted("blue", 2))])
    assert weights(replaced) == {"blue": 2}


@pytest.mark.parametrize(("action", "most"), [("CREATE", 1000), ("UPSERT", 500)])
def test_a_batch_holds_a_thousand_values_and_upsert_counts_twice(action, most):
    def batch(size):
        records = [weighted(Name=f"n{number}.example.com") for number in range(size)]
        return [change(action, record) for record in records]

    zone().changed(batch(most))
    with pytest.raises(AwsError, match="limit of 1000"):
        zone().changed(batch(most + 1))


def test_a_hundred_weighted_records_share_a_name_and_not_one_more():
    hundred = [weighted(f"s{number:03}") for number in range(100)]
    with pytest.raises(AwsError, match="more than 100"):
        zone(*hundred).changed([change("CREATE", weighted("one more"))])
