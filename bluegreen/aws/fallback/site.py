"""The page's site: a bucket with the public name, its files, and what makes it a website that anybody may read.

A bucket counts as ours when it carries the service's tag, or when there is nothing in it yet that could be overwritten:
an engine may have died between making and tagging it. Nothing is ever removed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bluegreen.errors import Missing, Refused
from bluegreen.fallback.page import INDEX, File, read_page
from bluegreen.fallback.websites import url_of

if TYPE_CHECKING:
    from bluegreen.aws.session import Api
    from bluegreen.outside.fetch import Fetch
    from bluegreen.plan import Plan

TAG = "bluegreen:service"
FIRST_REGION = "us-east-1"
"""The one that CreateBucket wants not to be named (Amazon S3 API reference, CreateBucket)."""


@dataclass(frozen=True, slots=True)
class SiteView:
    """What stands of it."""

    lacks: tuple[str, ...] = ()
    refused: str = ""
    there: bool = False
    tagged: bool = False
    differing: tuple[File, ...] = ()
    answers: str = ""  # what is wrong with what users would get; empty: it is the page


class Site:
    """One bucket. `fetch`: how its website is asked."""

    def __init__(self, api: Api, plan: Plan, fetch: Fetch) -> None:
        assert plan.fallback is not None
        self._api, self._spec, self._service, self._fetch = api, plan.fallback, plan.service.name, fetch
        self._bucket, self._region = plan.fallback.name, plan.fallback.region_of(plan)

    def look(self) -> SiteView:
        """Raises OperatingError."""
        if self._spec.existing:
            wrong = self._answers(None)
            return SiteView((wrong,) if wrong else (), there=True, answers=wrong)
        files, listed = self._files(), self._listed()
        if listed is None:
            return SiteView((f"the bucket {self._bucket}",), differing=files, answers="there is no site")
        tags = self._tags()
        tagged = tags.get(TAG) == self._service
        if not tagged and (tags or listed):
            return SiteView(refused=f"there is a bucket {self._bucket} that no rollout of {self._service} made")
        differing = tuple(file for file in files if listed.get(file.key) != file.checksum)
        wrong = self._answers(next(file for file in files if file.key == INDEX))
        lacks = [
            *([] if tagged else ["the bucket's tag"]),
            *(file.key for file in differing),
            *([wrong] if wrong else []),
        ]
        return SiteView(tuple(lacks), "", True, tagged, differing, wrong)

    def prepare(self, view: SiteView) -> None:
        """Make what `view` lacks. Raises OperatingError."""
        if view.refused:
            raise Refused(view.refused)
        if self._spec.existing:
            return
        if not view.there:
            self._ask("create_bucket", **self._place())
        if not view.tagged:
            self._ask("put_bucket_tagging", Tagging={"TagSet": [{"Key": TAG, "Value": self._service}]})
        for file in view.differing:
            self._ask("put_object", Key=file.key, Body=file.body, ContentType=file.type)
        if view.answers:
            self._open()

    # -- how it works ---------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """A website that anybody may read. New buckets block that (Amazon S3 User Guide, blocking public access)."""
        site = {"IndexDocument": {"Suffix": INDEX}, "ErrorDocument": {"Key": INDEX}}
        self._ask("put_bucket_website", WebsiteConfiguration=site)
        self._ask("delete_public_access_block")
        anybody = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{self._bucket}/*",
        }
        policy = {"Version": "2012-10-17", "Statement": [{"Sid": "AnybodyMayRead", **anybody}]}
        self._ask("put_bucket_policy", Policy=json.dumps(policy))

    def _files(self) -> tuple[File, ...]:
        assert self._spec.page is not None
        return read_page(self._spec.page)

    def _listed(self) -> dict[str, str] | None:
        """The bucket's objects by key, each with its checksum; None: there is no bucket."""
        found: dict[str, str] = {}
        more: dict[str, str] = {}
        while True:
            try:
                answer = self._ask("list_objects_v2", **more)
            except Missing:
                return None
            found |= {each["Key"]: each["ETag"].strip('"') for each in answer.get("Contents", ())}
            if not answer["IsTruncated"]:
                return found
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def _tags(self) -> dict[str, str]:
        try:
            answer = self._ask("get_bucket_tagging")
        except Missing:
            return {}
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def _answers(self, index: File | None) -> str:
        """What is wrong with the website's answer."""
        url = url_of(self._bucket, self._region)
        got = self._fetch(url)
        if got.status != 200:
            return f"{url} answers {got.status}"
        if index is not None and got.body != index.body:
            return f"{url} answers something else than {INDEX}"
        return "" if got.body else f"{url} answers an empty page"

    def _place(self) -> dict[str, Any]:
        if self._region == FIRST_REGION:
            return {}
        return {"CreateBucketConfiguration": {"LocationConstraint": self._region}}

    def _ask(self, operation: str, **params: Any) -> dict[str, Any]:
        return self._api.call("s3", operation, Bucket=self._bucket, **params)
