"""The rollout file's `fallback:`: the public name, and the page behind it when both slots are broken.

Route 53 cannot have weighted and failover records at one name. So the slots' weights live under `service.record`, and
the public name has a failover pair: PRIMARY is an alias to `service.record`, SECONDARY an alias to an S3 website
(Route 53 Developer Guide, active-passive failover with alias records in complex configurations).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from bluegreen.answers.records import normal
from bluegreen.errors import UserError
from bluegreen.fallback.page import read_page
from bluegreen.fallback.probe import Probe
from bluegreen.fallback.websites import WEBSITES
from bluegreen.registry import Spec, kind_of

if TYPE_CHECKING:
    from bluegreen.plan import Plan

BUCKET = r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$"


class Fallback(Spec):
    """What is prepared and tested before any user is sent to the candidate. Route 53 enters and leaves it by itself."""

    name: Annotated[str, Field(pattern=BUCKET, min_length=3, max_length=63)]
    """What users ask for. The S3 bucket has this very name: an alias to an S3 website finds its bucket by the record's
    name (Route 53 Developer Guide, values for alias records; Amazon S3 User Guide, bucket naming rules)."""
    page: Path | None = None
    """The folder with the site, beside the rollout file: at least an `index.html`, for every path."""
    existing: bool = False
    """The bucket and its site are the team's own: only looked at."""
    region: str = ""
    """Of an existing bucket. Default, and always for one that the rollout makes: the rollout's own."""
    probe: Probe = Probe()
    """With `records: cname`: the health checks that the rollout makes for the slots' records. Aliases need none."""

    @model_validator(mode="after")
    def _one_page(self) -> Self:
        if (self.page is None) != self.existing:
            raise ValueError(
                "give either `page`, a folder to put into a bucket, or `existing: true` for your own bucket"
            )
        if self.region and not self.existing:
            raise ValueError("a bucket that the rollout makes is in the rollout's own region; leave out region")
        if self.region and self.region not in WEBSITES:
            raise ValueError(f"region: no S3 website endpoint is known in {self.region}; known: {', '.join(WEBSITES)}")
        return self

    def beside(self, path: Path) -> Self:
        """The same, its page found from the rollout file's own folder. Raises UserError when it is none."""
        if self.page is None:
            return self
        folder = (path.parent / self.page).resolve()
        try:
            read_page(folder)
        except UserError as error:
            raise UserError(f"{path}: {error}") from None
        return self.model_copy(update={"page": folder})

    def region_of(self, plan: Plan) -> str:
        """Where the bucket is."""
        return self.region or plan.guard.regions[0]


def problems(plan: Plan) -> Iterator[str]:
    """What of this plan cannot have a fallback: what is wrong, and what else is possible."""
    spec = plan.fallback
    if spec is None:
        return
    if normal(spec.name) == normal(plan.service.record):
        yield (
            "fallback.name is service.record: Route 53 cannot mix weighted and failover records at one name; give the"
            f" slots' weights a name of their own, like slots.{spec.name}"
        )
    if plan.service.records == "alias" and "probe" in spec.model_fields_set:
        yield "fallback.probe: an alias evaluates its balancer's own health; leave it out, or use `records: cname`"
    if plan.service.records == "cname" and normal(spec.name) == normal(plan.service.zone):
        yield f"fallback.name: {spec.name} is the top of its zone, where no CNAME may be; use `records: alias`"
    if kind_of(plan.traffic) != "route53":
        yield f"fallback: with `traffic: {kind_of(plan.traffic)}` no record of a slot could fail over; use route53"
    unknown = [region for region in plan.guard.regions if not spec.existing and region not in WEBSITES]
    if unknown:
        yield f"fallback: no S3 website endpoint is known in {unknown[0]}; use `existing: true` with another region"
