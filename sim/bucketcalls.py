"""S3's operations on the world's buckets, as boto3 gives and takes them, and its website endpoint: for both tiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bluegreen.outside.fetch import Fetch, Fetched
from sim.buckets import Buckets
from sim.memory.calls import Calls

if TYPE_CHECKING:
    from sim.world import World

Params = Mapping[str, Any]
Answer = dict[str, Any]


class BucketCalls:
    """As far as a static site needs it. Each raises AwsError for what S3 refuses."""

    buckets: Buckets
    region: str
    """Where buckets are made by those who do not say."""

    def on_create_bucket(self, params: Params) -> Answer:
        region = params.get("CreateBucketConfiguration", {}).get("LocationConstraint", self.region)
        self.buckets.create(params["Bucket"], region)
        return {"Location": f"/{params['Bucket']}"}

    def on_list_objects_v2(self, params: Params) -> Answer:
        objects = self.buckets.checksums(params["Bucket"])
        listed = [{"Key": key, "ETag": f'"{checksum}"'} for key, checksum in objects.items()]
        return {"KeyCount": len(listed), "IsTruncated": False} | ({"Contents": listed} if listed else {})

    def on_get_bucket_tagging(self, params: Params) -> Answer:
        tags = self.buckets.tags(params["Bucket"])
        return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}

    def on_put_bucket_tagging(self, params: Params) -> Answer:
        tags = {tag["Key"]: tag["Value"] for tag in params["Tagging"]["TagSet"]}
        self.buckets.get(params["Bucket"]).tags = tags
        return {}

    def on_put_object(self, params: Params) -> Answer:
        body = params["Body"]  # boto3 makes a file of it
        self.buckets.get(params["Bucket"]).objects[params["Key"]] = body if isinstance(body, bytes) else body.read()
        return {}

    def on_put_bucket_website(self, params: Params) -> Answer:
        bucket, site = self.buckets.get(params["Bucket"]), params["WebsiteConfiguration"]
        bucket.index, bucket.error = site["IndexDocument"]["Suffix"], site.get("ErrorDocument", {}).get("Key", "")
        return {}

    def on_delete_public_access_block(self, params: Params) -> Answer:
        self.buckets.get(params["Bucket"]).blocked = False
        return {}

    def on_put_bucket_policy(self, params: Params) -> Answer:
        self.buckets.set_policy(params["Bucket"], params["Policy"])
        return {}


def websites(world: World) -> Fetch:
    """How the engine's request for a page goes: it takes a call's time and meets a call's weather."""
    calls = Calls(world)

    def fetch(url: str) -> Fetched:
        bucket = url.removeprefix("http://").partition(".s3-website")[0]
        return calls.ask("http:Get", lambda: Fetched(*world.buckets.answer(bucket)))

    return fetch
