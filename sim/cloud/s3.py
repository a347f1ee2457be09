"""S3: buckets are the world's (`sim/buckets.py`), since moto serves no websites and blocks no public access."""

from __future__ import annotations

from typing import ClassVar

from sim.bucketcalls import BucketCalls
from sim.cloud.service import Service, Site
from sim.errors import AwsError


class S3(BucketCalls, Service):
    """The bucket of the fallback's page."""

    name = "s3"
    throttle: ClassVar[AwsError] = AwsError("SlowDown", "Please reduce your request rate.", 503)

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.buckets, self.region = site.world.buckets, site.region
