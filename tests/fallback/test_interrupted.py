"""Whatever call of looking and preparing an engine dies at, and whatever reply is lost: the same page and records."""

from contextlib import suppress

import pytest
from moto import mock_aws

from bluegreen.errors import OperatingError, Unreachable
from bluegreen.model import End
from sim.interruptions import KINDS
from sim.run import run
from sim.scenario import Scenario
from sim.tiers import Tier
from tests.aws.conftest import CountedApi, Dropped

from .conftest import NAME, SORRY, Moto


def result(there):
    tags = there.s3.get_bucket_tagging(Bucket=NAME)["TagSet"]
    keys = [each["Key"] for each in there.s3.list_objects_v2(Bucket=NAME)["Contents"]]
    pair = [(record["Failover"], record["AliasTarget"]["DNSName"]) for record in there.records(NAME)]
    return sorted(pair), there.bench().page(), tags, keys


def interrupted_at(plan, number, fate):
    """What stands after an engine that met its fate at this call, and one that went on after it; whether it did."""
    with mock_aws():
        there = Moto(plan)
        api = CountedApi(fatal=number, fate=fate)
        bench = there.bench(api)
        port = bench.again()
        for _ in range(10):
            with suppress(Dropped, OperatingError):
                bench.until_it_stands(port)
                break
            port = bench.again() if fate is Dropped else port
        return result(there), len(api.calls) >= number


@pytest.mark.parametrize("fate", [Dropped, Unreachable])
def test_each_call_in_turn_on_moto(a_plan, fate):
    plan = a_plan()
    (wanted, _), number, happened = interrupted_at(plan, 0, fate), 0, True
    assert wanted[1] == (200, SORRY)
    while happened:
        number += 1
        got, happened = interrupted_at(plan, number, fate)
        assert got == wanted, f"call {number}"
    assert number > 20


def rehearsed(plan, tier, *faults):
    scenario = Scenario(about="all is well", faults=faults)
    done = run(scenario, plan, 1, tier=tier)
    assert not done.broken
    return done, done.world.buckets.answer(NAME), done.world.dns._paged


def the_calls_for_it(log):
    """The numbers of the calls from the first look at the bucket to the last."""
    its = [number for number, call in enumerate(log, start=1) if call.startswith(("s3:", "http:"))]
    return range(its[0], its[-1] + 4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_call_in_turn_in_a_rehearsal(a_plan, kind):
    """Up to the engine's two last looks at it, which are like the ones before."""
    plan = a_plan()
    done, page, paged = rehearsed(plan, Tier.MEMORY)
    assert (done.rollout.end, page, paged) == (End.SUCCEEDED, (200, SORRY), True)
    calls = the_calls_for_it(done.world.api.log)
    first = done.world.api.log.index("s3:CreateBucket")
    for number in range(calls[0], min(calls[-1], first + 24)):
        done, page, paged = rehearsed(plan, Tier.MEMORY, KINDS[kind](number))
        assert (done.rollout.end, page, paged) == (End.SUCCEEDED, (200, SORRY), True), (number, done.rollout.cause)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_some_calls_in_a_rehearsal_on_moto(a_plan, kind):
    plan = a_plan()
    done, _, _ = rehearsed(plan, Tier.MOTO)
    first = done.world.api.log.index("s3:CreateBucket") + 1
    for number in range(first, first + 30, 7):
        done, page, paged = rehearsed(plan, Tier.MOTO, KINDS[kind](number))
        assert (done.rollout.end, page, paged) == (End.SUCCEEDED, (200, SORRY), True), (number, done.rollout.cause)
