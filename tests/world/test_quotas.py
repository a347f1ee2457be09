"""Token buckets, and how often Route 53 may be asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.quotas import Quotas, Route53Quotas, Size, TokenBucket


def test_a_full_bucket_gives_its_burst_and_then_its_refill():
    bucket = TokenBucket(Size(3, 2))
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(moment) for moment in (499, 500, 999, 1000)] == [False, True, False, True]


def test_a_bucket_never_holds_more_than_its_burst():
    bucket = TokenBucket(Size(2, 1))
    assert [bucket.take(10**9) for _ in range(3)] == [True, True, False]


def test_many_tokens_are_taken_together_or_not_at_all():
    bucket = TokenBucket(Size(5, 1))
    assert not bucket.take(0, 6)
    assert bucket.take(0, 5)


@given(st.lists(st.integers(0, 700), min_size=1, max_size=80), st.integers(1, 9), st.sampled_from([0.5, 1, 3, 10]))
def test_no_more_pass_than_burst_and_refill_allow_and_none_is_refused_that_could_pass(pauses, burst, refill):
    bucket, now, passed, left = TokenBucket(Size(burst, refill)), 0, 0, float(burst)
    for pause in pauses:
        now += pause
        left = min(burst, left + pause * refill / 1000)
        may = left >= 1 - 1e-6
        if abs(left - 1) > 1e-6:
            assert bucket.take(now) is may
        else:
            may = bucket.take(now)
        left -= may
        passed += may
    assert passed <= burst + now * refill / 1000 + 1e-6


def test_the_default_action_has_the_bucket_of_the_account_and_exceptions_have_their_own():
    quotas = Route53Quotas().requests()
    assert sum(quotas.take("GetHealthCheckStatus", 0) for _ in range(10)) == 4
    assert sum(quotas.take("GetChange", 0) for _ in range(60)) == 46
    assert sum(quotas.take("ListResourceRecordSets", 1000) for _ in range(20)) == 10


def test_a_refused_request_takes_nothing_from_the_other_bucket():
    quotas = Quotas(Size(3, 0.001), {"rare": Size(1, 0.001)}, each=Size(9, 9))
    assert [quotas.take("rare", 0) for _ in range(5)] == [True, False, False, False, False]
    assert [quotas.take("often", 0) for _ in range(3)] == [True, True, False]


def test_the_bucket_for_record_changes_is_off_unless_its_numbers_are_given():
    assert Route53Quotas().changes() is None
    bucket = Route53Quotas(changes_burst=100, changes_refill=5).changes()
    assert bucket.take(0, 100) and not bucket.take(0)
    with pytest.raises(ValueError, match="belong together"):
        Route53Quotas(changes_burst=100)
