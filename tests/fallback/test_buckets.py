"""Buckets as S3 documents them, and what their websites answer."""

import json

import pytest

from sim.buckets import Bucket, Buckets
from sim.errors import AwsError

PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b.example.com/*"}
NAME = "b.example.com"


def policy(**changed):
    return json.dumps({"Version": "2012-10-17", "Statement": [{**PUBLIC, **changed}]})


@pytest.fixture
def buckets():
    made = Buckets()
    made.create(NAME, "us-east-1")
    return made


@pytest.fixture
def site(buckets):
    bucket = buckets.get(NAME)
    bucket.objects["index.html"], bucket.index, bucket.blocked = b"sorry", "index.html", False
    buckets.set_policy(NAME, policy())
    return buckets


def refused(code, do):
    with pytest.raises(AwsError) as error:
        do()
    assert error.value.code == code


def test_ones_own_bucket_is_made_again_in_us_east_1_and_nowhere_else(buckets):
    buckets.create(NAME, "us-east-1")
    refused("BucketAlreadyOwnedByYou", lambda: buckets.create(NAME, "eu-west-1"))


def test_a_name_that_somebody_else_has_is_taken_and_closed(buckets):
    buckets.all["theirs.example.com"] = Bucket(ours=False)
    refused("BucketAlreadyExists", lambda: buckets.create("theirs.example.com", "us-east-1"))
    refused("AccessDenied", lambda: buckets.checksums("theirs.example.com"))


def test_what_is_not_there_is_said(buckets):
    refused("NoSuchBucket", lambda: buckets.checksums("nothing"))
    refused("NoSuchTagSet", lambda: buckets.tags(NAME))


def test_a_new_bucket_refuses_to_be_public(buckets):
    refused("AccessDenied", lambda: buckets.set_policy(NAME, policy()))
    buckets.get(NAME).blocked = False
    buckets.set_policy(NAME, policy())
    assert buckets.get(NAME).readable


def test_where_the_account_blocks_public_access_no_bucket_is_public(site):
    site.account_blocks = True
    assert site.answer(NAME)[0] == 403
    refused("AccessDenied", lambda: site.set_policy(NAME, policy()))


@pytest.mark.parametrize(
    "changed", [{"Effect": "Deny"}, {"Action": "s3:PutObject"}, {"Principal": {"AWS": "123456789012"}}]
)
def test_a_policy_for_somebody_or_something_else_makes_nothing_public(buckets, changed):
    buckets.set_policy(NAME, policy(**changed))
    assert not buckets.get(NAME).readable


def test_a_website_answers_its_index_when_anybody_may_read_it(site):
    assert site.answer(NAME) == (200, b"sorry")


def test_without_configuration_index_bucket_or_permission_it_does_not(site, buckets):
    bucket = site.get(NAME)
    assert site.answer("nothing")[0] == 404
    bucket.readable = False
    assert site.answer(NAME)[0] == 403
    bucket.readable, bucket.index = True, ""
    assert site.answer(NAME)[0] == 404
    bucket.index = "other.html"
    assert site.answer(NAME)[0] == 404
