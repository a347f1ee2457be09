"""moto's S3."""

import json

import pytest
import requests

NAME = "www.example.com"
EVERYTHING = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{NAME}/*"}
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [ANYBODY]})


def test_a_bucket_set_up_as_a_website_serves_none(moto):
    s3 = moto("s3")
    s3.create_bucket(Bucket=NAME)
    s3.put_object(Bucket=NAME, Key="index.html", Body=b"sorry")
    s3.put_bucket_website(Bucket=NAME, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_policy(Bucket=NAME, Policy=POLICY)
    assert requests.get(f"http://{NAME}.s3-website-us-east-1.amazonaws.com/", timeout=5).status_code == 404


def test_a_new_bucket_blocks_no_public_access_and_a_blocked_one_takes_public_policies(moto):
    s3 = moto("s3")
    s3.create_bucket(Bucket=NAME)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchPublicAccessBlockConfiguration"):
        s3.get_public_access_block(Bucket=NAME)
    s3.put_public_access_block(Bucket=NAME, PublicAccessBlockConfiguration=EVERYTHING)
    s3.put_bucket_policy(Bucket=NAME, Policy=POLICY)
