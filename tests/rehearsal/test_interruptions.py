"""Every call is interrupted in every way, one at a time. Of the longest scenario `.ci/run` tries every tenth."""

import re
from itertools import cycle

import pytest

from bluegreen.decide import rules
from bluegreen.model import End
from bluegreen.registry import kind_of
from bluegreen.windows import Windows
from sim.interruptions import KINDS, Survival, every_way, survive
from sim.material import material
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier

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
def test_the_scenario_with_the_most_calls_is_the_one_that_ci_interrupts(request):
    """Apart from those that wait for a window or for a person: there the same look comes again and again."""

    def calls(path):
        scenario = load_scenario(path)
        plan = plan_of(scenario, path, None)
        waits = plan.windows != Windows() or any(kind_of(check) == "accept" for check in plan.verify.checks)
        return 0 if waits else run(scenario, plan, 1, tier=Tier.MEMORY).world.api.calls

    known = built_in()
    longest = max(known, key=lambda name: calls(known[name]))
    assert f"--scenario {longest}" in (request.config.rootpath / ".ci" / "run").read_text()


def test_an_engine_that_gives_up_at_the_first_trouble_does_not_survive(monkeypatch):
    def touchy(plan, rollout, seen):
        if seen.trouble and not rollout.finished:
            return rules.finish(rollout, seen, End.NEEDS_OPERATOR, "something went wrong")
        return None

    monkeypatch.setattr(rules, "_lasting_trouble", touchy)
    done = count(short(Tier.MEMORY), lambda log: [(400, "throttle"), (400, "crash before")])
    assert [(fatal.kind, fatal.why) for fatal in done.fatal] == [
        ("throttle", "it ended needs operator, and without interruption succeeded")
    ]
    assert str(done) == "survived 1 of 2 interruptions"
