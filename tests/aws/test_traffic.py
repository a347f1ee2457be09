"""Weighted records: set and read back, converted, removed, and what is known after a crash."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.traffic.route53 import Route53
from bluegreen.errors import Missing, Refused, Throttled, Unreachable
from bluegreen.model import Slot
from bluegreen.plan import Service
from tests.aws.conftest import CountedApi, Shop

BLUE, GREEN = Slot.BLUE, Slot.GREEN
ALIAS = Service(name="shop", zone="example.com", record="www.example.com")
CNAME = Service(name="shop", zone="example.com", record="www.example.com", records="cname", ttl="30s")
FORMS = pytest.mark.parametrize("service", [ALIAS, CNAME], ids=["alias", "cname"])


def facts(slot: Slot) -> PlaceFacts | None:
    balancer = Balancer("application", f"shop-{slot}", "arn", f"shop-{slot}.elb.amazonaws.com", "Z2P70J7EXAMPLE")
    return PlaceFacts(balancer, f"shop-{slot}")


def a_traffic(api: CountedApi, service: Service = ALIAS, places: Any = facts) -> Route53:
    """As a fresh process would have it."""
    return Route53(api, service, BLUE, places)


@FORMS
def test_set_then_read_gives_the_same(service: Service, shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api, service)

    traffic.set({BLUE: 90, GREEN: 10})

    assert traffic.read().weights == {BLUE: 90, GREEN: 10}
    assert traffic.read().in_sync


@FORMS
def test_zero_means_zero(service: Service, shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api, service)

    traffic.set({BLUE: 0, GREEN: 255})

    assert traffic.read().weights == {BLUE: 0, GREEN: 255}


@FORMS
def test_setting_twice_leaves_the_same_records_and_submits_one_change(
    service: Service, shop: Shop, api: CountedApi
) -> None:
    traffic = a_traffic(api, service)
    traffic.set({BLUE: 90, GREEN: 10})
    before = shop.records()

    traffic.set({BLUE: 90, GREEN: 10})

    assert shop.records() == before
    assert api.calls.count("route53:change_resource_record_sets") == 1


def test_alias_records_watch_the_balancers_health_and_cnames_have_the_ttl(shop: Shop, api: CountedApi) -> None:
    a_traffic(api).set({BLUE: 1, GREEN: 0})
    assert all(record["AliasTarget"]["EvaluateTargetHealth"] for record in shop.records())

    a_traffic(api, CNAME.model_copy(update={"record": "shop.example.com"})).set({BLUE: 1, GREEN: 0})
    assert {record.get("TTL") for record in shop.records() if record["Type"] == "CNAME"} == {30}


def test_both_records_change_in_one_call(shop: Shop, api: CountedApi) -> None:
    a_traffic(api).set({BLUE: 90, GREEN: 10})

    assert api.calls.count("route53:change_resource_record_sets") == 1


def test_all_weights_zero_is_a_programmers_error(shop: Shop, api: CountedApi) -> None:
    with pytest.raises(AssertionError):
        a_traffic(api).set({BLUE: 0, GREEN: 0})


@pytest.mark.parametrize("weight", [-1, 256])
def test_a_weight_outside_of_route_53s_range_is_a_programmers_error(weight: int, shop: Shop, api: CountedApi) -> None:
    with pytest.raises(AssertionError):
        a_traffic(api).set({BLUE: weight, GREEN: 1})


def test_no_record_at_all_reads_as_no_weights(shop: Shop, api: CountedApi) -> None:
    assert a_traffic(api).read().weights == {}


def test_records_of_other_names_and_types_are_not_read(shop: Shop, api: CountedApi) -> None:
    shop.put(Name="zzz.example.com", Type="A", TTL=60, ResourceRecords=[{"Value": "192.0.2.1"}])
    shop.put(Name="www.example.com", Type="TXT", TTL=60, ResourceRecords=[{"Value": '"hello"'}])

    assert a_traffic(api).read().weights == {}


def test_a_simple_record_reads_as_all_traffic_on_live(shop: Shop, api: CountedApi) -> None:
    shop.put(Name="www.example.com", Type="A", AliasTarget=shop.alias("shop-blue.elb.amazonaws.com"))

    assert a_traffic(api).read().weights == {BLUE: 100}


@FORMS
def test_a_simple_record_is_replaced_by_weighted_ones_in_one_change(
    service: Service, shop: Shop, api: CountedApi
) -> None:
    target: dict[str, Any] = {"AliasTarget": shop.alias("dualstack.shop-blue.elb.amazonaws.com")}
    if service is CNAME:
        target = {"TTL": 300, "ResourceRecords": [{"Value": "shop-blue.elb.amazonaws.com"}]}
    shop.put(Name="www.example.com", Type="CNAME" if service is CNAME else "A", **target)

    a_traffic(api, service).set({BLUE: 90, GREEN: 10})

    assert {record["SetIdentifier"]: record["Weight"] for record in shop.records()} == {"blue": 90, "green": 10}
    assert api.calls.count("route53:change_resource_record_sets") == 1


def test_a_fresh_process_does_not_know_whether_the_records_are_in_sync_until_it_sets_them(
    shop: Shop, api: CountedApi
) -> None:
    a_traffic(api).set({BLUE: 90, GREEN: 10})
    fresh = a_traffic(api)
    assert not fresh.read().in_sync

    fresh.set({BLUE: 90, GREEN: 10})

    assert fresh.read().in_sync


def test_weights_moved_by_hand_are_seen_as_they_are_and_not_in_sync(shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api)
    traffic.set({BLUE: 90, GREEN: 10})
    a_traffic(CountedApi()).set({BLUE: 50, GREEN: 50})

    seen = traffic.read()

    assert (seen.weights, seen.in_sync) == ({BLUE: 50, GREEN: 50}, False)
    traffic.set({BLUE: 90, GREEN: 10})
    assert traffic.read().weights == {BLUE: 90, GREEN: 10}


def test_a_pending_change_is_not_in_sync(shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic, status, call = a_traffic(api), "PENDING", api.call
    monkeypatch.setattr(
        api, "call", lambda s, o, **p: {"ChangeInfo": {"Status": status}} if o == "get_change" else call(s, o, **p)
    )
    traffic.set({BLUE: 90, GREEN: 10})
    assert not traffic.read().in_sync

    status = "INSYNC"

    assert traffic.read().in_sync


def test_once_in_sync_a_look_is_one_call(shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api)
    traffic.set({BLUE: 90, GREEN: 10})
    traffic.read()
    api.calls.clear()

    traffic.read()

    assert api.calls == ["route53:list_resource_record_sets"]


def test_after_a_lost_reply_the_change_is_seen_and_setting_it_again_is_harmless(shop: Shop) -> None:
    api = CountedApi(fatal=3, fate=Unreachable)  # find the zone, list, change
    traffic = a_traffic(api)
    with pytest.raises(Unreachable):
        traffic.set({BLUE: 90, GREEN: 10})
    assert traffic.read().weights == {BLUE: 90, GREEN: 10}
    assert not traffic.read().in_sync

    traffic.set({BLUE: 90, GREEN: 10})

    assert traffic.read().in_sync
    assert len(shop.records()) == 2


@FORMS
def test_a_removed_record_is_gone_and_the_other_one_stays(service: Service, shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api, service)
    traffic.set({BLUE: 0, GREEN: 100})

    traffic.remove(BLUE)
    traffic.remove(BLUE)

    assert traffic.read().weights == {GREEN: 100}
    assert traffic.read().in_sync


def test_the_last_record_is_not_removed(shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api)
    traffic.set({GREEN: 100})

    with pytest.raises(Refused, match="the last one"):
        traffic.remove(GREEN)

    assert traffic.read().weights == {GREEN: 100}


def test_weights_can_be_moved_back_while_balancers_cannot_be_read(shop: Shop, api: CountedApi) -> None:
    a_traffic(api).set({BLUE: 50, GREEN: 50})

    def throttled(_: Slot) -> PlaceFacts | None:
        raise Throttled("too often")

    traffic = a_traffic(api, places=throttled)
    traffic.set({BLUE: 100, GREEN: 0})

    assert traffic.read().weights == {BLUE: 100, GREEN: 0}


def test_a_slot_without_balancer_and_record_cannot_get_traffic(shop: Shop, api: CountedApi) -> None:
    with pytest.raises(Missing):
        a_traffic(api, places=lambda slot: None).set({BLUE: 1, GREEN: 0})


def test_a_zone_that_does_not_exist_is_missing(shop: Shop, api: CountedApi) -> None:
    with pytest.raises(Missing, match=r"example\.org"):
        a_traffic(api, ALIAS.model_copy(update={"zone": "example.org"})).read()


def test_a_zone_given_by_its_id_is_not_searched_for(shop: Shop, api: CountedApi) -> None:
    a_traffic(api, ALIAS.model_copy(update={"zone": shop.zone})).read()

    assert api.calls == ["route53:list_resource_record_sets"]


def test_two_zones_of_one_name_must_be_told_apart_by_id(shop: Shop, api: CountedApi) -> None:
    shop.route53.create_hosted_zone(Name="example.com", CallerReference="y", HostedZoneConfig={"PrivateZone": True})

    with pytest.raises(Refused, match=shop.zone):
        a_traffic(api).read()


def test_a_wildcard_name_is_found_as_route_53_writes_it(shop: Shop, api: CountedApi) -> None:
    traffic = a_traffic(api, ALIAS.model_copy(update={"record": "*.example.com"}))

    traffic.set({BLUE: 100, GREEN: 0})

    assert traffic.read().weights == {BLUE: 100, GREEN: 0}


def test_a_change_that_route_53_does_not_know_is_submitted_again(
    shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    traffic, call = a_traffic(api), api.call
    traffic.set({BLUE: 90, GREEN: 10})

    def unknown(service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "get_change":
            raise Missing("route53 get_change: NoSuchChange")
        return call(service, operation, **params)

    monkeypatch.setattr(api, "call", unknown)
    assert not traffic.read().in_sync
    monkeypatch.undo()

    traffic.set({BLUE: 90, GREEN: 10})

    assert traffic.read().in_sync
    assert api.calls.count("route53:change_resource_record_sets") == 2


@given(blue=st.integers(0, 255), green=st.integers(0, 255))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_weights_but_all_zero_are_read_back_as_they_were_set(blue: int, green: int, shop: Shop) -> None:
    assume(blue or green)
    traffic = a_traffic(CountedApi())

    traffic.set({BLUE: blue, GREEN: green})

    assert traffic.read().weights == {BLUE: blue, GREEN: green}
    assert len(shop.records()) == 2
