"""What a rollout file may say, and what it says wrongly."""

import pytest
from pydantic import ValidationError

from bluegreen.errors import UserError
from bluegreen.fallback.page import File, read_page
from bluegreen.fallback.spec import problems
from bluegreen.fallback.websites import WEBSITES, url_of
from bluegreen.plan import ADDED, Plan, load_plan
from bluegreen.traffic.target_groups import TargetGroups
from tests.tiers.conftest import PLAN

from .conftest import NAME, SLOTS


def with_fallback(service=None, **fallback):
    content = {**PLAN, "service": {**PLAN["service"], "record": SLOTS, **(service or {})}}
    return Plan.model_validate({**content, "fallback": {"name": NAME, **fallback}})


@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        ({}, "give either `page`"),
        ({"page": "sorry", "existing": True}, "give either `page`"),
        ({"page": "sorry", "region": "eu-west-1"}, "leave out region"),
        ({"existing": True, "region": "eu-nowhere-1"}, "known: ap-east-1, ap-northeast-1"),
        ({"name": "Shop.example.com", "page": "sorry"}, "name"),
        ({"name": SLOTS, "page": "sorry"}, "Route 53 cannot mix weighted and failover records"),
    ],
)
def test_what_is_wrong_is_told_with_what_else_is_possible(fallback, said):
    with pytest.raises(ValidationError, match=said):
        with_fallback(**fallback)


def test_cname_records_get_health_checks_unless_the_file_says_otherwise_every_30_seconds():
    plan = with_fallback({"records": "cname", "ttl": "60s"}, page="sorry")
    assert plan.fallback.probe.config("green.elb") == {
        "Type": "HTTP",
        "FullyQualifiedDomainName": "green.elb",
        "Port": 80,
        "ResourcePath": "/",
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }


def test_slots_behind_one_balancer_have_no_fallback():
    behind = {"kind": "target_groups", "listener": "arn"}
    plan = with_fallback(page="sorry").model_copy(update={"traffic": TargetGroups.model_construct(**behind)})
    assert list(problems(plan)) == [
        "fallback: with `traffic: target_groups` no record of a slot could fail over; use route53"
    ]


def test_a_plan_without_a_fallback_keeps_its_hash_and_one_with_it_has_another():
    assert "fallback" in ADDED
    assert with_fallback(existing=True).hash != with_fallback(existing=True, region="eu-west-1").hash


def write(folder, page):
    text = f"""
service: {{name: shop, zone: example.com, record: {SLOTS}}}
live: {{balancer: shop-blue, group: shop-blue}}
candidate: {{clone: {{image: ami-0abcdef0123456789}}}}
strategy: {{kind: all_at_once, hold: 5m}}
gates: [{{kind: threshold, measure: error_rate, below: 1%}}]
guard: {{accounts: ["123456789012"], regions: [us-east-1]}}
fallback: {{name: {NAME}, page: {page}}}
"""
    path = folder / "shop.rollout.yaml"
    path.write_text(text)
    return path


def test_the_page_is_found_beside_the_rollout_file(tmp_path, page):
    plan = load_plan(write(tmp_path, "sorry"))
    assert plan.fallback.page == page.resolve()


def test_a_folder_without_an_index_is_no_page(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match=r"shop.rollout.yaml: fallback.page: there is no index.html in .*empty"):
        load_plan(write(tmp_path, "empty"))


def test_files_have_keys_types_and_the_checksums_that_s3_lists(page):
    (page / ".hidden").write_text("no")
    (page / "images").mkdir()
    (page / "images" / "shop.svg").write_text("<svg/>")
    files = read_page(page)
    assert [(file.key, file.type) for file in files] == [
        ("images/shop.svg", "image/svg+xml"),
        ("index.html", "text/html"),
        ("style.css", "text/css"),
    ]
    assert File("k", b"hello", "text/plain").checksum == "5d41402abc4b2a76b9719d911017c592"  # RFC 1321's algorithm


def test_pages_are_small(page):
    (page / "film.mp4").write_bytes(b"0" * 5_000_001)
    with pytest.raises(UserError, match=r"film\.mp4 is larger than 5,000,000 bytes"):
        read_page(page)


def test_website_endpoints_have_a_zone_each_and_old_regions_a_dash():
    assert len({zone for _, zone in WEBSITES.values()}) == len(WEBSITES)
    assert all(region in endpoint for region, (endpoint, _) in WEBSITES.items())
    assert url_of(NAME, "eu-west-1") == f"http://{NAME}.s3-website-eu-west-1.amazonaws.com/"
    assert url_of(NAME, "eu-central-1") == f"http://{NAME}.s3-website.eu-central-1.amazonaws.com/"
