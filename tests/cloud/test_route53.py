"""Route 53 as the engine meets it: the world's weights, propagation, and refusals with AWS's codes."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.cloud import NotModelled
from sim.effects import WeightsChanged
from tests.cloud.conftest import CNAME, opened

NAME = "www.example.com"


def zone_of(it):
    return it.client("route53").list_hosted_zones_by_name(DNSName="example.com")["HostedZones"][0]["Id"]


def records(it):
    listed = it.client("route53").list_resource_record_sets(HostedZoneId=zone_of(it))["ResourceRecordSets"]
    return [record for record in listed if record["Name"] == f"{NAME}."]


def weights(it):
    return {record["SetIdentifier"]: record["Weight"] for record in records(it)}


def submit(it, *changes):
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    zone = zone_of(it)
    return it.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


def status(it, change):
    return it.client("route53").get_change(Id=change["Id"])["ChangeInfo"]["Status"]


def refused(code, call, *args, **kwargs):
    with pytest.raises(ClientError) as error:
        call(*args, **kwargs)
    assert error.value.response["Error"]["Code"] == code
    return error.value.response["Error"]["Message"]


def test_the_live_slot_has_a_weighted_alias_before_the_rollout(rehearsal):
    (record,) = records(rehearsal)
    assert (record["SetIdentifier"], record["Weight"]) == ("blue", 100)
    assert record["AliasTarget"]["DNSName"].startswith("shop-live-")


def test_a_change_is_pending_until_the_worlds_servers_have_it(rehearsal):
    (blue,) = records(rehearsal)
    change = submit(rehearsal, ("UPSERT", {**blue, "Weight": 7}))
    assert change["Status"] == status(rehearsal, change) == "PENDING"
    rehearsal.wait(minutes=5)
    assert status(rehearsal, change) == "INSYNC"


def test_every_change_has_its_own_id_even_when_it_changes_nothing(rehearsal):
    (blue,) = records(rehearsal)
    assert submit(rehearsal, ("UPSERT", blue))["Id"] != submit(rehearsal, ("UPSERT", blue))["Id"]


def test_an_unknown_change_is_refused(rehearsal):
    refused("NoSuchChange", rehearsal.client("route53").get_change, Id="C123")


def test_an_unknown_zone_is_refused(rehearsal):
    refused("NoSuchHostedZone", rehearsal.client("route53").list_resource_record_sets, HostedZoneId="ZNONE")


def test_weights_reach_the_world_and_are_recorded(rehearsal):
    (blue,) = records(rehearsal)
    submit(rehearsal, ("UPSERT", {**blue, "Weight": 0}))
    assert rehearsal.world.dns.weights == {Slot.BLUE: 0}
    assert rehearsal.world.effects[-1] == WeightsChanged({Slot.BLUE: 100}, {Slot.BLUE: 0})


def test_a_change_by_hand_in_the_world_is_listed(rehearsal):
    rehearsal.world.dns.change({Slot.BLUE: 33}, by="operator")
    assert weights(rehearsal) == {"blue": 33}


def test_a_record_made_by_hand_points_at_the_slots_balancer(rehearsal):
    subnets = [subnet["SubnetId"] for subnet in rehearsal.client("ec2").describe_subnets()["Subnets"]][:2]
    made = rehearsal.client("elbv2").create_load_balancer(Name="shop-green", Subnets=subnets)["LoadBalancers"][0]
    rehearsal.world.dns.change({Slot.BLUE: 50, Slot.GREEN: 50}, by="operator")
    assert weights(rehearsal) == {"blue": 50, "green": 50}
    assert records(rehearsal)[1]["AliasTarget"]["DNSName"] == f"{made['DNSName']}."


def test_a_ttl_that_the_worlds_caches_do_not_have_fails_loudly():
    with opened(plan={"service": CNAME}) as it:
        (blue,) = records(it)
        with pytest.raises(NotModelled, match="60 s, this record says 300"):
            submit(it, ("UPSERT", {**blue, "TTL": 300}))


def test_a_refused_batch_changes_nothing_in_the_world(rehearsal):
    (blue,) = records(rehearsal)
    before = len(rehearsal.world.effects)
    refused("InvalidInput", submit, rehearsal, ("UPSERT", {**blue, "Weight": 5}), ("UPSERT", {**blue, "Weight": 256}))
    assert weights(rehearsal) == {"blue": 100}
    assert len(rehearsal.world.effects) == before


def test_an_alias_must_name_the_balancers_own_zone(rehearsal):
    (blue,) = records(rehearsal)
    wrong = {**blue, "AliasTarget": {**blue["AliasTarget"], "HostedZoneId": "Z000"}}
    assert "does not lie within" in refused("InvalidChangeBatch", submit, rehearsal, ("UPSERT", wrong))


def test_what_counts_is_where_a_record_points_not_what_it_is_called(rehearsal):
    (blue,) = records(rehearsal)
    submit(rehearsal, ("CREATE", {**blue, "SetIdentifier": "green", "Weight": 11}))
    assert rehearsal.world.dns.weights == {Slot.BLUE: 111}
    assert weights(rehearsal) == {"blue": 100, "green": 11}


def test_a_change_elsewhere_in_the_zone_leaves_the_service_alone(rehearsal):
    before = len(rehearsal.world.effects)
    other = {"Name": "api.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    change = submit(rehearsal, ("CREATE", other))
    assert len(rehearsal.world.effects) == before
    rehearsal.wait(seconds=31)
    assert status(rehearsal, change) == "INSYNC"


def test_a_simple_record_is_listed_without_weight_and_becomes_weighted_in_one_batch():
    with opened(record="simple") as it:
        (simple,) = records(it)
        assert "Weight" not in simple
        submit(it, ("DELETE", simple), ("CREATE", {**simple, "SetIdentifier": "blue", "Weight": 9}))
        assert it.world.dns.weights == {Slot.BLUE: 9}


def test_cname_records_have_the_plans_ttl():
    with opened(plan={"service": CNAME}) as it:
        (record,) = records(it)
        assert (record["Type"], record["TTL"], record["Weight"]) == ("CNAME", 60, 100)


def test_a_zone_with_records_cannot_be_deleted(rehearsal):
    refused("HostedZoneNotEmpty", rehearsal.client("route53").delete_hosted_zone, Id=zone_of(rehearsal))


def test_pages_go_on_where_the_last_one_ended_also_within_one_name(rehearsal):
    (blue,) = records(rehearsal)
    submit(rehearsal, *[("CREATE", {**blue, "SetIdentifier": f"s{number}"}) for number in range(5)])
    pages = rehearsal.client("route53").get_paginator("list_resource_record_sets")
    found = [
        record.get("SetIdentifier", record["Type"])
        for page in pages.paginate(HostedZoneId=zone_of(rehearsal), PaginationConfig={"PageSize": 2})
        for record in page["ResourceRecordSets"]
    ]
    assert found == ["NS", "SOA", "blue", "s0", "s1", "s2", "s3", "s4"]


def test_a_second_change_too_soon_is_refused_when_the_cloud_is_set_so():
    with opened(change_processing=timedelta(seconds=5)) as it:
        (blue,) = records(it)
        submit(it, ("UPSERT", {**blue, "Weight": 1}))
        refused("PriorRequestNotComplete", submit, it, ("UPSERT", {**blue, "Weight": 2}))
        it.wait(seconds=5)
        submit(it, ("UPSERT", {**blue, "Weight": 2}))


def test_a_plan_may_name_its_zone_by_id():
    with opened(plan={"service": {"name": "shop", "zone": "Z0123456789ABC", "record": NAME}}) as it:
        listed = it.client("route53").list_resource_record_sets(HostedZoneId="Z0123456789ABC")["ResourceRecordSets"]
        assert listed[-1]["Name"] == f"{NAME}."


# -- what moto lets through


def target(record, **changed):
    return {**record, "AliasTarget": {**record["AliasTarget"], **changed}}


def test_a_record_that_does_not_evaluate_its_target_fails_loudly(rehearsal):
    (blue,) = records(rehearsal)
    with pytest.raises(NotModelled, match="evaluate"):
        submit(rehearsal, ("UPSERT", target(blue, EvaluateTargetHealth=False)))


def elsewhere(to, zone, **policy):
    alias = {"HostedZoneId": zone, "DNSName": to, "EvaluateTargetHealth": False}
    return {"Name": "api.example.com", "Type": "A", "AliasTarget": alias, **policy}


def test_an_alias_to_a_record_names_its_own_zone_and_a_record_that_exists(rehearsal):
    own = zone_of(rehearsal).removeprefix("/hostedzone/")
    assert "not found" in refused("InvalidChangeBatch", submit, rehearsal, ("CREATE", elsewhere("no.example.com", own)))
    assert "not found" in refused(
        "InvalidChangeBatch", submit, rehearsal, ("CREATE", elsewhere("api.example.com", own))
    )
    assert "does not lie within" in refused("InvalidChangeBatch", submit, rehearsal, ("CREATE", elsewhere(NAME, "Z9")))
    other = {**elsewhere(NAME, own), "Type": "AAAA"}
    assert "type AAAA" in refused("InvalidChangeBatch", submit, rehearsal, ("CREATE", other))
    submit(rehearsal, ("CREATE", elsewhere(NAME, own)))


def test_a_website_and_a_distribution_may_be_targets_beside_the_service(rehearsal):
    website = elsewhere("s3-website-us-east-1.amazonaws.com", "Z3AQBSTGFYJSTF")
    submit(rehearsal, ("CREATE", website))
    submit(rehearsal, ("UPSERT", elsewhere("d1.cloudfront.net", "Z2FDTNDATAQYW2")))


def test_asking_too_often_is_throttled_until_tokens_come_back(rehearsal):
    route53 = rehearsal.client("route53")
    asked = 0
    with pytest.raises(ClientError) as error:
        while asked < 100:
            route53.list_hosted_zones()
            asked += 1
    refusal = error.value.response
    assert asked == 50
    assert (refusal["Error"]["Code"], refusal["Error"]["Message"]) == ("Throttling", "Rate exceeded")
    assert refusal["ResponseMetadata"]["HTTPStatusCode"] == 400
    rehearsal.wait(seconds=1)
    for _ in range(10):
        route53.list_hosted_zones()
    refused("Throttling", route53.list_hosted_zones)


def test_a_bucket_for_record_changes_counts_them_singly_when_the_cloud_is_set_so():
    with opened(route53_quotas={"changes_burst": 3, "changes_refill": 1}) as it:
        (blue,) = records(it)
        submit(it, *[("CREATE", {**blue, "SetIdentifier": f"s{n}"}) for n in range(2)])
        refused("Throttling", submit, it, *[("CREATE", {**blue, "SetIdentifier": f"t{n}"}) for n in range(2)])
        it.wait(seconds=1)
        submit(it, *[("CREATE", {**blue, "SetIdentifier": f"t{n}"}) for n in range(2)])


def test_a_batch_that_is_refused_leaves_the_way_free_for_the_next_one():
    with opened(change_processing=timedelta(seconds=5)) as it:
        (blue,) = records(it)
        refused("InvalidInput", submit, it, ("UPSERT", {**blue, "Weight": 256}))
        submit(it, ("UPSERT", {**blue, "Weight": 2}))
