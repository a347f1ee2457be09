"""What stands in the way of a fallback is said before anything is made, the same on both tiers."""

from contextlib import ExitStack

import pytest

from bluegreen.errors import UserError
from sim.tiers import Tier

from .conftest import NAME, Moto, mock_aws, of_tier

TIERS = pytest.mark.parametrize("tier", [Tier.MEMORY, Tier.MOTO])


def asked_before(plan, tier, **cloud):
    with ExitStack() as stack:
        of_tier(stack, tier, plan, preflight=True, **cloud)


@TIERS
@pytest.mark.parametrize("public", ["simple", "alias", "failover", "none"])
def test_a_plain_way_to_the_slots_an_earlier_rollouts_pair_or_nothing_is_fine(a_plan, tier, public):
    asked_before(a_plan(), tier, public=public)


@TIERS
def test_a_name_that_points_elsewhere_is_not_touched(a_plan, tier):
    with pytest.raises(UserError, match=f"fallback: {NAME} points at 192.0.2.1, not at the slots"):
        asked_before(a_plan(), tier, public="elsewhere")


@TIERS
def test_somebodys_bucket_is_not_touched(a_plan, tier):
    with pytest.raises(UserError, match=f"there is a bucket {NAME} that no rollout of shop made"):
        asked_before(a_plan(), tier, bucket="foreign")


@TIERS
def test_a_bucket_of_ones_own_must_answer(a_plan, tier):
    asked_before(a_plan(existing=True), tier, bucket="site")
    with pytest.raises(UserError, match=r"fallback: http://www\.example\.com\.s3-website.* answers 404"):
        asked_before(a_plan(existing=True), tier)


@TIERS
def test_a_name_outside_of_the_zone_is_refused(a_plan, tier):
    with pytest.raises(UserError, match=r"fallback\.name: www\.example\.org is not in the zone example\.com"):
        asked_before(a_plan(name="www.example.org", existing=True), tier, public="none")


@pytest.fixture
def there(a_plan):
    with mock_aws():
        yield Moto(a_plan(), public="none")


ALIAS = {"HostedZoneId": "Z2P", "DNSName": "shop-blue.us-east-1.elb.amazonaws.com", "EvaluateTargetHealth": True}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"Type": "AAAA", "AliasTarget": ALIAS}, "also has AAAA records, which would not fail over"),
        (
            {"Type": "A", "SetIdentifier": "old", "Failover": "SECONDARY", "AliasTarget": ALIAS},
            "has a record 'old' that no rollout made",
        ),
        ({"Type": "A", "SetIdentifier": "x", "Weight": 1, "AliasTarget": ALIAS}, "has a record 'x' that no rollout"),
        ({"Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net"}]}, "also has CNAME records"),
    ],
)
def test_records_of_others_at_the_public_name_are_named_and_kept(there, record, said):
    there.put_record({"Name": NAME, **record})
    port, before = there.bench().again(), there.records(NAME)
    assert said in port.look().refused
    assert there.records(NAME) == before


def test_the_slots_record_comes_first(there):
    there.plan = there.plan.model_copy(
        update={"service": there.plan.service.model_copy(update={"record": "other.example.com"})}
    )
    assert "there is no record other.example.com yet" in there.bench().again().look().refused


def test_a_slots_record_that_evaluates_no_health_would_keep_users_from_the_page(a_plan):
    with mock_aws():
        there = Moto(a_plan(), public="none")
        [record] = there.records("slots.example.com")
        deaf = {**record, "AliasTarget": {**record["AliasTarget"], "EvaluateTargetHealth": False}}
        batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": deaf}]}
        there.route53.change_resource_record_sets(HostedZoneId=there.zone, ChangeBatch=batch)
        assert f"with nobody healthy, {NAME} would answer" in there.bench().again().look().refused
