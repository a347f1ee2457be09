"""The engine dies at its calls, one at a time, and another engine goes on."""

import re

import pytest

from bluegreen.model import End
from sim.faults.engine_crash import EngineCrash
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of

pytestmark = pytest.mark.slow

READ = re.compile(":(Describe|List|Get)")
BAD = {"kind": "bad_release", "error_rate": "20%"}
CHANGE = {"strategy": {"kind": "canary", "share": "50%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}


def material(faults):
    path = built_in()["all-well"]
    base = load_scenario(path)
    scenario = type(base).model_validate({"about": "x", "change": CHANGE, "faults": faults})
    return scenario, plan_of(scenario, path, None)


@pytest.mark.parametrize(("faults", "end"), [([], End.SUCCEEDED), ([BAD], End.ROLLED_BACK)], ids=["good", "bad"])
def test_a_crash_at_any_change_or_among_the_reads_ends_as_without_it(faults, end):
    """Before and after every call that changes something; before every twentieth of the hundreds of reads."""
    scenario, plan = material(faults)
    log = run(scenario, plan, seed=1).world.api.log
    changes = [n for n, call in enumerate(log, 1) if not READ.search(call)]
    reads = [n for n, call in enumerate(log, 1) if READ.search(call)][::20]
    assert len(changes) > 20
    crashes = [EngineCrash(before_call=n) for n in changes + reads] + [EngineCrash(after_call=n) for n in changes]
    for crash in crashes:
        done = run(scenario.model_copy(update={"faults": (*scenario.faults, crash)}), plan, seed=1)
        assert not done.broken, (crash, done.broken)
        assert done.rollout.end is end, (crash, done.rollout)
    print(f"survived {len(crashes)} of {len(crashes)} interruptions")
