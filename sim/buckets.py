"""S3, as far as one static site needs it: buckets, their objects, and what their website endpoints answer.

Rules: Amazon S3 API reference (CreateBucket, PutBucketPolicy, ...) and User Guide (website endpoints; blocking public
access, which new buckets have on since April 2023; bucket naming). Both tiers ask here: moto keeps settings, but serves
no websites and blocks nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.errors import AwsError

FIRST_REGION = "us-east-1"


@dataclass(slots=True)
class Bucket:
    """One bucket."""

    ours: bool = True
    """It is this account's; names are taken worldwide."""
    tags: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    index: str = ""
    """The index document of its website; empty: it is none."""
    error: str = ""
    blocked: bool = True
    """Public access is blocked."""
    readable: bool = False
    """Its policy lets anybody read."""


class Buckets:
    """All of them, by name."""

    def __init__(self) -> None:
        self.all: dict[str, Bucket] = {}
        self.account_blocks = False
        """Whether the account blocks public access, whatever its buckets say."""

    def create(self, name: str, region: str) -> None:
        """Raises AwsError when the name is taken. In us-east-1 one's own bucket may be made again."""
        there = self.all.get(name)
        if there is None:
            self.all[name] = Bucket()
        elif not there.ours:
            raise AwsError("BucketAlreadyExists", "The requested bucket name is not available.", 409)
        elif region != FIRST_REGION:
            raise AwsError("BucketAlreadyOwnedByYou", "Your previous request to create the bucket succeeded.", 409)

    def get(self, name: str) -> Bucket:
        """Raises AwsError when it is not there, or somebody else's."""
        bucket = self.all.get(name)
        if bucket is None:
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404)
        if not bucket.ours:
            raise AwsError("AccessDenied", "Access Denied", 403)
        return bucket

    def tags(self, name: str) -> Mapping[str, str]:
        tags = self.get(name).tags
        if not tags:
            raise AwsError("NoSuchTagSet", "The TagSet does not exist", 404)
        return tags

    def checksums(self, name: str) -> dict[str, str]:
        """ETags, by key."""
        objects = sorted(self.get(name).objects.items())
        return {key: hashlib.md5(body, usedforsecurity=False).hexdigest() for key, body in objects}

    def set_policy(self, name: str, policy: str) -> None:
        """Raises AwsError for a public policy where public access is blocked."""
        bucket = self.get(name)
        public = any(_lets_anybody_read(statement, name) for statement in json.loads(policy)["Statement"])
        if public and (bucket.blocked or self.account_blocks):
            raise AwsError("AccessDenied", "public policies are blocked by the BlockPublicPolicy setting", 403)
        bucket.readable = public

    def answer(self, name: str) -> tuple[int, bytes]:
        """What the website endpoint answers to GET /. Status and body."""
        bucket = self.all.get(name)
        if bucket is None or not bucket.index:
            return 404, b"404 Not Found"  # NoSuchBucket, NoSuchWebsiteConfiguration
        if not bucket.readable or bucket.blocked or self.account_blocks:
            return 403, b"403 Forbidden"
        if bucket.index in bucket.objects:
            return 200, bucket.objects[bucket.index]
        return 404, bucket.objects.get(bucket.error, b"404 Not Found")


def _lets_anybody_read(statement: Mapping[str, Any], name: str) -> bool:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    everything = statement["Resource"] in (f"arn:aws:s3:::{name}/*", [f"arn:aws:s3:::{name}/*"])
    anybody = statement["Principal"] in ("*", {"AWS": "*"})
    return statement["Effect"] == "Allow" and anybody and everything and "s3:GetObject" in actions
