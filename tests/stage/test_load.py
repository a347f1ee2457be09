"""The engine's own load tests on the stage: a check asks the candidate's balancer before any user comes, a gate while a
step is held."""

import pytest

from bluegreen.journal.fold import fold
from bluegreen.journal.local import read_entries
from bluegreen.model import End
from bluegreen.report.trace import read_trace

from .conftest import DRILLS, LIMIT

pytestmark = [pytest.mark.slow, pytest.mark.drill]

LOAD = "file: loadtests/smoke.py, users: 5, spawn_rate: 5, lasts: 5s, timeout: 2m, requests_at_least: 10"
LOAD += ", reached_at_least: 1%, failures_below: 5%"
SHOP = (DRILLS / "shop.rollout.yaml").read_text()
CHECK = SHOP.replace("verify: {healthy_for: 5s}", f"verify: {{healthy_for: 5s, checks: [{{kind: locust, {LOAD}}}]}}")
GATE = SHOP.replace("gates:\n", f"gates:\n  - {{kind: locust, load: {{{LOAD}}}, again: 1h}}\n").replace(
    "  - {kind: threshold, measure: error_rate, below: 5%, periods: 1, failures: 1, min_requests: 20}\n", ""
)
BAD = (DRILLS / "bad-release.scenario.yaml").read_text().partition("faults:")[0]


@pytest.fixture
def begin(drills, tmp_path_factory):
    def begin(name, rollout, fault):
        room = tmp_path_factory.mktemp(name)
        (room / "shop.rollout.yaml").write_text(rollout)
        scenario = room / f"{name}.scenario.yaml"
        scenario.write_text(f"{BAD}faults:\n  - {fault}\nexpect: {{end: rolled back, because: locust}}\n")
        return drills.start("--scenario", str(scenario), rollout=room / "shop.rollout.yaml")

    return begin


def highest_weight(home):
    return max(sample.weights.get("green", 0.0) for sample in read_trace(home / "drill.trace.jsonl").samples)


def test_a_bad_version_is_found_by_load_before_users_come_and_by_load_in_a_step(drills, begin):
    before = begin("before", CHECK, "{kind: bad_release, error_rate: 50%}")
    within = begin("within", GATE, "{kind: bad_release, share: 50%, error_rate: 50%}")
    for drill in (before, within):
        said, _ = drill.communicate(timeout=LIMIT)
        assert drill.returncode == 0, said
    homes = {path.name.split("-")[1]: path for path in drills.room.iterdir()}
    assert highest_weight(homes["before"]) == 0, "no user was sent to it: what it was asked came from the check"
    assert highest_weight(homes["within"]) > 0, "users were on it"
    for home in homes.values():
        rollout = fold(read_entries(home / "rollout.journal"))
        assert rollout.end is End.ROLLED_BACK and "failed" in rollout.cause
