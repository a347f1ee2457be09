"""What Route 53 refuses, and moto accepts: the rules of a zone, batch by batch."""

import pytest

from sim.cloud.records import Zone
from sim.errors import AwsError

NAME = "www.example.com"
ALIAS = {"HostedZoneId": "Z1", "DNSName": "shop.elb.amazonaws.com", "EvaluateTargetHealth": True}


CLOUDFRONT = {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d1.cloudfront.net", "EvaluateTargetHealth": False}
WEBSITE = {**ALIAS, "HostedZoneId": "Z3", "DNSName": "s3-website-us-east-1.amazonaws.com"}


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


def failover(role, slot=None, **changed):
    return {**without(weighted(slot or role, **changed), "Weight"), "Failover": role}


def latency(slot, **changed):
    return {**without(weighted(slot), "Weight"), "Region": "us-east-1", **changed}


def text(count, name=NAME):
    return {"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": f'"{n}"'} for n in range(count)]}


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
    "an AAAA record whose value is no address": (
        "InvalidChangeBatch",
        change("UPSERT", {"Name": NAME, "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}),
    ),
    "a type that does not exist": ("InvalidInput", change("UPSERT", weighted(Type="ALIAS"))),
    "a TTL that is too long": ("InvalidInput", change("UPSERT", cname(ttl=2**31))),
    "a set identifier that is too long": ("InvalidInput", change("UPSERT", weighted("x" * 129))),
    "a failover record that is neither": ("InvalidInput", change("UPSERT", failover("TERTIARY"))),
    "a failover alias that does not evaluate its target": (
        "InvalidChangeBatch",
        change("UPSERT", failover("PRIMARY", AliasTarget={**ALIAS, "EvaluateTargetHealth": False})),
    ),
    "an alias of type NS": ("InvalidChangeBatch", change("UPSERT", weighted(Type="NS"))),
    "a multivalue alias": (
        "InvalidChangeBatch",
        change("UPSERT", {**without(weighted(), "Weight"), "MultiValueAnswer": True}),
    ),
    "an alias to CloudFront that evaluates its target": (
        "InvalidChangeBatch",
        change("UPSERT", weighted(AliasTarget=CLOUDFRONT | {"EvaluateTargetHealth": True})),
    ),
    "an alias to an S3 website of type AAAA": (
        "InvalidChangeBatch",
        change("UPSERT", weighted(Type="AAAA", AliasTarget=WEBSITE)),
    ),
    "an alias to a bucket's own name": (
        "InvalidChangeBatch",
        change("UPSERT", weighted(AliasTarget=WEBSITE | {"DNSName": f"bucket.{WEBSITE['DNSName']}"})),
    ),
    "more than 400 values in a record": (
        "InvalidChangeBatch",
        change("UPSERT", text(401)),
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


def test_a_weighted_record_has_several_values_where_the_scenario_says_so():
    two = weighted(TTL=60, ResourceRecords=[{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}])
    batch = [{"Action": "CREATE", "ResourceRecordSet": without(two, "AliasTarget")}]
    lax = Zone("example.com", zone().records.values(), several_weighted_values=True)
    assert len(lax.changed(batch).changed([{**batch[0], "Action": "UPSERT"}]).group(NAME)) == 1
    with pytest.raises(AwsError, match="must have one value"):
        zone().changed(batch)


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


@pytest.mark.parametrize(
    "records",
    [
        [cname(ttl=2**31 - 1)],
        [cname(ttl=0)],
        [weighted("x" * 128)],
        [weighted("a", 0), weighted("b", 255)],
        [failover("PRIMARY"), failover("SECONDARY", AliasTarget=WEBSITE)],
        [weighted("a"), weighted("b", AliasTarget=WEBSITE), weighted("c", AliasTarget=CLOUDFRONT)],
        [text(400)],
    ],
    ids=["the longest TTL", "TTL zero", "a long identifier", "weights", "failover", "aliases", "many values"],
)
def test_route53_accepts_what_is_just_within_its_rules(records):
    after = zone().changed([change("CREATE", record) for record in records])
    assert len(after.group(NAME)) == len(records)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([failover("PRIMARY", "a"), failover("PRIMARY", "b")], "only one may have Failover PRIMARY"),
        ([latency("a"), latency("b")], "only one may have Region us-east-1"),
        ([failover("PRIMARY"), weighted()], "another routing policy"),
        ([weighted("a", AliasTarget=WEBSITE), weighted("b", AliasTarget=WEBSITE)], "only one can be an S3 website"),
        ([latency(f"{n}", Region=f"r{n}") for n in range(101)], "more than 100 Region"),
    ],
    ids=["two primaries", "one region twice", "failover and weighted", "two websites", "latency records"],
)
def test_record_sets_that_cannot_stand_beside_each_other_are_refused(records, said):
    with pytest.raises(AwsError, match=said) as refused:
        zone().changed([change("CREATE", record) for record in records])
    assert refused.value.code == "InvalidChangeBatch"


def test_cloudfront_may_be_one_of_a_failover_pair_but_not_both():
    primary, secondary = (failover(role, AliasTarget=CLOUDFRONT) for role in ("PRIMARY", "SECONDARY"))
    one = zone(failover("PRIMARY")).changed([change("CREATE", secondary)])
    with pytest.raises(AwsError, match="both be CloudFront"):
        one.changed([change("DELETE", failover("PRIMARY")), change("CREATE", {**primary, "SetIdentifier": "x"})])


def test_a_zone_holds_ten_thousand_records_and_not_one_more():
    full = zone(*[text(1, f"n{number}.example.com") for number in range(9_998)])
    with pytest.raises(AwsError, match="10000 are allowed"):
        full.changed([change("CREATE", text(1))])
    replaced = full.changed([change("DELETE", text(1, "n0.example.com")), change("CREATE", text(1))])
    assert len(replaced.records) == 10_000


@pytest.mark.parametrize(("action", "most"), [("CREATE", 32_000), ("UPSERT", 16_000)])
def test_the_values_of_a_batch_have_32000_characters_and_upsert_counts_twice(action, most):
    def batch(size):
        return [change(action, {**text(1), "ResourceRecords": [{"Value": "x" * size}]})]

    zone().changed(batch(most))
    with pytest.raises(AwsError, match="limit of 32000"):
        zone().changed(batch(most + 1))
