"""Every call is interrupted in every way, one at a time. Of the longest scenario `.ci/run` tries all of them."""

import os
import re
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import cycle
from unittest.mock import patch

import pytest

from bluegreen.data.sync import Sync
from bluegreen.decide import rules
from bluegreen.errors import OperatingError, UserError
from bluegreen.model import End
from bluegreen.registry import kind_of
from bluegreen.windows import Windows
from sim.api import EngineKilled
from sim.branches import branches
from sim.escape import watching
from sim.interruptions import KINDS, Survival, every_way, survive
from sim.material import broken_in, material
from sim.run import Rehearsing
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier, outside

READ = re.compile(":(Describe|List|Get)")
SHORT = {"strategy": {"kind": "canary", "share": "50%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}
BAD = {"kind": "bad_release", "error_rate": "20%"}


def short(tier, faults=()):
    """The catalogue's shop in few steps."""
    path = built_in()["all-well"]
    base = material(path, None, 1, tier)
    scenario = type(base.scenario).model_validate({"about": "x", "change": SHORT, "faults": list(faults)})
    return type(base)(scenario, plan_of(scenario, path, None), 1, tier)


def count(brought, choose):
    *_, done = survive(brought, choose)
    assert isinstance(done, Survival)
    return done


def all_changes_and_some_reads(log):
    """Each change in two ways, taken in turn: the memory tier makes the same calls, and tries all of them."""
    changes = [call for call, name in enumerate(log, 1) if not READ.search(name)]
    reads = [call for call, name in enumerate(log, 1) if READ.search(name)][::40]
    assert len(changes) > 20
    kinds = cycle(KINDS)
    return [(call, next(kinds)) for call in changes for _ in range(2)] + [(call, "crash before") for call in reads]


@pytest.mark.slow
@pytest.mark.parametrize(("faults", "end"), [([], End.SUCCEEDED), ([BAD], End.ROLLED_BACK)], ids=["good", "bad"])
def test_on_moto_every_change_and_some_reads_can_be_interrupted(faults, end):
    done = count(short(Tier.MOTO, faults), all_changes_and_some_reads)
    print(done)
    assert (done.end, done.fatal) == (end, ())


@pytest.mark.slow
@pytest.mark.parametrize(("faults", "end"), [([], End.SUCCEEDED), ([BAD], End.ROLLED_BACK)], ids=["good", "bad"])
def test_on_the_memory_tier_every_seventh_call_can_be_interrupted(faults, end):
    done = count(short(Tier.MEMORY, faults), lambda log: every_way(log, 7))
    print(done)
    assert (done.end, done.fatal) == (end, ())


@pytest.mark.slow
def test_the_scenario_with_the_most_calls_is_the_one_that_ci_interrupts(request, came_of):
    """Apart from those that wait for a window, a person or a copy: there the same look comes again and again."""

    def calls(name):
        path = built_in()[name]
        plan = plan_of(load_scenario(path), path, None)
        waits = plan.windows != Windows() or any(kind_of(check) == "accept" for check in plan.verify.checks)
        waits = waits or isinstance(plan.data, Sync) or came_of[name]["end"] == End.NEEDS_OPERATOR
        return 0 if waits else came_of[name]["calls"]

    longest = max(built_in(), key=calls)
    assert f"--scenario {longest}" in (request.config.rootpath / ".ci" / "run").read_text()


def test_an_engine_that_gives_up_at_the_first_trouble_does_not_survive():
    brought = replace(short(Tier.MEMORY), plant=touchy)
    done = count(brought, lambda log: [(400, "throttle"), (400, "crash before")])
    assert [(fatal.kind, fatal.why) for fatal in done.fatal] == [
        ("throttle", "it ended needs operator, and without interruption succeeded")
    ]
    assert str(done) == "survived 1 of 2 interruptions"


@contextmanager
def touchy():
    """An engine that gives up at the first trouble."""

    def lasting_trouble(plan, rollout, seen):
        if seen.trouble and not rollout.finished:
            return rules.finish(rollout, seen, End.NEEDS_OPERATOR, "something went wrong")
        return None

    with patch.object(rules, "_lasting_trouble", lasting_trouble):
        yield


@pytest.mark.slow
def test_a_way_back_in_steps_survives_the_interruption_of_any_of_them():
    """Four steps, five minutes apart, in half an hour: none may be waited for twice, or for ever."""

    def steps(log):
        changes = [call for call, name in enumerate(log, 1) if name == "route53:ChangeResourceRecordSets"]
        return [(call, kind) for call in changes[-7:] for kind in KINDS]

    done = count(material(built_in()["cold-blue-taken-back-in-steps"], None), steps)
    assert (done.end, done.fatal) == (End.ROLLED_BACK, ())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tier", Tier)
def test_an_interrupted_preflight_has_changed_nothing_and_can_be_made_again(tier, kind):
    brought = short(tier)
    rehearsing = Rehearsing(brought.scenario, brought.plan, 1)
    world, effects = rehearsing.world, []
    world.watchers.append(effects.append)
    with outside(tier, world, brought.plan, brought.scenario.cloud) as aws, watching():
        world.start()
        aws.preflight("shop-1")
        calls = world.api.calls
        for call in range(1, calls + 1):
            KINDS[kind](world.api.calls + call).strike(rehearsing.scene)
            with pytest.raises((UserError, OperatingError, EngineKilled)):
                aws.preflight("shop-1")
        before = world.api.calls
        aws.preflight("shop-1")
        assert (world.api.calls - before, effects) == (calls, [])


# -- branches ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", Tier)
def test_a_branch_comes_out_as_a_run_with_the_same_interruption_from_the_beginning(tier):
    brought = short(tier, [BAD])
    wanted = [(call, kind) for call, kind in zip((30, 120, 200, 270, 340), KINDS, strict=True)]
    wishes = {call: [(kind, KINDS[kind](call))] for call, kind in wanted}
    told = sorted(branches(brought, wishes, facts, jobs=2))
    assert told == [(call, kind, facts(brought.run_with((KINDS[kind](call),)))) for call, kind in wanted]
    assert len({words for _, _, words in told}) == len(told)  # an interruption leaves its traces


def facts(done):
    """What tells one run from another."""
    times = [entry.at.isoformat() for entry in done.entries]
    return f"{done.rollout.end} {broken_in(done)} {done.world.api.calls} {len(times)} {times[-1]}"


def test_a_branch_that_raises_or_dies_is_told_of_and_the_others_go_on():
    brought = short(Tier.MEMORY)
    wishes = {call: [("throttle", KINDS["throttle"](call))] for call in (300, 301, 302)}
    told = {call: why for call, _, why in branches(brought, wishes, moody)}
    assert told == {300: "it raised ZeroDivisionError: division by zero", 301: "its process died", 302: ""}


def moody(done):
    (troubled,) = done.world.api.at_call
    if troubled == 300:
        return str(1 / 0)
    return os._exit(1) if troubled == 301 else ""


def test_when_the_trunk_dies_it_is_said():
    brought = replace(short(Tier.MEMORY), plant=partial(os._exit, 1))
    with pytest.raises(UserError, match="the process of the run that branches died"):
        list(branches(brought, {300: [("throttle", KINDS["throttle"](300))]}, facts))
