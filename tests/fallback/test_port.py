"""The contract of the Fallback port, the same bodies on both tiers and on moto."""

from itertools import product

import pytest

from bluegreen.answers import Answers
from bluegreen.aws.fallback.site import Site
from bluegreen.errors import Refused
from bluegreen.fallback.page import read_page
from bluegreen.outside.fetch import Fetched

from .conftest import ENDPOINT, NAME, SLOTS, SORRY


def test_at_first_everything_is_lacking_and_looking_changes_nothing(make):
    bench = make()
    port = bench.again()
    before = bench.records(NAME)
    view = port.look()
    assert view.lacks == (f"the bucket {NAME}", f"the failover records at {NAME}")
    assert not view.refused and not view.in_sync
    assert bench.records(NAME) == before and bench.page()[0] == 404


def test_prepared_until_it_stands_the_page_answers_and_a_failover_pair_leads_there(make):
    bench = make()
    bench.until_it_stands(bench.again())
    assert bench.page() == (200, SORRY) and bench.leads()
    pair = {record["Failover"]: record["AliasTarget"] for record in bench.records(NAME)}
    assert {role: alias["DNSName"].rstrip(".") for role, alias in pair.items()} == {
        "PRIMARY": SLOTS,
        "SECONDARY": ENDPOINT,
    }
    assert all(alias["EvaluateTargetHealth"] for alias in pair.values())
    assert pair["SECONDARY"]["HostedZoneId"] == "Z3AQBSTGFYJSTF"


@pytest.mark.parametrize("public", ["simple", "none"])
def test_for_every_state_of_health_users_get_the_slots_if_one_is_well_and_else_the_page(make, public):
    """The records as they stand, read by an evaluator that knows nothing of fallbacks."""
    bench = make(public)
    bench.until_it_stands(bench.again())
    blue = bench.records(SLOTS)[0]
    other = {**blue["AliasTarget"], "DNSName": "green.us-east-1.elb.amazonaws.com"}
    green = {**blue, "SetIdentifier": "green", "AliasTarget": other}
    for weights in ((100, 0), (70, 30), (0, 100), (0, 0)):
        slots = [{**record, "Weight": weight} for record, weight in zip((blue, green), weights, strict=True)]
        answers = Answers([*bench.records(NAME), *slots], NAME)
        names = [record["AliasTarget"]["DNSName"].rstrip(".") for record in slots]
        for state in product((True, False), repeat=2):
            health = {**dict(zip(names, state, strict=True)), ENDPOINT: True}
            shares = {endpoint.values[0]: share for endpoint, share in answers.shares(targets=health).items()}
            if not any(state):
                assert shares == {ENDPOINT: 1.0}
            elif not all(state):
                assert shares == {names[state.index(True)]: 1.0}
            else:
                total = sum(weights) or 2
                wanted = [weight if sum(weights) else 1 for weight in weights]
                assert shares == pytest.approx({n: w / total for n, w in zip(names, wanted, strict=True) if w})


def test_no_record_leads_to_the_page_before_it_answers(make):
    bench = make()
    port = bench.again()
    port.prepare()
    assert bench.page() == (200, SORRY)
    assert [record for record in bench.records(NAME) if "Failover" in record] == []


def test_what_stands_is_not_made_again(make):
    bench = make()
    port = bench.again()
    bench.until_it_stands(port)
    before = bench.records(NAME)
    port.prepare()
    assert bench.records(NAME) == before and port.look().in_sync


def test_an_engine_started_anew_learns_by_preparing_again_whether_it_is_in_sync(make):
    bench = make()
    bench.until_it_stands(bench.again())
    port = bench.again()
    assert not port.look().lacks and not port.look().in_sync
    assert bench.until_it_stands(port) == 1


def test_a_file_that_somebody_changed_is_put_back_and_others_are_left_alone(make):
    bench = make()
    port = bench.again()
    bench.until_it_stands(port)
    bench.put("index.html", b"hello")
    bench.put("more.html", b"theirs")
    assert "index.html" in port.look().lacks
    bench.until_it_stands(port)
    assert bench.page() == (200, SORRY)


def test_a_website_that_somebody_set_up_otherwise_is_put_back(make):
    bench = make()
    port = bench.again()
    bench.until_it_stands(port)
    bench.put("more.html", b"theirs")
    bench.reindex("more.html")
    assert "answers something else than index.html" in port.look().lacks[0]
    bench.until_it_stands(port)
    assert bench.page() == (200, SORRY)


def test_a_page_that_is_the_teams_own_is_only_looked_at(make):
    bench = make(existing=True)
    port = bench.again()
    assert port.look().lacks[0].endswith("answers 404")
    port.prepare()
    assert bench.page()[0] == 404
    assert [record for record in bench.records(NAME) if "Failover" in record] == []


def test_a_bucket_with_something_in_it_that_no_rollout_made_is_refused_and_left_alone(make):
    bench = make()
    bench.foreign()
    port, before = bench.again(), bench.records(NAME)
    assert port.look().refused == f"there is a bucket {NAME} that no rollout of shop made"
    with pytest.raises(Refused, match="no rollout"):
        port.prepare()
    assert bench.page()[0] == 404 and bench.records(NAME) == before


def test_an_empty_bucket_without_tags_is_taken_up_since_an_engine_may_have_died_after_making_it(make):
    bench = make()
    bench.empty()
    bench.until_it_stands(bench.again())
    assert bench.page() == (200, SORRY)


class Long:
    """A bucket with more in it than one answer lists; the page's own file comes last."""

    def __init__(self, key, checksum):
        self.listed = [{"Key": f"a/{i}", "ETag": '"x"'} for i in range(1000)], [{"Key": key, "ETag": f'"{checksum}"'}]

    def call(self, service, operation, **params):
        if operation == "get_bucket_tagging":
            return {"TagSet": [{"Key": "bluegreen:service", "Value": "shop"}]}
        assert operation == "list_objects_v2"
        second = params.get("ContinuationToken") == "next"
        return {"Contents": self.listed[second], "IsTruncated": not second, "NextContinuationToken": "next"}


def test_a_page_in_a_bucket_with_thousands_of_other_objects_is_found_there(a_plan):
    plan = a_plan()
    files = {file.key: file for file in read_page(plan.fallback.page)}
    there = Long("style.css", files["style.css"].checksum)
    view = Site(there, plan, lambda url: Fetched(200, SORRY)).look()
    assert [file.key for file in view.differing] == ["index.html"]
