"""The Fallback port on everything that stands behind it: both tiers of a rehearsal, and moto asked directly."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from bluegreen.aws.fallback.fallback import S3Fallback
from bluegreen.outside.fetch import Fetched
from bluegreen.plan import Plan
from bluegreen.ports import Fallback
from sim.cloudspec import CloudSpec
from sim.tiers import Tier, outside
from sim.world import World
from sim.worldspec import WorldSpec
from tests.aws.conftest import SESSION, CountedApi
from tests.tiers.conftest import PLAN, ROLLOUT

NAME, SLOTS = "www.example.com", "slots.example.com"
ENDPOINT = "s3-website-us-east-1.amazonaws.com"
SORRY = b"<h1>We are back soon</h1>\n"
Records = list[dict[str, Any]]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    folder = tmp_path / "sorry"
    folder.mkdir()
    (folder / "index.html").write_bytes(SORRY)
    (folder / "style.css").write_text("h1 { color: teal }")
    return folder


@pytest.fixture
def a_plan(page: Path) -> Callable[..., Plan]:
    def made(**fallback: Any) -> Plan:
        spec = {"name": NAME, **(fallback or {"page": str(page)})}
        service = {**PLAN["service"], "record": SLOTS}  # type: ignore[dict-item]
        return Plan.model_validate({**PLAN, "service": service, "fallback": spec})

    return made


@dataclass
class Bench:
    """One implementation. `records` reads what stands at a name, past the port; `wait` lets changes spread."""

    again: Callable[[], Fallback]
    records: Callable[[str], Records]
    wait: Callable[[], None]
    page: Callable[[], tuple[int, bytes]]
    put: Callable[[str, bytes], None]
    """Somebody else's object in the bucket."""
    empty: Callable[[], object]
    """A bucket of that name is there, with nothing in it."""
    leads: Callable[[], bool]
    """The world's users get to the page when no slot is healthy."""
    reindex: Callable[[str], object]
    """Somebody gives the website another index."""

    def foreign(self) -> None:
        self.empty()
        self.put("report.pdf", b"...")

    def until_it_stands(self, port: Fallback, most: int = 10) -> int:
        """Looks and prepares as the engine does. How often it was prepared."""
        for count in range(most):
            view = port.look()
            assert not view.refused, view.refused
            if not view.lacks and view.in_sync:
                return count
            port.prepare()
            self.wait()
        raise AssertionError(f"it does not stand: {port.look()}")


def of_tier(stack: ExitStack, tier: Tier, plan: Plan, *, preflight: bool = False, **cloud: Any) -> Bench:
    world = World(WorldSpec(), plan, 1)
    there: Any = stack.enter_context(outside(tier, world, plan, CloudSpec.model_validate(cloud)))
    world.start()
    if preflight:
        there.preflight(ROLLOUT)
    client = there.session.client("route53") if tier is Tier.MOTO else None

    def records(name: str) -> Records:
        if client is None:
            from sim.memory.fallback import Account

            account = Account(there._calls, there._store)
            return account._public() if name == NAME else account._slots()
        zone = client.list_hosted_zones()["HostedZones"][0]["Id"]
        return [
            r
            for r in client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
            if r["Name"] == f"{name}."
        ]

    return Bench(
        again=lambda: there.connect(ROLLOUT).fallback,
        records=records,
        wait=lambda: world.env.run(until=world.env.now + 120_000),
        page=lambda: world.buckets.answer(NAME),
        put=lambda key, body: world.buckets.get(NAME).objects.update({key: body}),
        empty=lambda: world.buckets.create(NAME, "us-east-1"),
        leads=lambda: world.dns._paged,
        reindex=lambda key: setattr(world.buckets.get(NAME), "index", key),
    )


class Moto:
    """moto alone, whose bucket answers as its settings say; it serves no websites itself."""

    def __init__(self, plan: Plan, public: str = "simple") -> None:
        self.plan = plan
        self.s3, self.route53 = SESSION.client("s3"), SESSION.client("route53")
        self.zone = self.route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"][12:]
        alias = {
            "HostedZoneId": "Z2P",
            "DNSName": "shop-blue.us-east-1.elb.amazonaws.com",
            "EvaluateTargetHealth": True,
        }
        self.put_record({"Name": SLOTS, "Type": "A", "SetIdentifier": "blue", "Weight": 100, "AliasTarget": alias})
        if public == "simple":
            self.put_record({"Name": NAME, "Type": "A", "AliasTarget": alias})

    def put_record(self, record: dict[str, Any]) -> None:
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        self.route53.change_resource_record_sets(HostedZoneId=self.zone, ChangeBatch=batch)

    def fetch(self, url: str) -> Fetched:
        assert url == f"http://{NAME}.{ENDPOINT}/"
        try:
            self.s3.get_bucket_policy(Bucket=NAME)
            index = self.s3.get_bucket_website(Bucket=NAME)["IndexDocument"]["Suffix"]
            return Fetched(200, self.s3.get_object(Bucket=NAME, Key=index)["Body"].read())
        except ClientError as error:
            return Fetched(error.response["ResponseMetadata"]["HTTPStatusCode"], b"")

    def bench(self, api: CountedApi | None = None) -> Bench:
        def page() -> tuple[int, bytes]:
            got = self.fetch(f"http://{NAME}.{ENDPOINT}/")
            return got.status, got.body

        return Bench(
            again=lambda: S3Fallback(api or CountedApi(), self.plan, self.fetch),
            records=self.records,
            wait=lambda: None,
            page=page,
            put=lambda key, body: self.s3.put_object(Bucket=NAME, Key=key, Body=body) and None,
            empty=lambda: self.s3.create_bucket(Bucket=NAME),
            leads=lambda: True,
            reindex=lambda key: self.s3.put_bucket_website(
                Bucket=NAME, WebsiteConfiguration={"IndexDocument": {"Suffix": key}}
            ),
        )

    def records(self, name: str) -> Records:
        listed = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [record for record in listed if record["Name"] == f"{name}."]


@pytest.fixture(params=["memory", "moto tier", "moto"])
def make(request: pytest.FixtureRequest, a_plan: Callable[..., Plan]) -> Iterator[Callable[..., Bench]]:
    """`make(public="simple", **fallback)`: a bench of this implementation."""
    with ExitStack() as stack:

        def made(public: str = "simple", **fallback: Any) -> Bench:
            plan = a_plan(**fallback)
            if request.param == "moto":
                stack.enter_context(mock_aws())
                return Moto(plan, public).bench()
            return of_tier(stack, Tier.MEMORY if request.param == "memory" else Tier.MOTO, plan, public=public)

        yield made
